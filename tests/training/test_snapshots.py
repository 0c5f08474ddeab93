"""Weights that are kept along the way: of which epochs, and that they are those."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

import glassnet as gn
from glassnet.config import TrainingConfig
from glassnet.errors import Interrupted, RunError
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run, all_runs
from glassnet.training.checkpoint_hook import snapshot_epochs
from glassnet.training.hooks import Hook, Stopped
from glassnet.training.state import TrainingState

OPTIONS: dict[str, Any] = {
    "data": "digits",
    "epochs": 6,
    "batch_size": 400,
    "network": "perceptron",
    "hidden_size": 8,
    "latent_dim": 2,
    "device": "cpu",
    "threads": 1,
}
"""Six short epochs of a network that need not be good."""


def chosen(epochs: int, snapshots: int) -> list[int]:
    return sorted(snapshot_epochs(TrainingConfig(epochs=epochs, snapshots=snapshots)))


@given(st.integers(1, 5000), st.integers(2, 1000))
@settings(max_examples=200)
def test_they_reach_from_the_untrained_to_the_last_epoch(epochs: int, snapshots: int) -> None:
    found = chosen(epochs, snapshots)
    assert found[0] == 0
    assert found[-1] == epochs
    assert len(found) == min(snapshots, epochs + 1), "as many as were asked for, or all there are"
    gaps = np.diff(found)
    # Dense early: a later gap is shorter than an earlier one by rounding alone.
    assert (gaps[1:] - np.maximum.accumulate(gaps)[:-1] >= -1).all()


@given(st.integers(1, 5000))
@settings(max_examples=50)
def test_one_is_the_untrained_network_and_none_is_none(epochs: int) -> None:
    assert chosen(epochs, 1) == [0]
    assert chosen(epochs, 0) == []


def test_a_short_training_has_a_snapshot_of_every_epoch() -> None:
    assert chosen(3, 10) == [0, 1, 2, 3]
    assert chosen(9, 10) == list(range(10))


def test_the_default_is_ten_snapshots_in_fifty_epochs() -> None:
    assert chosen(50, TrainingConfig().snapshots) == [0, 1, 2, 3, 5, 8, 13, 20, 32, 50]


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)


def in_single_precision(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name: value.float() if value.dtype == torch.float16 else value
        for name, value in weights.items()
    }


class Diary(Hook):
    """The weights that validation saw, by epoch."""

    def __init__(self) -> None:
        self.weights: dict[int, dict[str, torch.Tensor]] = {}

    def before_training(self, state: TrainingState) -> None:
        self.after_epoch(state, {})

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:
        weights = state.evaluated.state_dict()
        self.weights[state.epoch] = {name: value.clone() for name, value in weights.items()}


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_the_files_hold_the_weights_of_their_epochs(
    ema_decay: float, digits: str, tmp_path: Path
) -> None:
    diary = Diary()
    options = OPTIONS | {"snapshots": 4, "ema_decay": ema_decay}
    run = gn.train("vae", runs=tmp_path, evaluate=False, hooks=[diary], **options)
    assert run.run.snapshots == run.evidence.networks.snapshots == tuple(chosen(6, 4))
    assert len(run.run.snapshots) == 4
    assert {path.name for path in run.run.best.parent.iterdir()} == {
        "best.safetensors",
        "last.safetensors",
        "previous.safetensors",
        *(f"epoch-{epoch:04d}.safetensors" for epoch in run.run.snapshots),
    }
    for epoch in run.run.snapshots:
        saved = checkpoint.load(run.run.snapshot(epoch))
        assert saved["epoch"] == epoch
        network = run.evidence.networks.network_at(epoch)
        assert same(saved["network"], checkpoint.in_half_precision(diary.weights[epoch]))
        if epoch < 6:  # the best epoch has its exact weights from best.safetensors
            assert same(network.state_dict(), in_single_precision(saved["network"]))
        assert not network.training
        assert not any(parameter.requires_grad for parameter in network.parameters())
    assert not same(diary.weights[0], diary.weights[6])
    # The last epoch was the best one, as it is early in training.
    assert run.model.best_epoch == 6
    # The prior is fitted to the best weights.
    trained = [run.model.network.state_dict(), diary.weights[6]]
    first, second = (
        {name: value for name, value in weights.items() if not name.startswith("prior.")}
        for weights in trained
    )
    assert same(first, second)


def test_no_snapshots_without_the_option(digits: str, tmp_path: Path) -> None:
    run = gn.train("vae", runs=tmp_path, evaluate=False, **OPTIONS | {"snapshots": 0, "epochs": 1})
    assert run.run.snapshots == ()
    assert len(list(run.run.best.parent.iterdir())) == 2


def test_an_epoch_without_a_snapshot_is_an_error(digits: str, tmp_path: Path) -> None:
    run = gn.train("vae", runs=tmp_path, evaluate=False, **OPTIONS | {"snapshots": 2, "epochs": 3})
    assert run.evidence.networks.snapshots == (0, 3)
    with pytest.raises(RunError, match=r"epoch-0001\.safetensors") as caught:
        run.evidence.networks.network_at(1)
    assert len(str(caught.value).splitlines()) == 2


def test_resuming_leaves_existing_snapshots_and_adds_the_rest(digits: str, tmp_path: Path) -> None:
    """Stopped within the fourth epoch: what is there stays, byte for byte."""
    options = OPTIONS | {"snapshots": 4}
    whole = gn.train("vae", runs=tmp_path / "whole", evaluate=False, **options).run

    class Stop(Hook):
        def after_step(self, state: TrainingState) -> None:
            if state.step == 10:
                raise Stopped

    with pytest.raises(Interrupted):
        gn.train("vae", runs=tmp_path / "stopped", hooks=[Stop()], **options)
    (stopped,) = all_runs(tmp_path / "stopped")
    assert stopped.snapshots == tuple(epoch for epoch in whole.snapshots if epoch <= 3)
    written = {epoch: stopped.snapshot(epoch).stat().st_mtime_ns for epoch in stopped.snapshots}
    gn.resume(Run.open(stopped.path), evaluate=False)
    assert stopped.snapshots == whole.snapshots
    for epoch in whole.snapshots:
        assert stopped.snapshot(epoch).read_bytes() == whole.snapshot(epoch).read_bytes()
    for epoch, moment in written.items():
        assert stopped.snapshot(epoch).stat().st_mtime_ns == moment
