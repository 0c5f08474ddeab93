"""How far a map can be believed: which neighbours it keeps, which it makes up, point by point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet import progress
from glassnet.parallel import map_threads
from glassnet.stats.intervals import half_width

NEIGHBOURS = 10
"""Nearest neighbours of a point that a map is asked about."""

FEW = 1
"""A map distorts a point of whose neighbours it keeps at most so many."""

STARTS = 300
"""Points that are laid out twice more, from two starts: many enough for an interval of 3 points."""

DISTANCES = 2_000_000
"""Distances that are multiplied out at once: 16 MB, enough to keep the processor busy."""

CACHED = 40
"""Rows of them that are counted at a time, so that they stay near the processor."""

COLUMNS = 1000
"""Features that are held in double precision at once: 40 MB for 5,000 points."""

TIE = 1e-12
"""Squared distances that differ by less, as a share of the largest norm, are taken for equal."""


@dataclass(frozen=True)
class Score:
    """A mean over points in [0, 1], with its 95 % interval `low` to `high`."""

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, each: np.ndarray) -> Score:
        """From one value per point, by the normal approximation.

        Example:
            >>> Score.of(np.array([0.0, 1.0, 1.0, 1.0])).value
            0.75
        """
        mean, half = float(each.mean()), float(half_width(each))
        return cls(mean, max(0.0, mean - half), min(1.0, mean + half), len(each))


@dataclass(frozen=True, eq=False)
class ProjectionQuality:
    """What a map does to each point's neighbours; the means over all points are the map's own.

    Attributes:
        trustworthiness: (n,) float64 in [0, 1]; 1 where whatever is near on the map is truly near.
        continuity: (n,) float64 in [0, 1]; 1 where whatever is truly near is near on the map.
        kept: (n,) float32 in [0, 1], the share of a point's nearest neighbours on the map that are
            its nearest in truth, which is the share of the true ones that the map keeps.
    """

    trustworthiness: np.ndarray
    continuity: np.ndarray
    neighbours_kept: np.ndarray

    @property
    def neighbours(self) -> int:
        """How many count as nearest."""
        return _count(len(self.neighbours_kept))

    @property
    def distorted(self) -> np.ndarray:
        """(m,) int64 positions of the points that keep at most `FEW` neighbours, the worst first.

        The worst are those that keep fewest; among those, the ones whose lost and made-up
        neighbours are farthest away.
        """
        order = np.lexsort((self.trustworthiness + self.continuity, self.neighbours_kept))
        return order[np.rint(self.neighbours_kept[order] * self.neighbours) <= FEW]


FIELDS = ("trustworthiness", "continuity", "neighbours_kept")


def trust(
    features: np.ndarray, maps: Sequence[np.ndarray], title: str = ""
) -> list[ProjectionQuality]:
    """Hold maps of the same points against the space that they are maps of.

    Trustworthiness counts by how many ranks a neighbour on the map is too far in truth; continuity
    is the same with the two spaces exchanged. Distances are Euclidean and in double precision. The
    dear part, the distances between the features, is gone through once for all maps, in blocks of
    `DISTANCES`.

    Points at one distance share a rank, the lowest: of a layer that gives all inputs the same
    values (a dead one) every map is true, and a map that draws all points on one spot makes up
    neighbours, chosen by position.

    Source: Venna & Kaski 2001, "Neighborhood preservation in nonlinear projection methods".

    Args:
        features: (n, dimensions) float, n of at least 3.
        maps: (n, 2) float each.
        title: what to show progress as; without one none is shown.

    Returns:
        One `ProjectionQuality` per map, for the `NEIGHBOURS` nearest or, below 21 points, the most for which
        the two numbers are defined: fewer than half of the points.

    Example:
        >>> points = np.random.default_rng(0).normal(size=(50, 2))
        >>> [itself] = trust(points, [points])
        >>> [float(part.min()) for part in (itself.trustworthiness, itself.continuity, itself.neighbours_kept)]
        [1.0, 1.0, 1.0]
    """
    n = len(features)
    count = _count(n)
    drawn = [_nearest_on_map(points, count) for points in maps]
    true, ranks = np.empty((n, count), np.int64), [np.empty_like(near) for near in drawn]
    with progress.stage(title, n * (1 + len(maps)), "points") as advance:
        for rows, distances, tie in _distances(features):
            true[rows] = np.argpartition(distances, count - 1, axis=1)[:, :count]
            for near, rank in zip(drawn, ranks, strict=True):
                rank[rows] = _ranks(distances, near[rows], tie)
            advance(len(distances))
        found = []
        for points, rank in zip(maps, ranks, strict=True):
            back = np.empty_like(rank)
            for rows, distances, tie in _distances(points):
                back[rows] = _ranks(distances, true[rows], tie)
                advance(len(distances))
            stored = (rank <= count).mean(axis=1, dtype=np.float32)
            found.append(ProjectionQuality(_unbroken(rank), _unbroken(back), stored))
    return found


def arrays(found: Sequence[ProjectionQuality]) -> dict[str, np.ndarray]:
    """What is known of several maps of the same points, as arrays to keep: (maps, n) each."""
    return {name: np.stack([getattr(each, name) for each in found]) for name in FIELDS}


def of_arrays(stored: Mapping[str, np.ndarray]) -> list[ProjectionQuality]:
    """The same back, one per map; other arrays among them are left aside."""
    return [ProjectionQuality(*row) for row in zip(*(stored[name] for name in FIELDS), strict=True)]


def stability(
    features: np.ndarray,
    lay_out: Callable[[np.ndarray, int], np.ndarray],
    seed: int,
    title: str = "",
) -> np.ndarray:
    """How far a map depends on its start: the neighbours that maps from two seeds share, per point.

    Both maps are made at the same time.

    Args:
        features: (n, dimensions) float; of more than `STARTS` points a draw of so many is taken.
        lay_out: from features and a seed to points (n, 2); must show no progress of its own.
        seed: draws the points, and starts the first map; `seed + 1` starts the second.

    Returns:
        (min(n, STARTS),) float64 in [0, 1]: 1 where both maps have the same nearest neighbours.
    """
    taken = features[some(len(features), STARTS, seed)]
    return shared(*map_threads(lambda start: lay_out(taken, start), (seed, seed + 1), title))


def some(n: int, most: int, seed: int) -> np.ndarray:
    """A draw of at most so many of n points: their positions, rising, int64."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:most])


def shared(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The share of its nearest neighbours that each point has on both of two maps (n, 2).

    Returns:
        (n,) float64 in [0, 1].

    Example:
        >>> line = np.stack([np.arange(9.0), np.zeros(9)], axis=1)
        >>> float(shared(line, 7 - 2 * line).min())
        1.0
    """
    count = _count(len(one))
    near, far = (_nearest_on_map(points, count) for points in (one, other))
    return (near[:, :, None] == far[:, None, :]).any(axis=2).mean(axis=1)


def _count(n: int) -> int:
    """Neighbours that count as nearest among n points: fewer than half of the points."""
    return min(NEIGHBOURS, (n - 1) // 2)


def _unbroken(ranks: np.ndarray) -> np.ndarray:
    """(n, k) ranks of neighbours in the other space to (n,) float64: 1 if all are at most k."""
    n, count = ranks.shape
    most = count * (2 * n - 3 * count - 1) / 2  # all of them as far away as can be
    return 1 - np.maximum(ranks - count, 0).sum(axis=1) / most


def _nearest_on_map(points: np.ndarray, count: int) -> np.ndarray:
    """(n, count) int64 positions of each point's nearest others, in a plane."""
    from sklearn.neighbors import NearestNeighbors

    tree = NearestNeighbors(n_neighbors=count, algorithm="kd_tree").fit(points)
    near: np.ndarray = tree.kneighbors(return_distance=False)
    return near.astype(np.int64)


def _ranks(distances: np.ndarray, others: np.ndarray, tie: float) -> np.ndarray:
    """One more than the number of points that are nearer than each of the others: (rows, k)."""
    limits = np.take_along_axis(distances, others, axis=1) - tie
    nearer = [np.count_nonzero(distances < limit[:, None], axis=1) for limit in limits.T]
    return np.stack(nearer, axis=1) + 1


def _distances(points: np.ndarray) -> Iterator[tuple[slice, np.ndarray, float]]:
    """How far some points at a time are from all: (rows, n) float64; infinitely from themselves.

    Squared Euclidean distances, less what a whole row has in common; beside them, the difference
    up to which two of them are equal.
    """
    n = len(points)
    centre = points.mean(axis=0, dtype=np.float64)
    norms, step = np.zeros(n), max(1, DISTANCES // n)
    for part in _columns(points, centre):
        norms += np.einsum("ij,ij->i", part, part)
    tie = TIE * float(norms.max())
    for start in range(0, n, step):
        block = np.zeros((min(step, n - start), n))
        for part in _columns(points, centre):
            block += part[start : start + step] @ part.T
        for top in range(0, len(block), CACHED):
            distances = block[top : top + CACHED]
            distances *= -2
            distances += norms
            rows = slice(start + top, start + top + len(distances))
            distances[np.arange(len(distances)), np.arange(rows.start, rows.stop)] = np.inf
            yield rows, distances, tie


def _columns(points: np.ndarray, centre: np.ndarray) -> Iterator[np.ndarray]:
    """The centred features in double precision, some at a time: (n, up to COLUMNS)."""
    for start in range(0, points.shape[1], COLUMNS):
        part = slice(start, start + COLUMNS)
        yield points[:, part] - centre[part]
