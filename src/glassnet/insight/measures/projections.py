"""PCA and t-SNE of layer activations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from glassnet import parallel, progress
from glassnet.errors import UsageError, suggest
from glassnet.stats.principal_components import principal_components

N_COMPONENTS = 50
"""Principal components of a wider layer that t-SNE uses."""

BARNES_HUT_UP_TO = 10_000
"""Points up to which the Barnes-Hut gradient was measured faster than the interpolated one."""

ITERATIONS = (75, 175)
"""t-SNE iterations with and without early exaggeration.

With a momentum of 0.8 throughout it takes 125 and 375 to come as far, and 2.6 times as long:
benchmarks/results/tsne-steps.csv.
"""

EARLY_MOMENTUM = 0.8

RANDOM_START_ITERATIONS = (125, 375)
"""t-SNE iterations from a random start, with a momentum of 0.8. Half as many with a higher momentum
left 82 % of the neighbours in common between two starts, these 86 %: six pairs of 300 points."""

MANY_POINTS = 1_000
"""Points from which t-SNE has a momentum of 0.95 after the exaggeration, with which fewer points
swing past their places; they have 0.9."""

THETA = 0.8
"""The angle of the Barnes-Hut approximation. An iteration takes two thirds of the time that it does
with the usual 0.5, and the projections are as faithful."""

REPORT_EVERY = 25
"""Iterations between two progress reports."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Points in the plane, (n, 2) float32, and the share of the variance that each axis explains.

    `explained` is empty for t-SNE.
    """

    points: np.ndarray
    explained: tuple[float, ...] = ()


def project(features: np.ndarray, method: str, seed: int, title: str = "") -> Projection:
    """Project features onto the plane; equal arguments give equal points.

    Args:
        features: (n, dimensions) float32.
        method: `pca` or `tsne`.
        seed: seeds whatever is random.
        title: the title of the progress display.

    Raises:
        UsageError: the method is unknown.
    """
    if method not in METHODS:
        raise UsageError(f"unknown projection {method!r}", suggest(method, METHODS))
    return METHODS[method](features, seed, title)


def pca(features: np.ndarray, seed: int, title: str = "") -> Projection:
    """Project onto the first two principal components, whose largest weights are positive.

    Example:
        >>> line = np.outer(np.arange(9.0), [3.0, 4.0])
        >>> [round(share, 3) for share in pca(line, 0).explained]
        [1.0, 0.0]
    """
    points, explained = principal_components(features, 2, seed)
    return Projection(points, tuple(float(share) for share in explained))


def tsne(features: np.ndarray, seed: int, title: str = "") -> Projection:
    """Run t-SNE (openTSNE, perplexity 30, PCA initialisation) on up to 50 principal components.

    Source: van der Maaten & Hinton 2008; Poličar, Stražar & Zupan 2024 (openTSNE); initialisation
    and learning rate after Kobak & Berens 2019.

    Args:
        features: (n, dimensions) with n of at least 5.
    """
    with progress.stage(title or "t-SNE", sum(ITERATIONS), "steps") as advance:

        def report(_: int, error: float, __: np.ndarray) -> bool:
            advance(REPORT_EVERY, note=f"KL {error:.2f}")
            return False

        return Projection(_tsne(features, seed, "pca", parallel.n_threads(), report))


def _tsne(
    features: np.ndarray,
    seed: int,
    initialization: str,
    n_jobs: int,
    callback: Callable[[int, float, np.ndarray], bool] | None = None,
) -> np.ndarray:
    """Run t-SNE: (n, 2) float32; `initialization` is `pca` or `random`."""
    from openTSNE import TSNE

    if not np.ptp(features, axis=0).any():  # a constant layer
        return np.zeros((len(features), 2), np.float32)
    features = np.pad(features, ((0, 0), (0, max(0, 2 - features.shape[1]))))
    if features.shape[1] > N_COMPONENTS:
        features, _ = principal_components(features, min(N_COMPONENTS, len(features)), seed)
    small, n = len(features) <= BARNES_HUT_UP_TO, len(features)
    early, late, final = *ITERATIONS, momentum(n)
    if initialization == "random":
        early, late, final = *RANDOM_START_ITERATIONS, EARLY_MOMENTUM
    embedding = TSNE(
        perplexity=min(30, (n - 1) / 3),
        early_exaggeration_iter=early,
        n_iter=late,
        initial_momentum=EARLY_MOMENTUM,
        final_momentum=final,
        theta=THETA,
        initialization=initialization,
        negative_gradient_method="bh" if small else "fft",
        neighbors="exact" if small else "approx",
        n_jobs=n_jobs,
        random_state=seed,
        callbacks=callback,
        callbacks_every_iters=REPORT_EVERY,
    ).fit(np.ascontiguousarray(features, dtype=np.float64))
    return np.asarray(embedding, dtype=np.float32)


def momentum(n: int) -> float:
    """Momentum of t-SNE of n points after the early exaggeration."""
    return 0.95 if n >= MANY_POINTS else 0.9


def settings_key(method: str) -> str:
    """Name a method and its settings for the cache: others give other projections.

    Example:
        >>> settings_key("pca"), settings_key("tsne")
        ('pca', 'tsne-250')
    """
    return f"{method}-{sum(ITERATIONS)}" if method in RANDOM_START else method


METHODS: Mapping[str, Callable[[np.ndarray, int, str], Projection]] = {"pca": pca, "tsne": tsne}

SINGLE_THREADED: Mapping[str, Callable[[np.ndarray, int], Projection]] = {
    "pca": pca,
    "tsne": lambda features, seed: Projection(_tsne(features, seed, "pca", 1)),
}
"""The same projections on one thread and without progress, for several at the same time."""

RANDOM_START: Mapping[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "tsne": lambda features, seed: _tsne(features, seed, "random", 1),
}
"""The methods that depend on a seed, from a random initialisation, to measure how stable they are;
(n, 2)."""
