"""demo."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from calls import Capture, done
from generators import generator

import glassnet as gn
from glassnet import progress
from glassnet.api import verbs
from glassnet.cli import demo
from glassnet.parallel import VARIABLE
from glassnet.runs.folder import Run

pytestmark = pytest.mark.usefixtures("here")

Small = dict[str, gn.TrainedRun]

IMAGES = [
    "cnn on mnist: training and test",
    "cnn: explaining what it has learned",
    "vae on mnist: training and test",
    "vae: explaining what it has learned",
]


@pytest.fixture
def calls() -> list[tuple[str, str]]:
    """The tasks that this process trains, with their presets."""
    return []


@pytest.fixture
def small(
    calls: list[tuple[str, str]],
    digits: str,
    trained_folder: Path,
    text_folder: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Small:
    """Small networks that this process trains and explains in no time, by task."""
    runs = tmp_path / "runs"
    made = {
        "cnn": gn.load(shutil.copytree(trained_folder, runs / trained_folder.name)),
        "vae": generator("plain", runs, tmp_path_factory),
        "lstm": gn.load(shutil.copytree(text_folder, runs / text_folder.name)),
    }

    def train(task: str, *, preset: str, **overrides: Any) -> gn.TrainedRun:
        calls.append((task, preset))
        return made[task]

    monkeypatch.setattr(verbs, "train", train)
    monkeypatch.setattr(gn.TrainedRun, "explain", lambda self, **options: {})
    return made


def numbered(lines: list[str], stages: int) -> list[str]:
    return [f"{place}/{stages}  {line}" for place, line in enumerate(lines, 1)]


def check_report(out: str, runs: list[Run]) -> None:
    page = Path(out.splitlines()[-1].removeprefix("report: ")).read_text(encoding="utf-8")
    for run in runs:
        assert str(run.path) in out
        assert run.name in page


def test_one_core_trains_three_networks_in_turn(
    small: Small,
    calls: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    out, err = done(capsys, "demo", "--runs", "runs")
    assert calls == [("cnn", "quick"), ("vae", "quick"), ("lstm", "default")]
    texts = [
        "lstm on movie-snippets: training and test",
        "lstm: explaining what it has learned",
        "report",
    ]
    assert err.splitlines() == numbered([*IMAGES, *texts], 7)
    check_report(out, [each.run for each in small.values()])


def test_a_second_process_trains_the_text_classifier(
    small: Small, reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv(VARIABLE, "2")
    texts = ("lstm", "default", {"data": str(reviews), "epochs": 1, "device": "cpu"})
    monkeypatch.setattr(demo, "TRAININGS", (*demo.TRAININGS[:2], texts))
    monkeypatch.setattr(progress, "INTERVAL", 3600.0)  # no line of progress on a slow machine
    out, err = done(capsys, "demo", "--runs", tmp_path / "made")
    meanwhile = f"lstm on {reviews}: training and explaining in a second process meanwhile"
    assert err.splitlines() == [meanwhile, *numbered([*IMAGES, "report"], 5)]
    (run,) = map(Run.open, (tmp_path / "made").glob("lstm-*"))
    assert run.info["epochs_done"] == 1
    assert any(run.findings.iterdir())
    check_report(out, [small["cnn"].run, small["vae"].run, run])


def test_what_the_second_process_cannot_do_this_one_does(
    small: Small, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv(VARIABLE, "2")
    texts = ("lstm", "default", {"data": "missing.csv"})
    monkeypatch.setattr(demo, "TRAININGS", (*demo.TRAININGS[:2], texts))
    out, err = done(capsys, "demo", "--runs", "runs")
    assert err.splitlines()[-3:] == [
        "5/7  lstm on missing.csv: training and test",
        "6/7  lstm: explaining what it has learned",
        "7/7  report",
    ]
    check_report(out, [each.run for each in small.values()])
