"""The hook that follows the layers: it changes nothing, and takes a small part of the time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import glassnet as gn
from glassnet.explain import live_layers
from glassnet.runs import step_rows
from glassnet.runs.folder import Run

SMALL: dict[str, Any] = {
    "channels": [4, 4, 4],
    "epochs": 2,
    "batch_size": 100,
    "device": "cpu",
    "threads": 1,
}


def train(digits: str, folder: Path, **options: Any) -> Run:
    return gn.train("cnn", data=digits, runs=folder, evaluate=False, **SMALL, **options).run


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure after every step."""
    monkeypatch.setattr(live_layers, "SHARE", float("inf"))
    monkeypatch.setattr(live_layers, "MIN_INTERVAL", 0.0)


def test_training_is_the_same_with_and_without(digits: str, tmp_path: Path, always: None) -> None:
    watched = train(digits, tmp_path / "with", live_layers=True)
    alone = train(digits, tmp_path / "without")
    assert not (alone.path / "live").exists()
    assert watched.metrics.read_bytes() == alone.metrics.read_bytes()
    for one, other in ((watched.best, alone.best), (watched.last, alone.last)):
        assert one.read_bytes() == other.read_bytes()
    rows = step_rows.read(watched.live_probes)
    n_steps = int(watched.read_metrics()["step"][-1])
    assert len(rows) >= n_steps
    assert set(rows[0]) == {"step", "epochs", "pool1", "pool2", "output"}
    assert all(0 <= value <= 1 for row in rows for value in list(row.values())[2:])
    assert rows[-1]["output"] > rows[0]["output"]
    newest = json.loads(watched.live_map.read_text())
    assert len(newest["points"]) == len(newest["labels"]) == watched.info["data"]["valid"]
    assert newest["layer"] == "output"
    assert watched.info["seconds"]["live_layers"] > 0


def test_a_generator_draws_the_same_noise(digits: str, tmp_path: Path, always: None) -> None:
    options: dict[str, Any] = {"epochs": 1, "batch_size": 100, "device": "cpu", "threads": 1}
    runs = [
        gn.train("vae", data=digits, runs=tmp_path, evaluate=False, live_layers=live, **options).run
        for live in (True, False)
    ]
    assert runs[0].metrics.read_bytes() == runs[1].metrics.read_bytes()
    assert runs[0].best.read_bytes() == runs[1].best.read_bytes()
    assert len(step_rows.read(runs[0].live_probes)) > 1


def test_it_waits_until_it_is_a_small_part(
    digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_layers, "FIRST_SECONDS", 1e6)
    run = train(digits, tmp_path, live_layers=True)
    assert step_rows.read(run.live_probes) == []
    assert "live_layers" not in run.info["seconds"]


def test_its_failure_costs_no_training(
    digits: str, tmp_path: Path, always: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise ValueError("no probe today")

    monkeypatch.setattr(live_layers, "activations", fail)
    assert train(digits, tmp_path, live_layers=True).info["status"] == "trained"
