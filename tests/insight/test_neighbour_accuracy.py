from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.measures.neighbour_accuracy import Separability, neighbour_accuracy
from glassnet.stats.intervals import wilson

RNG = np.random.default_rng(0)


def by_hand(features: np.ndarray, labels: np.ndarray, neighbours: int, folds: int) -> float:
    """Every held-out point against every point of the other folds, one by one."""
    from sklearn.model_selection import StratifiedKFold

    right = 0
    cut = StratifiedKFold(folds, shuffle=True, random_state=0)
    for known, asked in cut.split(features, labels):
        for point in asked:
            distances = [((features[point] - features[other]) ** 2).sum() for other in known]
            nearest = known[np.argsort(distances)[:neighbours]]
            right += int(np.bincount(labels[nearest]).argmax() == labels[point])
    return right / len(labels)


@pytest.mark.parametrize("neighbours", [1, 3, 10])
def test_it_is_what_brute_force_says(neighbours: int) -> None:
    labels = RNG.integers(0, 3, 60)
    features = RNG.normal(size=(60, 4)) + labels[:, None]
    found = neighbour_accuracy(features, labels, neighbours=neighbours)
    assert found.accuracy == by_hand(features, labels, neighbours, 5)
    assert (found.n, found.dimensions) == (60, 4)
    assert (found.low, found.high) == wilson(round(found.accuracy * 60), 60)


def test_classes_apart_are_told_apart_and_shuffled_ones_by_chance() -> None:
    labels = np.repeat(np.arange(4), 100)
    features = RNG.normal(size=(400, 5)) + 20 * np.eye(4, 5)[labels]
    assert neighbour_accuracy(features, labels).accuracy == 1.0
    shuffled = neighbour_accuracy(features, RNG.permutation(labels)).accuracy
    assert shuffled == pytest.approx(0.25, abs=0.08)


def test_a_point_is_never_judged_by_itself() -> None:
    """Every point has a twin of another class beside it: whoever looks at itself is right."""
    features = np.repeat(np.arange(40.0) * 100, 2)[:, None] + np.tile([0.0, 1.0], 40)[:, None]
    labels = np.tile([0, 1], 40)
    assert neighbour_accuracy(features, labels, neighbours=1, folds=80).accuracy < 0.6


@pytest.mark.parametrize(
    "labels",
    [np.array([0, 1] * 3), np.repeat([0, 1], [18, 2]), np.array([3] * 10 + [7] * 10)],
    ids=["six points", "two of a class", "numbers with gaps"],
)
def test_few_points(labels: np.ndarray) -> None:
    features = labels[:, None] * 10.0 + RNG.normal(size=(len(labels), 2))
    assert 0 <= neighbour_accuracy(features, labels).accuracy <= 1


@pytest.mark.parametrize(
    "labels", [np.repeat([0, 1], [19, 1]), np.zeros(20, np.int64)], ids=["one alone", "one class"]
)
def test_a_class_with_one_example_and_a_single_class(labels: np.ndarray) -> None:
    """Small test sets of the user's own have these; the number is still one."""
    found = neighbour_accuracy(RNG.normal(size=(20, 2)), labels)
    assert found.accuracy >= 0.9


def test_it_is_the_same_every_time_and_survives_being_kept() -> None:
    labels = RNG.integers(0, 3, 90)
    features = RNG.normal(size=(90, 4)) + labels[:, None]
    first = neighbour_accuracy(features, labels, seed=3)
    assert neighbour_accuracy(features, labels, seed=3) == first
    assert Separability.of(first.arrays()) == first
