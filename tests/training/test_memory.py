"""Training in memory is the same training, without the folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from glassnet import progress, tasks
from glassnet.contract import Split, Splits
from glassnet.errors import TrainingError
from glassnet.runs import metrics_log
from glassnet.runs.folder import Run
from glassnet.training import in_memory
from glassnet.training.setup import open_fabric
from glassnet.training.train import train as train_run

CONFIG: Any = replace(
    tasks.preset("cnn", "default"), epochs=3, batch_size=40, channels=(4, 4, 4), threads=1
)
TASK = tasks.load("cnn")


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    with progress.silenced():
        yield


@pytest.fixture(scope="module")
def data() -> Splits:
    images, labels = load_digits(return_X_y=True)
    pixels = (images * 15).astype(np.uint8).reshape(-1, 8, 8)
    whole = Split(pixels, labels.astype(np.int64), np.arange(len(labels)))
    parts = (whole.take(np.arange(*ends)) for ends in ((0, 200), (200, 260), (260, 261)))
    return Splits("digits", *parts, tuple("0123456789"), "")


def test_what_is_learned_is_what_a_run_would_hold(data: Splits, tmp_path: Path) -> None:
    signature = TASK.signature(data, CONFIG)
    learned = in_memory.train(open_fabric(CONFIG), TASK, CONFIG, data, signature)
    run = Run(tmp_path, {"task": "cnn"})
    train_run(open_fabric(CONFIG), TASK, CONFIG, data, signature, run)
    weights = run.weights(run.best)
    assert set(weights) == set(learned.weights)
    assert all(torch.equal(weights[name], learned.weights[name]) for name in weights)
    assert run.info["best"] == {"epoch": learned.best_epoch, "value": learned.best_value}
    for name, values in metrics_log.read(run.metrics).items():
        np.testing.assert_allclose(values, [row[name] for row in learned.rows], rtol=1e-6)


def test_going_on_twice_is_two_epochs(data: Splits) -> None:
    """With moments kept: the weights are those of an uninterrupted run of constant rate."""
    config = replace(CONFIG, schedule="constant", rotate=0.0, scale=0.0, shift=0.0, epochs=2)
    signature = TASK.signature(data, config)
    standing, rows = None, []
    for _ in range(2):
        standing, row = in_memory.partial_fit(
            open_fabric(config), TASK, config, data.train, signature, standing
        )
        rows.append(row)
    assert standing is not None
    assert standing.epochs == 2
    twice = replace(data, valid=data.train)
    learned = in_memory.train(open_fabric(config), TASK, config, twice, signature)
    assert [row["train_loss"] for row in learned.rows] == [row["train_loss"] for row in rows]
    if learned.best_epoch == 2:
        assert all(
            torch.equal(learned.weights[name], standing.weights[name]) for name in learned.weights
        )


def test_without_moments_it_begins_anew_from_the_weights(data: Splits) -> None:
    signature = TASK.signature(data, CONFIG)
    fabric = open_fabric(CONFIG)
    first, _ = in_memory.partial_fit(fabric, TASK, CONFIG, data.train, signature, None)
    kept, _ = in_memory.partial_fit(fabric, TASK, CONFIG, data.train, signature, first)
    forgotten = replace(first, moments={})
    other, _ = in_memory.partial_fit(fabric, TASK, CONFIG, data.train, signature, forgotten)
    assert not torch.equal(kept.weights["conv1.weight"], other.weights["conv1.weight"])
    assert kept.moments.keys() == other.moments.keys()


def test_a_loss_that_is_no_number_is_an_error(data: Splits) -> None:
    config = replace(CONFIG, learning_rate=1e30, schedule="constant")
    signature = TASK.signature(data, config)
    with pytest.raises(TrainingError) as caught:
        in_memory.train(open_fabric(config), TASK, config, data, signature)
    assert len(str(caught.value).splitlines()) == 2
