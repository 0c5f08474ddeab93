"""Training in memory is the same training, without the folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from sklearn.datasets import load_digits

from glassnet import progress, tasks
from glassnet.contract import Split, Splits
from glassnet.errors import TrainingError
from glassnet.runs import metrics_log
from glassnet.runs.folder import Run
from glassnet.training import in_memory, into_run
from glassnet.training.setup import open_fabric

pytestmark = pytest.mark.slow

PRESET: Any = tasks.preset("cnn", "default")
CONFIG: Any = replace(PRESET, epochs=3, batch_size=40, channels=(4, 4, 4), threads=1)
TASK = tasks.load("cnn")


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    with progress.silenced():
        yield


@pytest.fixture
def fabric() -> Iterator[Fabric]:
    with open_fabric(CONFIG) as fabric:
        yield fabric


@pytest.fixture(scope="module")
def data() -> Splits:
    images, labels = load_digits(return_X_y=True)
    pixels = (images * 15).astype(np.uint8).reshape(-1, 8, 8)
    digits = Split(pixels, labels.astype(np.int64), np.arange(len(labels)))
    train, valid, test = (
        digits.take(np.arange(*ends)) for ends in ((0, 200), (200, 260), (260, 261))
    )
    return Splits("digits", train, valid, test, tuple("0123456789"), "")


def test_training_in_memory_gives_the_weights_of_a_run(
    fabric: Fabric, data: Splits, tmp_path: Path
) -> None:
    signature = TASK.signature(data, CONFIG)
    trained = in_memory.fit(fabric, TASK, CONFIG, data, signature)
    run = Run(tmp_path, {"task": "cnn"})
    into_run.fit(fabric, TASK, CONFIG, data, signature, run)
    weights = run.weights(run.best)
    assert set(weights) == set(trained.weights)
    assert all(torch.equal(weights[name], trained.weights[name]) for name in weights)
    assert run.info["best"] == {"epoch": trained.best_epoch, "value": trained.best_value}
    for name, values in metrics_log.read(run.metrics).items():
        np.testing.assert_allclose(values, [row[name] for row in trained.rows], rtol=1e-6)


def test_two_partial_fits_are_two_epochs(fabric: Fabric, data: Splits) -> None:
    """With moments kept: the weights are those of an uninterrupted run of constant rate."""
    config = replace(CONFIG, schedule="constant", rotate=0.0, scale=0.0, shift=0.0, epochs=2)
    signature = TASK.signature(data, config)
    state, rows = None, []
    for _ in range(2):
        state, row = in_memory.partial_fit(fabric, TASK, config, data, signature, state)
        rows.append(row)
    assert state is not None
    assert state.epochs == 2
    twice = replace(data, valid=data.train)
    trained = in_memory.fit(fabric, TASK, config, twice, signature)
    assert [row["train_loss"] for row in trained.rows] == [row["train_loss"] for row in rows]
    if trained.best_epoch == 2:
        assert all(
            torch.equal(trained.weights[name], state.weights[name]) for name in trained.weights
        )


def test_without_moments_the_optimizer_starts_anew(fabric: Fabric, data: Splits) -> None:
    signature = TASK.signature(data, CONFIG)
    first, _ = in_memory.partial_fit(fabric, TASK, CONFIG, data, signature, None)
    continued, _ = in_memory.partial_fit(fabric, TASK, CONFIG, data, signature, first)
    without_moments = replace(first, moments={})
    other, _ = in_memory.partial_fit(fabric, TASK, CONFIG, data, signature, without_moments)
    assert not torch.equal(continued.weights["conv1.weight"], other.weights["conv1.weight"])
    assert continued.moments.keys() == other.moments.keys()


def test_a_loss_that_is_not_a_number_is_refused(fabric: Fabric, data: Splits) -> None:
    config = replace(CONFIG, learning_rate=1e30, schedule="constant")
    signature = TASK.signature(data, config)
    with pytest.raises(TrainingError) as caught:
        in_memory.fit(fabric, TASK, config, data, signature)
    assert len(str(caught.value).splitlines()) == 2


def test_threads_are_restored() -> None:
    before = torch.get_num_threads()
    with open_fabric(replace(CONFIG, threads=before + 1)):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
