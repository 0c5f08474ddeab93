"""The way from `glassnet train` to the optimizer, by the functions that are called."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from calls import Capture, done

from glassnet.contract import StepResult
from glassnet.training.state import TrainingState

FRAMEWORK = ("__main__.py", "cli/__init__.py", "cli/options.py")
"""Files that parse the command line and then call the command."""


def functions_of_glassnet() -> list[str]:
    """The functions that are running, as `file:function`, after the command line is parsed."""
    frames = [
        (frame.filename.rpartition("/src/glassnet/")[2], frame.name)
        for frame in traceback.extract_stack()
        if "/src/glassnet/" in frame.filename
    ]
    return [f"{file}:{name}" for file, name in frames if file not in FRAMEWORK]


def test_the_first_step_of_the_optimizer_is_four_calls_away(
    digits: str, here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    way: list[list[str]] = []
    record = TrainingState.record_step

    def record_step(state: TrainingState, result: StepResult) -> None:
        way.append(functions_of_glassnet())
        record(state, result)

    monkeypatch.setattr(TrainingState, "record_step", record_step)
    options = ("--epochs", "1", "--channels", "2,2,2", "--threads", "1", "--no-test", "--quiet")
    done(capsys, "train", "cnn", "--data", digits, *options)
    names = [name for name in way[0] if "<lambda>" not in name]
    assert names == [
        "cli/train.py:_train",
        "api/verbs.py:train",
        "training/into_run.py:fit",
        "training/loop.py:fit",
        "training/loop.py:train_epoch",
    ]
