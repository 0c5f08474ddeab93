from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.measures.neighbour_accuracy import NeighbourAccuracy, neighbour_accuracy
from glassnet.stats.intervals import wilson

RNG = np.random.default_rng(0)


def brute_force(features: np.ndarray, labels: np.ndarray, n_neighbors: int, folds: int) -> float:
    """Compare every point with every point of the other folds, one by one."""
    from sklearn.model_selection import StratifiedKFold

    hits = 0
    cut = StratifiedKFold(folds, shuffle=True, random_state=0)
    for fit, test in cut.split(features, labels):
        for point in test:
            distances = [((features[point] - features[other]) ** 2).sum() for other in fit]
            nearest = fit[np.argsort(distances)[:n_neighbors]]
            hits += int(np.bincount(labels[nearest]).argmax() == labels[point])
    return hits / len(labels)


@pytest.mark.parametrize("n_neighbors", [1, 3, 10])
def test_it_equals_brute_force(n_neighbors: int) -> None:
    labels = RNG.integers(0, 3, 60)
    features = RNG.normal(size=(60, 4)) + labels[:, None]
    found = neighbour_accuracy(features, labels, n_neighbors=n_neighbors)
    assert found.accuracy == brute_force(features, labels, n_neighbors, 5)
    assert (found.n, found.dimensions) == (60, 4)
    assert found.interval == wilson(found.hits, 60)


def test_separate_classes_are_recognised_and_shuffled_labels_are_at_chance() -> None:
    labels = np.repeat(np.arange(4), 100)
    features = RNG.normal(size=(400, 5)) + 20 * np.eye(4, 5)[labels]
    assert neighbour_accuracy(features, labels).accuracy == 1.0
    shuffled = neighbour_accuracy(features, RNG.permutation(labels)).accuracy
    assert shuffled == pytest.approx(0.25, abs=0.08)


def test_a_point_is_never_its_own_neighbour() -> None:
    """Every point has one of another class right beside it."""
    features = np.repeat(np.arange(40.0) * 100, 2)[:, None] + np.tile([0.0, 1.0], 40)[:, None]
    labels = np.tile([0, 1], 40)
    assert neighbour_accuracy(features, labels, n_neighbors=1, n_folds=80).accuracy < 0.6


@pytest.mark.parametrize(
    "labels",
    [np.array([0, 1] * 3), np.repeat([0, 1], [18, 2]), np.array([3] * 10 + [7] * 10)],
    ids=["six points", "two of a class", "numbers with gaps"],
)
def test_few_points_give_an_accuracy(labels: np.ndarray) -> None:
    features = labels[:, None] * 10.0 + RNG.normal(size=(len(labels), 2))
    assert 0 <= neighbour_accuracy(features, labels).accuracy <= 1


@pytest.mark.parametrize(
    "labels", [np.repeat([0, 1], [19, 1]), np.zeros(20, np.int64)], ids=["one alone", "one class"]
)
def test_a_class_with_one_example_and_a_single_class_give_an_accuracy(labels: np.ndarray) -> None:
    found = neighbour_accuracy(RNG.normal(size=(20, 2)), labels)
    assert found.accuracy == np.unique(labels, return_counts=True)[1].max() / 20


def test_it_is_deterministic_and_survives_the_cache() -> None:
    labels = RNG.integers(0, 3, 90)
    features = RNG.normal(size=(90, 4)) + labels[:, None]
    first = neighbour_accuracy(features, labels, seed=3)
    for again in (
        neighbour_accuracy(features, labels, seed=3),
        NeighbourAccuracy.from_arrays(first.arrays()),
    ):
        np.testing.assert_array_equal(again.correct, first.correct)
        assert (again.dimensions, again.n_neighbors) == (first.dimensions, first.n_neighbors)


def test_few_points_have_fewer_neighbours_and_the_name_says_so() -> None:
    points = np.arange(4.0)[:, np.newaxis]
    few = neighbour_accuracy(points, np.array([0, 0, 1, 2]))
    assert (few.n_neighbors, few.method) == (3, "3-NN")
    many = neighbour_accuracy(np.arange(40.0)[:, np.newaxis], np.arange(40) % 2)
    assert many.method == "10-NN"
    assert NeighbourAccuracy.from_arrays(few.arrays()).n_neighbors == 3
