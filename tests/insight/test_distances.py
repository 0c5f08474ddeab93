from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.measures import distances
from glassnet.insight.measures.distances import WIDE, each_block

RNG = np.random.default_rng(0)


def all_distances(points: np.ndarray) -> np.ndarray:
    found = np.full((len(points), len(points)), -1.0)

    def store(rows: slice, block: np.ndarray, _: float) -> None:
        found[rows] = block

    each_block(points, store)
    return found


@pytest.mark.parametrize("width", [2, 40, WIDE + 3])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_distances_are_those_of_each_pair(width: int, kind: type) -> None:
    points: np.ndarray = (RNG.normal(size=(90, width)) + 5).astype(kind)
    exact = ((points[:, None].astype(float) - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(exact, np.inf)
    np.testing.assert_allclose(all_distances(points), exact, rtol=1e-4 if width > WIDE else 1e-9)


def test_values_that_are_the_same_for_all_points_do_not_count() -> None:
    points = RNG.normal(size=(30, 4))
    padded = np.pad(points, ((0, 0), (3, 700)), constant_values=7.0)
    np.testing.assert_allclose(all_distances(padded), all_distances(points))
    assert all_distances(np.ones((3, 5)))[0].tolist() == [np.inf, 0, 0]


def test_distances_have_the_same_bytes_for_any_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = RNG.normal(size=(700, WIDE + 88)).astype(np.float32)
    monkeypatch.setattr(distances, "WORKING_MEMORY", 0.3)
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("GLASSNET_THREADS", threads)
        found.append(all_distances(points).tobytes())
    assert found[0] == found[1] == found[2]
