from __future__ import annotations

import warnings

import numpy as np
import pytest

from glassnet.insight.measures import projections
from glassnet.insight.measures.projection_quality import (
    NEIGHBOURS,
    STARTS,
    ProjectionQuality,
    Score,
    stability,
    trust,
)

RNG = np.random.default_rng(0)
CLOUD = RNG.normal(size=(400, 12))
MAP = CLOUD[:, :2] + 0.2 * RNG.normal(size=(400, 2))


def of(features: np.ndarray, points: np.ndarray) -> ProjectionQuality:
    [found] = trust(features, [points])
    return found


@pytest.mark.parametrize("n", [23, 100, 400])
def test_it_is_scikit_learns_number_both_ways_round(n: int) -> None:
    from sklearn.manifold import trustworthiness

    found = of(CLOUD[:n], MAP[:n])
    there = trustworthiness(CLOUD[:n], MAP[:n], n_neighbors=NEIGHBOURS)
    back = trustworthiness(MAP[:n], CLOUD[:n], n_neighbors=NEIGHBOURS)
    assert found.trustworthiness.mean() == pytest.approx(there, abs=1e-9)
    assert found.continuity.mean() == pytest.approx(back, abs=1e-9)


def test_blocks_of_points_and_of_features_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = of(CLOUD, MAP)
    for name, value in (("DISTANCES", 7 * 400), ("CACHED", 3), ("COLUMNS", 5)):
        monkeypatch.setattr(f"glassnet.insight.measures.projection_quality.{name}", value)
    parts = of(CLOUD, MAP)
    np.testing.assert_array_equal(parts.trustworthiness, whole.trustworthiness)
    np.testing.assert_array_equal(parts.continuity, whole.continuity)
    np.testing.assert_array_equal(parts.neighbours_kept, whole.neighbours_kept)


def test_neighbours_kept_are_those_that_two_lists_have_in_common() -> None:
    def nearest(points: np.ndarray, point: int) -> set[int]:
        far = ((points - points[point]) ** 2).sum(axis=1)
        return set(np.argsort(far)[1 : NEIGHBOURS + 1].tolist())

    shared = [len(nearest(CLOUD, i) & nearest(MAP, i)) / NEIGHBOURS for i in range(400)]
    np.testing.assert_allclose(of(CLOUD, MAP).neighbours_kept, shared, atol=1e-6)


def test_a_plane_mapped_onto_itself_is_wholly_true() -> None:
    plane = RNG.normal(size=(300, 2))
    for same in (plane, plane[:, ::-1] * (-3.0, 3.0) + 50, plane.astype(np.float32)):
        found = of(plane, same)
        assert found.trustworthiness.mean() == pytest.approx(1, abs=1e-6)
        assert found.continuity.mean() == pytest.approx(1, abs=1e-6)
        assert found.neighbours_kept.mean() == pytest.approx(1, abs=1e-3)
        assert len(found.distorted) == 0


def test_a_layer_that_is_turned_moved_and_scaled_has_the_same_numbers() -> None:
    turn, _ = np.linalg.qr(RNG.normal(size=(12, 12)))
    one, other = of(CLOUD, MAP), of(2.5 * CLOUD @ turn + 100, MAP)
    np.testing.assert_allclose(one.trustworthiness, other.trustworthiness)
    np.testing.assert_allclose(one.continuity, other.continuity)
    np.testing.assert_array_equal(one.neighbours_kept, other.neighbours_kept)


def test_a_map_at_random_is_at_one_half_and_keeps_neighbours_by_chance() -> None:
    cloud, strewn = RNG.normal(size=(1500, 5)), RNG.normal(size=(1500, 2))
    found = of(cloud, strewn)
    for each in (found.trustworthiness, found.continuity):
        score = Score.of(each)
        assert score.low - 0.01 < 0.5 < score.high + 0.01
    assert found.neighbours_kept.mean() == pytest.approx(NEIGHBOURS / 1499, abs=0.004)
    assert len(found.distorted) > 1450


def test_points_that_a_map_puts_among_strangers_are_found_the_worst_first() -> None:
    plane = RNG.uniform(size=(500, 2))
    moved = plane.copy()
    far, near = 17, 230
    moved[far] = plane[np.argmax(((plane - plane[far]) ** 2).sum(axis=1))] + 1e-4
    moved[near] = plane[near] + (0.25 if plane[near, 0] < 0.5 else -0.25, 0)
    found = of(plane, moved)
    assert found.distorted.tolist() == [far, near]
    assert found.trustworthiness[far] < found.trustworthiness[near] < 0.99


def test_a_dead_layer_and_a_dead_map_have_numbers_too() -> None:
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


def test_copies_of_a_point_are_all_its_nearest() -> None:
    """Which ten of forty copies a map has as neighbours does not matter: none is nearer."""
    places = np.repeat(RNG.normal(size=(10, 300)) * 100, 40, axis=0).astype(np.float32)
    points = np.repeat(np.arange(10.0) * 100, 40)[:, None] + RNG.normal(size=(400, 2))
    assert of(places, points).neighbours_kept.mean() == 1


@pytest.mark.parametrize(("n", "count"), [(3, 1), (6, 2), (20, 9), (21, 10), (50, 10)])
def test_few_points_have_fewer_neighbours(n: int, count: int) -> None:
    found = of(CLOUD[:n], CLOUD[:n, :2])
    assert found.neighbours == count
    assert (found.trustworthiness >= 0).all()
    assert (found.continuity <= 1).all()


def test_several_maps_are_judged_as_each_alone_is() -> None:
    both = trust(CLOUD, [MAP, CLOUD[:, 2:4]])
    for found, points in zip(both, (MAP, CLOUD[:, 2:4]), strict=True):
        alone = of(CLOUD, points)
        np.testing.assert_array_equal(found.trustworthiness, alone.trustworthiness)
        np.testing.assert_array_equal(found.neighbours_kept, alone.neighbours_kept)


def test_a_map_without_chance_is_stable_and_one_of_chance_alone_is_not() -> None:
    def strewn(features: np.ndarray, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).normal(size=(len(features), 2))

    wide = RNG.normal(size=(1300, 40)) * np.linspace(4, 1, 40)
    assert stability(wide, projections.AGAIN["pca"], 3).mean() == pytest.approx(1, abs=0.01)
    random = stability(wide, strewn, 3)
    assert random.mean() == pytest.approx(NEIGHBOURS / (STARTS - 1), abs=0.01)
    assert len(random) == STARTS


def test_tsne_of_groups_apart_is_stable_in_part_and_the_same_every_time() -> None:
    groups = (RNG.normal(size=(150, 6)) + 20 * np.eye(3, 6)[np.arange(150) % 3]).astype(np.float32)
    found = stability(groups, projections.AGAIN["tsne"], 0)
    assert 0.4 < found.mean() < 1
    np.testing.assert_array_equal(found, stability(groups, projections.AGAIN["tsne"], 0))
