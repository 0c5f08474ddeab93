from __future__ import annotations

import warnings

import numpy as np
import pytest

from glassnet.insight.measures import projections
from glassnet.insight.measures.projection_quality import (
    N_NEIGHBORS,
    STABILITY_POINTS,
    ProjectionQuality,
    Score,
    projection_quality,
    stability,
)

RNG = np.random.default_rng(0)
CLOUD = RNG.normal(size=(400, 12))
PROJECTION = CLOUD[:, :2] + 0.2 * RNG.normal(size=(400, 2))


def of(features: np.ndarray, points: np.ndarray) -> ProjectionQuality:
    [found] = projection_quality(features, [points])
    return found


def test_the_interval_of_a_score_ends_at_0_and_1() -> None:
    half = 1.96 * np.std([0.5, *[0.0] * 9]) / np.sqrt(10)
    low, high = Score.of(np.array([0.5, *[0.0] * 9])), Score.of(np.array([0.5, *[1.0] * 9]))
    assert (low.low, low.high) == (0, pytest.approx(0.05 + half))
    assert (high.low, high.high) == (pytest.approx(0.95 - half), 1)


@pytest.mark.parametrize("n", [23, 100, 400])
def test_it_equals_scikit_learns_trustworthiness_both_ways(n: int) -> None:
    from sklearn.manifold import trustworthiness

    found = of(CLOUD[:n], PROJECTION[:n])
    there = trustworthiness(CLOUD[:n], PROJECTION[:n], n_neighbors=N_NEIGHBORS)
    back = trustworthiness(PROJECTION[:n], CLOUD[:n], n_neighbors=N_NEIGHBORS)
    assert found.trustworthiness.mean() == pytest.approx(there, abs=1e-9)
    assert found.continuity.mean() == pytest.approx(back, abs=1e-9)


def test_the_size_of_the_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = of(CLOUD, PROJECTION)
    module = "glassnet.insight.measures.distances"
    monkeypatch.setattr(f"{module}.WORKING_MEMORY", 7 * 400 * 8 / 2**20)
    blocks = of(CLOUD, PROJECTION)
    np.testing.assert_array_equal(blocks.trustworthiness, whole.trustworthiness)
    np.testing.assert_array_equal(blocks.continuity, whole.continuity)
    np.testing.assert_array_equal(blocks.neighbours_kept, whole.neighbours_kept)


def test_preserved_neighbours_are_the_overlap_of_two_lists() -> None:
    def nearest(points: np.ndarray, point: int) -> set[int]:
        far = ((points - points[point]) ** 2).sum(axis=1)
        return set(np.argsort(far)[1 : N_NEIGHBORS + 1].tolist())

    shared = [len(nearest(CLOUD, i) & nearest(PROJECTION, i)) / N_NEIGHBORS for i in range(400)]
    np.testing.assert_allclose(of(CLOUD, PROJECTION).neighbours_kept, shared, atol=1e-6)


def test_a_plane_projected_onto_itself_is_perfect() -> None:
    plane = RNG.normal(size=(300, 2))
    for same in (plane, plane[:, ::-1] * (-3.0, 3.0) + 50, plane.astype(np.float32)):
        found = of(plane, same)
        assert found.trustworthiness.mean() == pytest.approx(1, abs=1e-6)
        assert found.continuity.mean() == pytest.approx(1, abs=1e-6)
        assert found.neighbours_kept.mean() == pytest.approx(1, abs=1e-3)
        assert len(found.distorted) == 0


def test_rotating_shifting_and_scaling_a_layer_changes_nothing() -> None:
    rotation, _ = np.linalg.qr(RNG.normal(size=(12, 12)))
    one, other = of(CLOUD, PROJECTION), of(2.5 * CLOUD @ rotation + 100, PROJECTION)
    np.testing.assert_allclose(one.trustworthiness, other.trustworthiness)
    np.testing.assert_allclose(one.continuity, other.continuity)
    np.testing.assert_array_equal(one.neighbours_kept, other.neighbours_kept)


def test_a_random_projection_scores_one_half_and_preserves_neighbours_by_chance() -> None:
    cloud, scattered = RNG.normal(size=(1500, 5)), RNG.normal(size=(1500, 2))
    found = of(cloud, scattered)
    for each in (found.trustworthiness, found.continuity):
        score = Score.of(each)
        assert score.low - 0.01 < 0.5 < score.high + 0.01
    assert found.neighbours_kept.mean() == pytest.approx(N_NEIGHBORS / 1499, abs=0.004)
    assert len(found.distorted) > 1450


def test_misplaced_points_are_listed_worst_first() -> None:
    plane = RNG.uniform(size=(500, 2))
    moved = plane.copy()
    far, near = 17, 230
    moved[far] = plane[np.argmax(((plane - plane[far]) ** 2).sum(axis=1))] + 1e-4
    moved[near] = plane[near] + (0.25 if plane[near, 0] < 0.5 else -0.25, 0)
    found = of(plane, moved)
    assert found.distorted.tolist() == [far, near]
    assert found.trustworthiness[far] < found.trustworthiness[near] < 0.99


def test_a_constant_layer_and_a_constant_projection_have_scores() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dead = of(np.full((60, 8), 7.3, np.float32), np.zeros((60, 2), np.float32))
        spot = of(CLOUD[:60], np.zeros((60, 2)))
    assert (dead.trustworthiness.min(), dead.continuity.min(), dead.neighbours_kept.min()) == (
        1,
        1,
        1,
    )
    assert spot.continuity.min() == 1
    assert spot.trustworthiness.mean() < 0.7
    assert spot.neighbours_kept.mean() < 0.4


def test_copies_of_a_point_are_all_its_nearest_neighbours() -> None:
    """It does not matter which ten of forty copies are neighbours: none is nearer."""
    places = np.repeat(RNG.normal(size=(10, 300)) * 100, 40, axis=0).astype(np.float32)
    points = np.repeat(np.arange(10.0) * 100, 40)[:, None] + RNG.normal(size=(400, 2))
    assert of(places, points).neighbours_kept.mean() == 1


@pytest.mark.parametrize(("n", "count"), [(3, 1), (6, 2), (20, 9), (21, 10), (50, 10)])
def test_few_points_have_fewer_neighbours(n: int, count: int) -> None:
    found = of(CLOUD[:n], CLOUD[:n, :2])
    assert found.n_neighbors == count
    assert (found.trustworthiness >= 0).all()
    assert (found.continuity <= 1).all()


def test_several_projections_score_as_each_does_alone() -> None:
    both = projection_quality(CLOUD, [PROJECTION, CLOUD[:, 2:4]])
    for found, points in zip(both, (PROJECTION, CLOUD[:, 2:4]), strict=True):
        alone = of(CLOUD, points)
        np.testing.assert_array_equal(found.trustworthiness, alone.trustworthiness)
        np.testing.assert_array_equal(found.neighbours_kept, alone.neighbours_kept)


def test_a_deterministic_projection_is_stable_and_a_random_one_is_not() -> None:
    def scattered(features: np.ndarray, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).normal(size=(len(features), 2))

    def one_plane(features: np.ndarray, seed: int) -> np.ndarray:
        return features[:, :2]

    wide = RNG.normal(size=(1300, 40)) * np.linspace(4, 1, 40)
    assert stability(wide, one_plane, 3).mean() == 1
    random = stability(wide, scattered, 3)
    assert random.mean() == pytest.approx(N_NEIGHBORS / (STABILITY_POINTS - 1), abs=0.01)
    assert len(random) == STABILITY_POINTS


@pytest.mark.slow
def test_tsne_of_separate_groups_is_partly_stable_and_deterministic() -> None:
    groups = (RNG.normal(size=(150, 6)) + 20 * np.eye(3, 6)[np.arange(150) % 3]).astype(np.float32)
    found = stability(groups, projections.RANDOM_START["tsne"], 0)
    assert 0.4 < found.mean() < 1
    np.testing.assert_array_equal(found, stability(groups, projections.RANDOM_START["tsne"], 0))
