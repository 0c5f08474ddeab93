"""Maps that follow features through layers and epochs: PCA in float64, and t-SNE that goes on.

A t-SNE that starts anew lays the same clusters out elsewhere. One that starts from the map before
moves points as far as their neighbours changed, and a little by itself: how much, a frame whose
features did not change tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.insight.measures.projections import COMPONENTS, ITERATIONS

FOLLOWING = 150
"""Steps from one frame to the next, without early exaggeration.

10-NN accuracy on the map after the first epoch was 93 % with 60 steps, 96 % with 150, 97 % with
500.
With exaggeration points moved by a tenth of the radius where nothing had changed, without it by a
hundredth.
"""

PERPLEXITY = 30
EXAGGERATION = 12

THREADS = 1
"""A thousand points are too few for more: on shared cores two took seven times as long
for t-SNE, and twenty times for components. And so the bytes do not depend on how many there are."""

ANGLE = 0.8
"""Barnes-Hut's: groups of points that appear smaller, in radians, count as one. Frames are made a
quarter faster than with the usual 0.5, and on 1,000 digits they were as true."""

TIED = 1e-4
"""Components whose variances differ by no more than this share count as equally strong."""


@dataclass(frozen=True, eq=False)
class Components:
    """Features along their strongest principal components.

    Attributes:
        scores: (n, k) float64 with k of 2 to `COMPONENTS`, strongest first; padded with zeros.
        shares: (k,) float64, each one's share of the variance.
    """

    scores: np.ndarray
    shares: np.ndarray


def components(features: np.ndarray) -> Components:
    """Up to `COMPONENTS` principal components of (n, d) features, exactly, in float64.

    Of covariance and Gram matrix the smaller one is diagonalised: a quarter of a second for 1,000
    points of any width.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(THREADS):
        return _components(_centred(features))


def _components(centred: np.ndarray) -> Components:
    from scipy.linalg import eigh

    count, width = centred.shape
    product = centred @ centred.T if width > count else centred.T @ centred
    size, total = len(product), float(np.trace(product))
    if total == 0:  # a dead layer
        return Components(np.zeros((count, 2)), np.zeros(2))
    stored = (max(0, size - COMPONENTS), size - 1)
    values, vectors = eigh(product, subset_by_index=stored)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    scores = vectors * np.sqrt(values) if width > count else centred @ vectors
    missing = max(0, 2 - len(values))
    return Components(np.pad(scores, ((0, 0), (0, missing))), np.pad(values / total, (0, missing)))


def plane(found: Components) -> np.ndarray:
    """The two strongest components: (n, 2) float64, the same up to a turn however features turn.

    Where the second is no stronger than the third, variance leaves open which plane to show. The
    axes then point to the points that lie farthest out in the tied components, which turning the
    features does not change either. (More than `COMPONENTS` tied ones cannot be told apart so.)
    """
    second = found.shares[1]
    tied = np.flatnonzero(np.abs(found.shares - second) <= TIED * second)
    if second == 0 or tied[-1] == 1:
        return found.scores[:, :2]
    axes, rest = [*found.scores.T[: tied[0]]], found.scores[:, tied]
    while len(axes) < 2:
        lengths = np.hypot.reduce(rest, axis=1)
        farthest = int(np.argmax(lengths >= lengths.max() * (1 - 1e-9)))
        axis = rest[farthest] / lengths[farthest]
        axes.append(rest @ axis)
        rest = rest - np.outer(axes[-1], axis)
    return np.stack(axes, axis=1)


def start(found: Components, seed: int, by_chance: bool = False) -> np.ndarray:
    """A t-SNE of its own, started from PCA or from places drawn by the seed: (n, 2) float64."""
    from openTSNE import initialization

    if _is_dead(found):
        return np.zeros((len(found.scores), 2))
    affinities = _affinities(found.scores, seed)
    if by_chance:
        points = initialization.random(len(found.scores), random_state=seed)
    else:
        points = initialization.rescale(found.scores[:, :2].copy())
    points = _optimised(points, affinities, ITERATIONS[0], seed, EXAGGERATION)
    return _optimised(points, affinities, ITERATIONS[1], seed)


def follow(found: Components, before: np.ndarray, seed: int) -> np.ndarray:
    """The t-SNE of features (n, d) that goes on from the map before, (n, 2): (n, 2) float64."""
    if _is_dead(found) or not np.ptp(before, axis=0).any():
        return start(found, seed)
    return _optimised(before, _affinities(found.scores, seed), FOLLOWING, seed)


def place(
    further: np.ndarray,
    features: np.ndarray,
    points: np.ndarray,
    method: str,
    scale: float = 1.0,
    seed: int = 0,
) -> np.ndarray:
    """Put further examples onto a finished frame, whose own points stay where they are.

    PCA is linear and applied to them; t-SNE places each among its nearest neighbours and then moves
    it by the forces of the map. Source: Poličar, Stražar & Zupan 2023, "Embedding to reference
    t-SNE space addresses batch effects in single-cell classification".

    Args:
        further: (m, d), the layer's values for the examples to place.
        features: (n, d), those for the examples of the frame.
        points: (n, 2), the frame.
        method: `pca` or `tsne`.
        scale: the radius of the map before it was brought to that of the frame.

    Returns:
        (m, 2) float64, in the frame.

    Example:
        >>> features = np.random.default_rng(0).normal(size=(50, 3))
        >>> frame = plane(components(features))
        >>> bool(np.allclose(place(features[:4], features, frame, "pca"), frame[:4]))
        True
    """
    found = components(features)
    scores = _scores(further, features, found)
    exact = points.astype(np.float64)
    if method == "pca":
        return scores @ np.linalg.lstsq(found.scores, exact, rcond=None)[0]
    if _is_dead(found):
        return np.zeros((len(further), 2))
    whole = exact * scale
    middle = (whole.max(axis=0) + whole.min(axis=0)) / 2  # openTSNE moves the map there
    embedding = _embedding(whole, _affinities(found.scores, seed), seed)
    return (np.asarray(embedding.transform(scores)) + middle) / scale


def _scores(further: np.ndarray, features: np.ndarray, found: Components) -> np.ndarray:
    """Further features along the components, by way of their products with the known ones."""
    squares = (found.scores**2).sum(axis=0)
    strong = squares > 1e-12 * squares.max()
    weights = np.where(strong, found.scores / np.where(strong, squares, 1), 0)
    off = further.astype(np.float64) - features.astype(np.float64).mean(axis=0)
    return off @ (_centred(features).T @ weights)


def _centred(features: np.ndarray) -> np.ndarray:
    exact = features.astype(np.float64)
    return exact - exact.mean(axis=0)


def _is_dead(found: Components) -> bool:
    return not np.ptp(found.scores, axis=0).any()


def _affinities(scores: np.ndarray, seed: int) -> Any:
    from openTSNE.affinity import PerplexityBasedNN

    perplexity = min(PERPLEXITY, (len(scores) - 1) / 3)
    values = np.ascontiguousarray(scores)
    return PerplexityBasedNN(values, perplexity, method="exact", n_jobs=THREADS, random_state=seed)


def _embedding(points: np.ndarray, affinities: Any, seed: int) -> Any:
    from openTSNE import TSNEEmbedding

    settings = {"negative_gradient_method": "bh", "theta": ANGLE, "n_jobs": THREADS}
    return TSNEEmbedding(points.copy(), affinities, random_state=seed, **settings)


def _optimised(
    points: np.ndarray, affinities: Any, steps: int, seed: int, exaggeration: float | None = None
) -> np.ndarray:
    embedding = _embedding(points, affinities, seed)
    return np.asarray(embedding.optimize(steps, exaggeration=exaggeration, momentum=0.8))
