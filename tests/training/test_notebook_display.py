"""Training in a notebook: one output that updates itself and keeps its last state."""

from __future__ import annotations

from pathlib import Path

import pytest
from digit_arrays import OPTIONS, save_digits
from notebooks import Html, Kernel, start_kernel

import glassnet as gn
from glassnet import progress
from glassnet.errors import Interrupted
from glassnet.training import notebook_display
from glassnet.training.hooks import Hook, Stopped
from glassnet.training.state import TrainingState

Capture = pytest.CaptureFixture[str]


class StopAt(Hook):
    """Raises an error after a step."""

    def __init__(self, step: int, error: type[BaseException]) -> None:
        self.step, self.error = step, error

    def after_step(self, state: TrainingState) -> None:
        if state.step == self.step:
            raise self.error


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    monkeypatch.setattr(notebook_display, "INTERVAL", 0.0)
    return start_kernel(monkeypatch)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_digits(tmp_path_factory.mktemp("data") / "digits.npz"))


def train(digits: str, runs: Path, *hooks: Hook, evaluate: bool = False) -> gn.TrainedRun:
    return gn.train("cnn", data=digits, runs=runs, hooks=hooks, evaluate=evaluate, **OPTIONS)


def test_training_is_one_output_that_ends_finished(
    kernel: Kernel, digits: str, tmp_path: Path, capsys: Capture
) -> None:
    run = train(digits, tmp_path)
    assert capsys.readouterr().err == ""
    (states,) = kernel.outputs
    assert len(states) > 6
    first, middle, last = (Html(states[index]["text/html"]) for index in (0, 4, -1))
    assert first.text.startswith("cnn-digits: epoch 1 of 3")
    assert middle.images, "the training curve moves within the first epoch"
    assert last.text.startswith("cnn-digits: trained for 3 of 3 epochs")
    loss, accuracy = (alternative for alternative, _ in last.images)
    metrics = run.metrics
    for split in ("train", "valid"):
        for shown, name, factor in ((loss, "loss", 1), (accuracy, "accuracy", 100)):
            column = factor * metrics[f"{split}_{name}"]
            assert f"{split} from {column[0]:.4g} to {column[-1]:.4g}" in shown
    assert f"{100 * metrics['valid_accuracy'][-1]:.2f} %" in last.text
    assert states[-1]["text/plain"].startswith("cnn-digits: trained for 3 of 3 epochs, ")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_the_last_state_stays_after_an_error(
    kernel: Kernel, digits: str, tmp_path: Path, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        train(digits, tmp_path, StopAt(8, error))
    (states,) = kernel.outputs
    last = Html(states[-1]["text/html"])
    assert last.text.startswith("cnn-digits: stopped in epoch 2 of 3")
    assert len(last.images) == 2


def test_resumed_training_shows_the_epochs_before(
    kernel: Kernel, digits: str, tmp_path: Path
) -> None:
    with pytest.raises(Interrupted):
        train(digits, tmp_path, StopAt(8, Stopped))
    run = gn.resume(gn.load(tmp_path / "cnn-digits").run, evaluate=False)
    first = Html(kernel.outputs[1][0]["text/html"])
    loss = run.metrics["train_loss"]
    assert first.images[0][0].startswith(f"loss by epoch: train from {loss[0]:.4g} to ")


def test_updates_wait_for_each_other(
    kernel: Kernel, digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook_display, "INTERVAL", 1000.0)
    train(digits, tmp_path)
    (states,) = kernel.outputs
    assert len(states) == 2


def test_silence_and_other_places_show_nothing(
    kernel: Kernel, digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with progress.silenced():
        train(digits, tmp_path)
    monkeypatch.delattr(kernel, "kernel")  # IPython in a terminal
    train(digits, tmp_path)
    assert kernel.outputs == []
    assert "epoch 3/3   train loss" in capsys.readouterr().err
