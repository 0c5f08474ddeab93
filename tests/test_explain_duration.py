"""How long `explain` is expected to take: the measured default, and what the estimate follows."""

from __future__ import annotations

import os
from typing import Any

import pytest

from glassnet import tasks
from glassnet.contract import ExplainOptions
from glassnet.explain.duration import estimate, in_words


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0), raising=False)


def seconds(
    task: str = "cnn",
    points: int = 5_000,
    layers: int = 3,
    cross_validation: bool = False,
    **changes: Any,
) -> float:
    data = {"train": 55_000, "valid": 5_000, "test": 10_000}
    info = {"data": data, "seconds": {"train": 200.0}, "epochs_done": 8} | changes
    names = tuple(f"layer{k}" for k in range(layers))
    options = ExplainOptions(names, points=points, cross_validation=cross_validation)
    return estimate(tasks.load(task), info, options)


def test_the_default_on_mnist_is_near_the_150_seconds_of_the_shares() -> None:
    assert 120 < seconds() < 180


def test_more_layers_points_and_training_take_longer() -> None:
    assert seconds(layers=2) < seconds()
    assert seconds(points=500) < seconds()
    assert seconds(seconds={"train": 20.0}) < seconds()
    few = {"train": 80, "valid": 10, "test": 10}
    assert seconds(data=few, seconds={"train": 0.1}) < seconds() / 2


def test_a_cross_validation_takes_four_trainings() -> None:
    images = 15 + 1 / 8 * 200  # linear models, and two networks on half of the images for an epoch
    assert seconds(cross_validation=True) == pytest.approx(seconds() + 4 * 200 - images)
    assert seconds("lstm", cross_validation=True) == pytest.approx(
        seconds("lstm") + (4 - 0.5 / 8) * 200
    )


def test_linear_models_of_texts_take_longer_where_an_epoch_does() -> None:
    assert seconds("lstm", epochs_done=2) > seconds("lstm", epochs_done=8)


def test_every_task_has_an_estimate() -> None:
    assert all(10 < seconds(task) < 600 for task in tasks.names())


def test_other_processes_count(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = seconds()
    monkeypatch.setattr(os, "getloadavg", lambda: (3.0 * (os.cpu_count() or 1), 0.0, 0.0))
    assert seconds() == pytest.approx(3 * alone)


def test_durations_are_rounded() -> None:
    assert [in_words(each) for each in (0, 14, 94, 96, 3_600)] == [
        "about 10 s",
        "about 10 s",
        "about 90 s",
        "about 2 min",
        "about 60 min",
    ]
