"""Projection quality: trustworthiness, continuity and neighbours kept, for each point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet import progress
from glassnet.insight.measures.distances import each_block
from glassnet.parallel import map_threads
from glassnet.stats.intervals import half_width

N_NEIGHBORS = 10

DISTORTED_UP_TO = 1
"""A point counts as distorted if at most this many of its neighbours are kept."""

STABILITY_POINTS = 300
"""Points that are projected from two random starts: enough for an interval of 3 percentage points.
"""


@dataclass(frozen=True)
class Score:
    """A mean over points in [0, 1], with its 95 % interval `low` to `high`."""

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: np.ndarray) -> Score:
        """Average one value per point; the interval is a normal approximation.

        Example:
            >>> Score.of(np.array([0.0, 1.0, 1.0, 1.0])).value
            0.75
        """
        mean, half = float(values.mean()), float(half_width(values))
        return cls(mean, max(0.0, mean - half), min(1.0, mean + half), len(values))


@dataclass(frozen=True, eq=False)
class ProjectionQuality:
    """How well a projection preserves each point's neighbours; its mean is the projection's own.

    Attributes:
        trustworthiness: (n,) float64 in [0, 1]; 1 if all neighbours in the projection are
            neighbours in the original space.
        continuity: (n,) float64 in [0, 1]; 1 if all neighbours in the original space are neighbours
            in the projection.
        neighbours_kept: (n,) float32 in [0, 1], the share of a point's nearest neighbours in the
            original space that are among its nearest in the projection.
    """

    trustworthiness: np.ndarray
    continuity: np.ndarray
    neighbours_kept: np.ndarray

    @property
    def n_neighbors(self) -> int:
        """The number of nearest neighbours that count."""
        return _n_neighbors(len(self.neighbours_kept))

    @property
    def distorted(self) -> np.ndarray:
        """(m,) int64 positions of the points with at most `DISTORTED_UP_TO` neighbours kept.

        They are sorted by neighbours kept, fewest first; ties by trustworthiness plus continuity.
        """
        order = np.lexsort((self.trustworthiness + self.continuity, self.neighbours_kept))
        return order[np.rint(self.neighbours_kept[order] * self.n_neighbors) <= DISTORTED_UP_TO]


FIELDS = ("trustworthiness", "continuity", "neighbours_kept")


def projection_quality(
    features: np.ndarray, projections: Sequence[np.ndarray], title: str = ""
) -> list[ProjectionQuality]:
    """Compare projections of the same points with the original space.

    Trustworthiness penalises a neighbour in the projection by its rank in the original space;
    continuity is the same with the two spaces exchanged. Distances are Euclidean. Those between the
    features, the expensive part, are computed once for all projections, in blocks.

    Tied points share the lowest rank. Every projection of a constant layer is therefore perfect,
    and a projection of all points onto one spot has arbitrary neighbours.

    Source: Venna & Kaski 2001, "Neighborhood preservation in nonlinear projection methods".

    Args:
        features: (n, dimensions) float, n of at least 3.
        projections: (n, 2) float each.
        title: the title of the progress display; no progress is shown without one.

    Returns:
        One `ProjectionQuality` per projection, for the `N_NEIGHBORS` nearest neighbours; below 21
        points, for the most for which the two numbers are defined: fewer than half of the points.

    Example:
        >>> points = np.random.default_rng(0).normal(size=(50, 2))
        >>> [itself] = projection_quality(points, [points])
        >>> [float(getattr(itself, name).min()) for name in FIELDS]
        [1.0, 1.0, 1.0]
    """
    n = len(features)
    count = _n_neighbors(n)
    neighbours = [_nearest_in_plane(points, count) for points in projections]
    original = np.empty((n, count), np.int64)
    ranks = [np.empty_like(near) for near in neighbours]
    qualities = []
    with progress.stage(title, n * (1 + len(projections)), "points") as advance:

        def compare(rows: slice, distances: np.ndarray, tie: float) -> None:
            original[rows] = np.argpartition(distances, count - 1, axis=1)[:, :count]
            for near, rank in zip(neighbours, ranks, strict=True):
                rank[rows] = _ranks(distances, near[rows], tie)
            advance(len(distances))

        each_block(features, compare)
        for points, rank in zip(projections, ranks, strict=True):
            projected = np.empty_like(rank)

            def compare_back(
                rows: slice, distances: np.ndarray, tie: float, projected: np.ndarray = projected
            ) -> None:
                projected[rows] = _ranks(distances, original[rows], tie)
                advance(len(distances))

            each_block(points, compare_back)
            preserved = (rank <= count).mean(axis=1, dtype=np.float32)
            qualities.append(ProjectionQuality(_preserved(rank), _preserved(projected), preserved))
    return qualities


def arrays(qualities: Sequence[ProjectionQuality]) -> dict[str, np.ndarray]:
    """Convert the qualities of several projections to arrays for the cache: (projections, n)."""
    return {name: np.stack([getattr(quality, name) for quality in qualities]) for name in FIELDS}


def from_arrays(cached: Mapping[str, np.ndarray]) -> list[ProjectionQuality]:
    """Restore what `arrays` returned; other arrays are ignored."""
    return [ProjectionQuality(*row) for row in zip(*(cached[name] for name in FIELDS), strict=True)]


def stability(
    features: np.ndarray,
    project: Callable[[np.ndarray, int], np.ndarray],
    seed: int,
    title: str = "",
) -> np.ndarray:
    """Measure how far a projection depends on its start: the neighbours that two seeds share.

    The two projections are computed in parallel.

    Args:
        features: (n, dimensions) float; a subsample of `STABILITY_POINTS` is used.
        project: maps features and a seed to points (n, 2); must not show progress.
        seed: draws the subsample and starts the first projection; `seed + 1` starts the second.

    Returns:
        (min(n, STABILITY_POINTS),) float64 in [0, 1]: 1 if all nearest neighbours are shared.
    """
    subset = features[stability_points(len(features), seed)]
    return shared_neighbours(*map_threads(lambda s: project(subset, s), (seed, seed + 1), title))


def stability_points(n: int, seed: int) -> np.ndarray:
    """Draw at most `STABILITY_POINTS` of n points: their positions, ascending, int64."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:STABILITY_POINTS])


def shared_neighbours(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Compute the share of each point's nearest neighbours that two projections have in common.

    Args:
        one, other: (n, 2) float.

    Returns:
        (n,) float64 in [0, 1].

    Example:
        >>> line = np.stack([np.arange(9.0), np.zeros(9)], axis=1)
        >>> float(shared_neighbours(line, 7 - 2 * line).min())
        1.0
    """
    count = _n_neighbors(len(one))
    first, second = (_nearest_in_plane(points, count) for points in (one, other))
    return (first[:, :, None] == second[:, None, :]).any(axis=2).mean(axis=1)


def _n_neighbors(n: int) -> int:
    """Limit the number of neighbours to fewer than half of n points."""
    return min(N_NEIGHBORS, (n - 1) // 2)


def _preserved(ranks: np.ndarray) -> np.ndarray:
    """Turn (n, k) ranks of neighbours in the other space into (n,) float64; 1 if all are <= k."""
    n, count = ranks.shape
    worst = count * (2 * n - 3 * count - 1) / 2  # all of them as far away as possible
    return 1 - np.maximum(ranks - count, 0).sum(axis=1) / worst


def _nearest_in_plane(points: np.ndarray, count: int) -> np.ndarray:
    """Find each point's nearest other points: (n, count) int64 positions."""
    from sklearn.neighbors import NearestNeighbors

    tree = NearestNeighbors(n_neighbors=count, algorithm="kd_tree").fit(points)
    near: np.ndarray = tree.kneighbors(return_distance=False)
    return near.astype(np.int64)


def _ranks(distances: np.ndarray, others: np.ndarray, tie: float) -> np.ndarray:
    """Rank each of the others by distance: one more than the number of points that are nearer."""
    limits = np.take_along_axis(distances, others, axis=1) - tie
    nearer = [np.count_nonzero(distances < limit[:, None], axis=1) for limit in limits.T]
    return np.stack(nearer, axis=1) + 1
