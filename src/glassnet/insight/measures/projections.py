"""From many dimensions to the plane: PCA and t-SNE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from glassnet import parallel, progress
from glassnet.errors import UsageError, suggest
from glassnet.stats.principal_components import principal_components

COMPONENTS = 50
"""t-SNE sees this many principal components of a wider layer."""

BARNES_HUT_UP_TO = 10_000
"""Points up to which the Barnes-Hut gradient was measured faster than the interpolated one."""

ITERATIONS = (125, 375)
"""t-SNE's steps with and without early exaggeration.

Half again as many took half again as long and were no more trustworthy: 0.989 both ways on 5,000
points of a layer of 2,352 values.
"""


EVERY = 25
"""Steps from one report of progress to the next."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Points in the plane: `points` (n, 2) float32; `explained`, the variance share per axis."""

    points: np.ndarray
    explained: tuple[float, ...] = ()


def project(features: np.ndarray, method: str, seed: int, title: str = "") -> Projection:
    """Lay points out in the plane, the same way every time.

    Args:
        features: (n, dimensions) float32.
        method: `pca` or `tsne`.
        seed: starts whatever is random.

    Raises:
        UsageError: there is no such method.
    """
    if method not in METHODS:
        raise UsageError(f"there is no projection {method!r}", suggest(method, METHODS))
    return METHODS[method](features, seed, title)


def pca(features: np.ndarray, seed: int, title: str = "") -> Projection:
    """The first two principal components; each axis points to where its largest weight is positive.

    Example:
        >>> line = np.outer(np.arange(9.0), [3.0, 4.0])
        >>> [round(share, 3) for share in pca(line, 0).explained]
        [1.0, 0.0]
    """
    points, explained = principal_components(features, 2, seed)
    return Projection(points, tuple(float(share) for share in explained))


def tsne(features: np.ndarray, seed: int, title: str = "") -> Projection:
    """t-SNE by openTSNE: perplexity 30, started from PCA, on up to 50 principal components.

    Source: van der Maaten & Hinton 2008; Poličar, Stražar & Zupan 2024 (openTSNE); start and
    learning rate after Kobak & Berens 2019.

    Args:
        features: (n, dimensions) with n of at least 5.
    """
    with progress.stage(title or "t-SNE", sum(ITERATIONS), "steps") as advance:

        def step(_: int, error: float, __: np.ndarray) -> bool:
            advance(EVERY, note=f"KL {error:.2f}")
            return False

        return Projection(_embedded(features, seed, "pca", parallel.n_threads(), step))


def _embedded(
    features: np.ndarray,
    seed: int,
    start: str,
    threads: int,
    step: Callable[[int, float, np.ndarray], bool] | None = None,
) -> np.ndarray:
    """t-SNE's map, (n, 2) float32; `start` is `pca`, or `random` for places drawn by the seed."""
    from openTSNE import TSNE

    if not np.ptp(features, axis=0).any():  # a dead layer: all points are one
        return np.zeros((len(features), 2), np.float32)
    features = np.pad(features, ((0, 0), (0, max(0, 2 - features.shape[1]))))
    if features.shape[1] > COMPONENTS:
        features, _ = principal_components(features, min(COMPONENTS, len(features)), seed)
    small = len(features) <= BARNES_HUT_UP_TO
    embedding = TSNE(
        perplexity=min(30, (len(features) - 1) / 3),
        early_exaggeration_iter=ITERATIONS[0],
        n_iter=ITERATIONS[1],
        initialization=start,
        negative_gradient_method="bh" if small else "fft",
        neighbors="exact" if small else "approx",
        n_jobs=threads,
        random_state=seed,
        callbacks=step,
        callbacks_every_iters=EVERY,
    ).fit(np.ascontiguousarray(features, dtype=np.float64))
    return np.asarray(embedding, dtype=np.float32)


METHODS: Mapping[str, Callable[[np.ndarray, int, str], Projection]] = {"pca": pca, "tsne": tsne}
NAMES = {"pca": "PCA", "tsne": "t-SNE"}
BESIDE: Mapping[str, Callable[[np.ndarray, int], Projection]] = {
    "pca": pca,
    "tsne": lambda features, seed: Projection(_embedded(features, seed, "pca", 1)),
}
"""The same maps, of few enough points to be made beside others: on one thread, and silent."""

AGAIN: Mapping[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "pca": lambda features, seed: pca(features, seed).points,
    "tsne": lambda features, seed: _embedded(features, seed, "random", 1),
}
"""The same methods with all that is random in them drawn by the seed, the start included, for a few
points: on one thread, and silent."""
