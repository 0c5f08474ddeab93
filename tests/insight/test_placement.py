"""Placing new points on a map by their neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.measures.placement import majority, nearest, place, placement_error


def clusters(n: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, a map and labels of three clusters; the map has two of the three features."""
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), n)
    centres = np.array([[0, 0, 5], [20, 0, 5], [0, 20, 5]], np.float32)
    features = (centres[labels] + random.normal(size=(3 * n, 3))).astype(np.float32)
    return features, features[:, [1, 0]] * 2, labels


def test_a_point_of_the_map_lands_on_itself() -> None:
    features, points, _ = clusters()
    assert place(*nearest(features, features), points) == pytest.approx(points, abs=1e-2)


def test_neighbours_are_those_of_brute_force() -> None:
    features, _, _ = clusters()
    queries = features[:7] + 0.3
    distances, positions = nearest(queries, features, 4)
    apart = np.sqrt(((queries[:, None] - features) ** 2).sum(axis=2))
    assert positions.tolist() == apart.argsort(axis=1)[:, :4].tolist()
    assert distances == pytest.approx(np.sort(apart, axis=1)[:, :4], abs=1e-3)
    assert all(
        place not in row for place, row in enumerate(nearest(features, features, own=True)[1])
    )


def test_a_new_point_lands_in_its_cluster() -> None:
    features, points, labels = clusters()
    query = np.array([[20.0, 0.4, 5.0]], np.float32)
    landed = place(*nearest(query, features), points)
    assert np.abs(landed - [[0.8, 40.0]]).max() < 2
    assert majority(landed, points, labels).tolist() == [1]


def test_the_error_is_that_of_points_left_out() -> None:
    features, points, labels = clusters()
    error = placement_error(*nearest(features, features, own=True), points, labels)
    assert 0 < error.distance < 0.05
    assert error.same_class == 1
    assert error.n == 120
    shuffled = np.random.default_rng(1).permutation(points)
    worse = placement_error(*nearest(features, features, own=True), shuffled, labels)
    assert worse.distance > 5 * error.distance
    assert worse.same_class < 0.8


def test_few_points_have_few_neighbours() -> None:
    features = np.array([[0.0], [1.0]], np.float32)
    distances, positions = nearest(features, features, own=True)
    assert positions.tolist() == [[1], [0]]
    assert distances.tolist() == [[1.0], [1.0]]
    error = placement_error(distances, positions, np.zeros((2, 2)), np.array([0, 0]))
    assert error.distance == 0
