"""Fréchet distance between two sets of points, with a standard error."""

from __future__ import annotations

from functools import cached_property

import numpy as np

GROUPS = 10
"""Groups of points that are left out in turn for the standard error."""


def frechet_error(real: Gaussian, generated: np.ndarray) -> float:
    """Return the standard error of the Fréchet distance, by a delete-a-group jackknife.

    Args:
        real: fitted to the points that the distance is measured from.
        generated: (m, features), the points whose sampling error counts.
    """
    group = np.arange(len(generated)) * GROUPS // len(generated)
    without = [
        real.frechet_distance(Gaussian(generated[group != left_out])) for left_out in range(GROUPS)
    ]
    return float(np.sqrt((GROUPS - 1) * np.var(without)))


class Gaussian:
    """A Gaussian fitted to points (n, features), at least two of them.

    The root of the covariance is computed once, on first use.
    """

    def __init__(self, points: np.ndarray) -> None:
        points = np.asarray(points, np.float64)
        self.mean = points.mean(axis=0)
        self.covariance = np.atleast_2d(np.cov(points, rowvar=False))

    @cached_property
    def root(self) -> np.ndarray:
        """The symmetric square root of the covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        return (vectors * np.sqrt(values.clip(0))) @ vectors.T

    def frechet_distance(self, other: Gaussian) -> float:
        """Return the Fréchet distance, the squared 2-Wasserstein distance of the two Gaussians.

        The covariances may be singular: the product A B has the eigenvalues of the symmetric
        A^1/2 B A^1/2, so only symmetric matrices are decomposed.

        Source: Heusel et al. 2017, "GANs trained by a two time-scale update rule converge to a
        local Nash equilibrium" (FID, there with Inception's features).
        """
        cross = np.sqrt(np.linalg.eigvalsh(self.root @ other.covariance @ self.root).clip(0)).sum()
        gap = self.mean - other.mean
        own = np.trace(self.covariance) + np.trace(other.covariance)
        return max(float(gap @ gap + own - 2 * cross), 0.0)
