"""Maps in one frame of reference: moved, scaled and turned onto each other, and what is left.

The unit is the root-mean-square radius: the root of the mean squared distance of a map's points
from their centre. A movement of 1 is as far as that.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, eq=False)
class Similarity:
    """A map's way into another frame: moved by its centre, divided by its scale, then turned.

    Attributes:
        centre: (2,) float64, what is taken off.
        scale: the root-mean-square radius that is divided out; 1 where all points are one.
        turn: (2, 2) float64, a rotation or a reflection.
    """

    centre: np.ndarray
    scale: float
    turn: np.ndarray

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Points (m, 2) in the other frame, float64."""
        return (points - self.centre) / self.scale @ self.turn


def standard(points: np.ndarray) -> Similarity:
    """What centres a map of (n, 2) and brings it to a root-mean-square radius of 1, unturned.

    Example:
        >>> standard(np.array([[1.0, 5.0], [5.0, 5.0]])).scale
        2.0
    """
    exact = points.astype(np.float64)
    centre = exact.mean(axis=0)
    radius = float(np.sqrt(((exact - centre) ** 2).sum(axis=1).mean()))
    return Similarity(centre, radius or 1.0, np.eye(2))


def onto(points: np.ndarray, reference: np.ndarray) -> Similarity:
    """What brings a map closest to another of the same points: orthogonal Procrustes alignment.

    Both are centred and brought to unit radius; the turn then minimises the sum of squared
    distances. Source: Schönemann 1966, "A generalized solution of the orthogonal Procrustes
    problem".

    Args:
        points: (n, 2) float.
        reference: (n, 2) float, the same points in the same order.

    Example:
        >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])
        >>> turned = square[:, ::-1] * 3 + 7
        >>> bool(np.allclose(onto(turned, square)(turned), standard(square)(square)))
        True
    """
    own, other = standard(points), standard(reference)
    left, _, right = np.linalg.svd(own(points).T @ other(reference))
    return Similarity(own.centre, own.scale, left @ right)


def residual(points: np.ndarray, reference: np.ndarray) -> float:
    """How far two maps of the same points differ once aligned: root-mean-square distance, in radii.

    Example:
        >>> line = np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
        >>> residual(-5 * line, line) < 1e-12
        True
    """
    gaps = movement(onto(points, reference)(points), standard(reference)(reference))
    return float(np.sqrt((gaps**2).mean()))


def movement(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How far each point moves between two aligned maps (n, 2): (n,) float64, in radii."""
    return np.hypot(*(after.astype(np.float64) - before).T)


def chained(maps: np.ndarray) -> np.ndarray:
    """Maps of the same points, each aligned to the one before it: (frames, n, 2) float64.

    A map that equals the one before it does not move at all.
    """
    frames = [standard(maps[0])(maps[0])]
    for before, points in pairwise(maps):
        same = np.array_equal(before, points)
        frames.append(frames[-1] if same else onto(points, frames[-1])(points))
    return np.stack(frames)
