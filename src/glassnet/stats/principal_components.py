"""Principal component analysis with a deterministic sign for each component."""

import numpy as np


def principal_components(
    features: np.ndarray, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Project features onto their strongest principal components.

    Each component's largest weight is positive. There are always at least two columns, padded with
    zeros where the features have fewer components.

    Returns:
        (n, count) float32 scores, and (count,) the share of the variance that each explains.
    """
    from sklearn.decomposition import PCA

    count = min(count, *features.shape)
    if not np.ptp(features, axis=0).any():  # a constant layer has no variance to share
        return np.zeros((len(features), max(count, 2)), np.float32), np.zeros(max(count, 2))
    solver = "full" if min(features.shape) <= 4 * count else "auto"
    model = PCA(count, svd_solver=solver, random_state=seed).fit(features)
    strongest = np.abs(model.components_).argmax(axis=1)
    scores = model.transform(features) * np.sign(model.components_[np.arange(count), strongest])
    missing = max(0, 2 - count)
    return (
        np.pad(scores, ((0, 0), (0, missing))).astype(np.float32),
        np.pad(model.explained_variance_ratio_, (0, missing)),
    )
