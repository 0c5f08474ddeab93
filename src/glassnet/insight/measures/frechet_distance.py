"""Fréchet distance between two sets of points, with a standard error."""

from __future__ import annotations

from functools import cached_property

import numpy as np

GROUPS = 10
"""Parts of the samples that are left out in turn for a standard error."""


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """The squared 2-Wasserstein distance of the Gaussians fitted to two sets of points.

    The covariances may be singular: their product A B has the eigenvalues of the symmetric
    A^1/2 B A^1/2, so nothing but symmetric matrices is taken apart.

    Source: Heusel et al. 2017, "GANs trained by a two time-scale update rule converge to a local
    Nash equilibrium" (FID, there with Inception's features).

    Args:
        a, b: (n, features) and (m, features), at least two points each.
    """
    return Gaussian(a).distance(Gaussian(b))


class Gaussian:
    """A Gaussian fitted to points (n, features), whose dear root is computed once."""

    def __init__(self, points: np.ndarray) -> None:
        points = np.asarray(points, np.float64)
        self.mean = points.mean(axis=0)
        self.covariance = np.atleast_2d(np.cov(points, rowvar=False))

    @cached_property
    def root(self) -> np.ndarray:
        """The symmetric square root of the covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        return (vectors * np.sqrt(values.clip(0))) @ vectors.T

    def distance(self, other: Gaussian) -> float:
        """`frechet_distance` of the two."""
        between = self.root @ other.covariance @ self.root
        cross = np.sqrt(np.linalg.eigvalsh(between).clip(0)).sum()
        gap = self.mean - other.mean
        own = np.trace(self.covariance) + np.trace(other.covariance)
        return max(float(gap @ gap + own - 2 * cross), 0.0)


def frechet_error(real: Gaussian, made: np.ndarray) -> float:
    """Standard error of the Fréchet distance over draws of `made`: the delete-a-group jackknife."""
    group = np.arange(len(made)) * GROUPS // len(made)
    without = [real.distance(Gaussian(made[group != left_out])) for left_out in range(GROUPS)]
    return float(np.sqrt((GROUPS - 1) * np.var(without)))
