"""Principal component analysis with a deterministic sign for each component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.decomposition import PCA


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """The axes of a principal component analysis, onto which other points can be projected.

    Attributes:
        mean: (d,) float32, the point that becomes the origin.
        axes: (count, d) float32, orthonormal; zeros where the features have fewer components.
    """

    mean: np.ndarray
    axes: np.ndarray

    def transform(self, features: np.ndarray) -> np.ndarray:
        """Project points (n, d) to scores (n, count) float32."""
        return np.asarray((features - self.mean) @ self.axes.T, np.float32)

    def inverse_transform(self, scores: np.ndarray) -> np.ndarray:
        """Find the points (n, d) float32 in the span of the axes that have scores (n, count)."""
        return np.asarray(scores @ self.axes + self.mean, np.float32)


def principal_axes(features: np.ndarray, count: int, seed: int) -> PrincipalAxes:
    """Find the axes of `principal_components`, for equal arguments.

    Example:
        >>> axes = principal_axes(np.outer(np.arange(3.0), [3.0, 4.0]), 2, seed=0)
        >>> round(float(axes.transform(np.array([[6.0, 8.0]]))[0, 0]), 3)
        5.0
    """
    count = min(count, *features.shape)
    axes = np.zeros((max(count, 2), features.shape[1]), np.float32)
    if _is_constant(features):
        return PrincipalAxes(features[0].astype(np.float32), axes)
    model, signs = _fitted(features, count, seed)
    axes[:count] = model.components_ * signs[:, None]
    return PrincipalAxes(model.mean_.astype(np.float32), axes)


def principal_components(
    features: np.ndarray, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Project features onto their strongest principal components.

    Each component's largest weight is positive. There are always at least two columns, padded with
    zeros where the features have fewer components.

    Returns:
        (n, count) float32 scores, and (count,) the share of the variance that each explains.
    """
    count = min(count, *features.shape)
    if _is_constant(features):
        return np.zeros((len(features), max(count, 2)), np.float32), np.zeros(max(count, 2))
    model, signs = _fitted(features, count, seed)
    scores = model.transform(features) * signs
    missing = max(0, 2 - count)
    return (
        np.pad(scores, ((0, 0), (0, missing))).astype(np.float32),
        np.pad(model.explained_variance_ratio_, (0, missing)),
    )


def _is_constant(features: np.ndarray) -> bool:
    """Whether all points are equal, as in a constant layer, which has no variance to share."""
    return not np.ptp(features, axis=0).any()


def _fitted(features: np.ndarray, count: int, seed: int) -> tuple[PCA, np.ndarray]:
    """Fit the model; the signs make each component's largest weight positive."""
    from sklearn.decomposition import PCA

    solver = "full" if min(features.shape) <= 4 * count else "auto"
    model = PCA(count, svd_solver=solver, random_state=seed).fit(features)
    strongest = np.abs(model.components_).argmax(axis=1)
    return model, np.sign(model.components_[np.arange(count), strongest])
