"""steps.csv: rows within epochs, for whoever watches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import glassnet as gn
from glassnet.api import verbs
from glassnet.runs import step_rows
from glassnet.runs.folder import Run
from glassnet.training import step_log
from glassnet.training.hooks import Hook
from glassnet.training.state import TrainingState


def test_rows_are_read_as_they_were_appended(tmp_path: Path) -> None:
    path, rows = (
        tmp_path / "steps.csv",
        [{"step": k, "epochs": k / 7, "loss": 1 / k} for k in (1, 2)],
    )
    for row in rows:
        step_rows.append(path, row)
    read = step_rows.read(path)
    assert [row["step"] for row in read] == [1, 2]
    assert read[1]["epochs"] == pytest.approx(2 / 7, rel=1e-5)
    assert step_rows.encoded(rows) == path.read_text()


@pytest.mark.parametrize("rest", ["3,0.4", "3,0.4,x\n", "nan,1,1\n", "3,1\n", "\x00\n"])
def test_rows_that_are_damaged_are_left_out(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "steps.csv"
    path.write_text("step,epochs,loss\n1,0.1,2\n2,0.2,1\n" + rest)
    assert [row["step"] for row in step_rows.read(path)] == [1, 2]


def test_no_file_has_no_rows(tmp_path: Path) -> None:
    assert step_rows.read(tmp_path / "steps.csv") == []
    (tmp_path / "steps.csv").write_bytes(b"\xff\xfe\n")
    assert step_rows.read(tmp_path / "steps.csv") == []


class StopAt(Hook):
    def __init__(self, step: int) -> None:
        self.step = step

    def after_step(self, state: TrainingState) -> None:
        if state.step == self.step:
            raise KeyboardInterrupt


def test_a_resumed_training_goes_on_where_it_was_saved(
    digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps after the last checkpoint are done again, and logged once."""
    monkeypatch.setattr(step_log, "INTERVAL", 0)
    options: dict[str, Any] = {"data": digits, "epochs": 2, "batch_size": 100, "threads": 1}
    with pytest.raises(KeyboardInterrupt):
        gn.train(
            "cnn", runs=tmp_path, hooks=[StopAt(15)], evaluate=False, channels=(4, 8, 8), **options
        )
    run = Run.open(tmp_path / "cnn-digits")
    assert [row["step"] for row in step_rows.read(run.steps)] == list(range(1, 16))
    verbs.resume(run, evaluate=False)
    rows = step_rows.read(run.steps)
    assert [row["step"] for row in rows] == list(range(1, 23))
    assert rows[-1]["epochs"] == 2
    assert {"loss", "accuracy"} <= set(rows[0])


class RemoveLog(Hook):
    """Puts a folder in the place of steps.csv, which can then not be written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def after_step(self, state: TrainingState) -> None:
        if state.step == 2:
            path = self.root / "cnn-digits" / "steps.csv"
            path.unlink()
            path.mkdir()


def test_a_log_that_cannot_be_written_costs_no_training(
    digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_log, "INTERVAL", 0)
    options: dict[str, Any] = {"data": digits, "epochs": 1, "batch_size": 200, "threads": 1}
    options |= {"hooks": [RemoveLog(tmp_path)], "channels": (4, 8, 8)}
    run = gn.train("cnn", runs=tmp_path, evaluate=False, **options).run
    assert run.info["status"] == "trained"
    assert step_rows.read(run.steps) == []
