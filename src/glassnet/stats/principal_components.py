"""Principal component analysis with a fixed sign of each component."""

from __future__ import annotations

import numpy as np


def principal_components(
    features: np.ndarray, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """(n, count) float32 scores and (count,) shares of the variance; signs are made unique."""
    from sklearn.decomposition import PCA

    count = min(count, *features.shape)
    if not np.ptp(features, axis=0).any():  # a dead layer: no variance to share
        return np.zeros((len(features), max(count, 2)), np.float32), np.zeros(max(count, 2))
    solver = "full" if min(features.shape) <= 4 * count else "auto"
    model = PCA(count, svd_solver=solver, random_state=seed).fit(features)
    strongest = np.abs(model.components_).argmax(axis=1)
    signs = np.sign(model.components_[np.arange(count), strongest])
    scores = model.transform(features) * signs
    missing = max(0, 2 - count)  # a layer of one unit still gets a plane
    return (
        np.pad(scores, ((0, 0), (0, missing))).astype(np.float32),
        np.pad(model.explained_variance_ratio_, (0, missing)),
    )
