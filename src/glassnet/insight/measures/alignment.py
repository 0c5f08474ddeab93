"""Procrustes alignment of two-dimensional projections of the same points.

The unit of length is a projection's root-mean-square radius: the root of the mean squared distance
of its points from their centre.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, eq=False)
class Similarity:
    """A similarity transform: subtract the centre, divide by the scale, rotate.

    Attributes:
        centre: (2,) float64.
        scale: the root-mean-square radius; 1 if all points coincide.
        rotation: (2, 2) float64, a rotation or a reflection.
    """

    centre: np.ndarray
    scale: float
    rotation: np.ndarray

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Transform points (m, 2); float64."""
        return (points - self.centre) / self.scale @ self.rotation


def standardization(points: np.ndarray) -> Similarity:
    """Find the transform that centres points (n, 2) and scales them to unit radius.

    Example:
        >>> standardization(np.array([[1.0, 5.0], [5.0, 5.0]])).scale
        2.0
    """
    exact = points.astype(np.float64)
    centre = exact.mean(axis=0)
    radius = float(np.sqrt(((exact - centre) ** 2).sum(axis=1).mean()))
    return Similarity(centre, radius or 1.0, np.eye(2))


def procrustes(points: np.ndarray, reference: np.ndarray) -> Similarity:
    """Find the transform that brings points closest to a standardised reference.

    Both are centred and scaled to unit radius; the rotation then minimises the sum of squared
    distances. Source: Schönemann 1966, "A generalized solution of the orthogonal Procrustes
    problem".

    Args:
        points: (n, 2) float.
        reference: (n, 2) float, the same points in the same order.

    Example:
        >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])
        >>> rotated = square[:, ::-1] * 3 + 7
        >>> aligned = procrustes(rotated, square)(rotated)
        >>> bool(np.allclose(aligned, standardization(square)(square)))
        True
    """
    from scipy.linalg import orthogonal_procrustes

    own, other = standardization(points), standardization(reference)
    rotation, _ = orthogonal_procrustes(own(points), other(reference))
    return Similarity(own.centre, own.scale, rotation)


def rotate(points: np.ndarray, reference: np.ndarray, has_axes: bool) -> np.ndarray:
    """Rotate a projection to lie closest to another one of the same points.

    Args:
        points, reference: (n, 2) float.
        has_axes: whether the axes have a meaning (PCA); then they are flipped at most.

    Returns:
        (n, 2) float32.

    Example:
        >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])
        >>> bool(np.allclose(rotate(square * (-1, 1), square, has_axes=True), square))
        True
    """
    rotation = procrustes(points, reference).rotation
    if has_axes:
        own, other = standardization(points), standardization(reference)
        agreement = (own(points) * other(reference)).sum(axis=0)
        rotation = np.diag(np.where(agreement < 0, -1.0, 1.0))
    return (points @ rotation).astype(np.float32)


def movement(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Compute how far each point moves between two aligned projections: (n,) float64, in radii."""
    return np.hypot(*(after.astype(np.float64) - before).T)


def align_frames(projections: np.ndarray) -> np.ndarray:
    """Standardise projections and align each to the one before it.

    A projection that equals the one before it does not move at all.

    Args:
        projections: (frames, n, 2) float.

    Returns:
        (frames, n, 2) float64.
    """
    frames = [standardization(projections[0])(projections[0])]
    for before, points in pairwise(projections):
        unchanged = np.array_equal(before, points)
        frames.append(frames[-1] if unchanged else procrustes(points, frames[-1])(points))
    return np.stack(frames)
