"""Whatever task is found: it trains, is saved, goes on, and can be looked into."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from run_copies import copy_run

import glassnet as gn
from glassnet import findings, tasks
from glassnet.errors import Interrupted
from glassnet.inference.activations import capture
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run, all_runs
from glassnet.training.hooks import StopOnInterrupt

pytestmark = pytest.mark.parametrize("name", tasks.names())


LIGHT: dict[str, dict[str, Any]] = {
    "vae": {"nll_samples": 20, "nll_examples": 10},
    "lstm": {"embedding_dim": 8, "hidden_size": 8},
}
"""What keeps a task's network or its measurements small."""

READS_TEXTS = {"lstm"}

COMPARED = {"vae": 500, "lstm": 301}
"""Examples that an export is compared on, if not the test images: 250 codes of test images and 250
from the prior; 300 test texts and one without words."""


_trained: dict[str, Path] = {}


@pytest.fixture
def overrides(name: str, digits: str, reviews: Path) -> dict[str, Any]:
    """Two epochs of two steps on a small data set."""
    data = str(reviews) if name in READS_TEXTS else digits
    small = {"data": data, "epochs": 2, "batch_size": 600, "device": "cpu", "threads": 1}
    return small | LIGHT.get(name, {})


@pytest.fixture
def run(
    name: str,
    overrides: dict[str, Any],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> gn.TrainedRun:
    """A copy of a finished run, trained once for all tests."""
    if name not in _trained:
        _trained[name] = gn.train(name, runs=tmp_path_factory.mktemp(name), **overrides).path
    return gn.load(copy_run(_trained[name], tmp_path))


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, field.name), getattr(other, field.name))
            for field in dataclasses.fields(one)
        )
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def test_it_trains_and_is_saved(name: str, run: gn.TrainedRun) -> None:
    assert run.run.info["status"] == "finished"
    assert run.run.info["task"] == name
    assert checkpoint.load(run.run.last)["counters"]["step"] == 4
    assert len(run.metrics["epoch"]) == 2
    task = tasks.load(name)
    assert {f"{split}_{task.metrics[0].name}" for split in ("train", "valid")} <= set(run.metrics)
    test = run.results["test"]
    assert test["n"] == 300
    low, high = test["interval"]
    assert low <= test[test["headline"]] <= high
    assert test["sentence"]
    assert all(len(row) == 3 for row in test["numbers"])
    assert run.evidence.networks.snapshots == (0, 1, 2)


def test_it_is_loaded_with_the_same_outputs(run: gn.TrainedRun, name: str) -> None:
    inputs = run.data.splits.test.inputs[:20]
    again = gn.load(run.path)
    outputs = run.outputs(inputs)
    assert set(outputs) == tasks.load(name).outputs
    for reply, values in again.outputs(inputs).items():
        np.testing.assert_array_equal(values, outputs[reply])
    assert again.results == run.results


def test_it_goes_on_from_a_stop(
    name: str,
    run: gn.TrainedRun,
    overrides: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = run.run
    with monkeypatch.context() as patch:
        always = property(lambda self: True, lambda self, value: None)
        patch.setattr(StopOnInterrupt, "requested", always, raising=False)
        with pytest.raises(Interrupted):
            gn.train(name, runs=tmp_path / "stopped", **overrides)
    (stopped,) = all_runs(tmp_path / "stopped")
    assert checkpoint.load(stopped.last)["counters"]["step"] == 1
    gn.resume(Run.open(stopped.path), evaluate=False)
    for path in (whole.best, whole.last, whole.metrics):
        other = stopped.path / path.relative_to(whole.path)
        assert other.read_bytes() == path.read_bytes(), path.name


def test_its_layers_can_be_captured(name: str, run: gn.TrainedRun) -> None:
    task = tasks.load(name)
    with capture(run.model.network, task.layers) as observed, torch.inference_mode():
        run.model.forward(run.data.example_input)
    assert set(observed) == set(task.layers)
    assert all(len(values) == 1 and torch.isfinite(values).all() for values in observed.values())


def test_its_network_is_exported(name: str, run: gn.TrainedRun, tmp_path: Path) -> None:
    info = run.export(tmp_path / "model.onnx")
    assert info.task == name
    assert info.parity["examples"] == COMPARED.get(name, len(run.data.test))
    assert info.parity["max_differences"]
    assert (tmp_path / "model.onnx").stat().st_size > 1000


def test_it_explains_itself(name: str, run: gn.TrainedRun, undrawn: list[str]) -> None:
    made = run.explain(points=40, methods=["pca"])
    stored = findings.load_all(run.run.findings)
    assert set(stored) == set(made)
    assert all(same(stored[key], made[key]) for key in made)
    shown = {key: record for key, record in made.items() if isinstance(record, findings.Finding)}
    assert sorted(undrawn) == sorted(shown)
    for record in shown.values():
        assert record.section in findings.SECTIONS
        assert record.provenance.run == run.run.name
        assert record.provenance.command.startswith(f"glassnet explain {run.run.name} ")
        assert record.title
        assert not record.title.endswith(".")
        assert record.summary.endswith(".")
