"""Projections of one layer after another and epoch after epoch that change as little as possible.

PCA is exact and in float64. Each t-SNE continues from the one before: a t-SNE that starts anew
arranges the same clusters elsewhere, one that continues moves points as far as their neighbours
changed, and a little by itself. A frame whose features did not change shows how much that is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet import parallel
from glassnet.insight.measures import alignment
from glassnet.insight.measures.projections import (
    EARLY_MOMENTUM,
    ITERATIONS,
    N_COMPONENTS,
    THETA,
    momentum,
)

FRAME_ITERATIONS = 125
"""t-SNE iterations from one frame to the next, without early exaggeration.

10-NN accuracy of the projection of the default classifier's output after the first epoch was 94 %
with 100 iterations, and 97 % with 125. With exaggeration, points moved by a tenth of the radius
although nothing had changed; without it, by a fiftieth.
"""

PERPLEXITY = 30
EXAGGERATION = 12

N_JOBS = 1
"""Threads of one frame: a thousand points are too few for more. On shared cores two took seven
times as long for t-SNE, and twenty times for components. The result also depends on it."""

TIE_TOLERANCE = 1e-4
"""Components whose variances differ by no more than this share count as tied."""


@dataclass(frozen=True, eq=False)
class Components:
    """Features along their strongest principal components.

    Attributes:
        scores: (n, k) float64, k from 2 to `N_COMPONENTS`, strongest first; padded with zeros.
            The largest score of each component is positive.
        explained: (k,) float64, each component's share of the variance.
    """

    scores: np.ndarray
    explained: np.ndarray

    @property
    def constant(self) -> bool:
        """Whether all points are equal."""
        return not np.ptp(self.scores, axis=0).any()


def components(features: np.ndarray) -> Components:
    """Compute up to `N_COMPONENTS` principal components of (n, d) features, exactly, in float64.

    This diagonalises the smaller one of the covariance and the Gram matrix: a quarter of a second
    for 1,000 points of any width.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(N_JOBS):
        exact = features.astype(np.float64)
        return _components(exact - exact.mean(axis=0))


def _components(centred: np.ndarray) -> Components:
    from scipy.linalg import eigh

    n, width = centred.shape
    product = centred @ centred.T if width > n else centred.T @ centred
    size, total = len(product), float(np.trace(product))
    if total == 0:
        return Components(np.zeros((n, 2)), np.zeros(2))
    strongest = (max(0, size - N_COMPONENTS), size - 1)
    values, vectors = eigh(product, subset_by_index=strongest)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    scores = vectors * np.sqrt(values) if width > n else centred @ vectors
    largest = np.take_along_axis(scores, np.abs(scores).argmax(axis=0)[None], axis=0)
    scores = scores * np.where(largest < 0, -1, 1)
    missing = max(0, 2 - len(values))
    return Components(np.pad(scores, ((0, 0), (0, missing))), np.pad(values / total, (0, missing)))


def pca_frame(pca: Components) -> np.ndarray:
    """Project onto the two strongest components: (n, 2) float64.

    The result is the same, up to a rotation, however the features are rotated. If the second
    component is tied with the third, variance does not determine the plane. The axes then point to
    the points that lie farthest out in the tied components, which is invariant as well. (Ties of
    more than `N_COMPONENTS` components are not resolved.)
    """
    second = pca.explained[1]
    tied = np.flatnonzero(np.abs(pca.explained - second) <= TIE_TOLERANCE * second)
    if second == 0 or tied[-1] == 1:
        return pca.scores[:, :2]
    axes, rest = [*pca.scores.T[: tied[0]]], pca.scores[:, tied]
    while len(axes) < 2:
        lengths = np.hypot.reduce(rest, axis=1)
        farthest = int(np.argmax(lengths >= lengths.max() * (1 - 1e-9)))
        axis = rest[farthest] / lengths[farthest]
        axes.append(rest @ axis)
        rest = rest - np.outer(axes[-1], axis)
    return np.stack(axes, axis=1)


def first_tsne_frame(pca: Components, seed: int, random_start: bool = False) -> np.ndarray:
    """Run t-SNE from the PCA, or from random positions: (n, 2) float64."""
    from openTSNE import initialization

    if pca.constant:
        return np.zeros((len(pca.scores), 2))
    affinities = _affinities(pca.scores, seed)
    if random_start:
        points = initialization.random(len(pca.scores), random_state=seed)
    else:
        points = initialization.rescale(pca.scores[:, :2].copy())
    points = _optimize(points, affinities, ITERATIONS[0], seed, EXAGGERATION)
    return _optimize(points, affinities, ITERATIONS[1], seed)


def next_tsne_frame(pca: Components, before: np.ndarray, seed: int) -> np.ndarray:
    """Continue t-SNE from the frame before, (n, 2), with other features: (n, 2) float64."""
    if pca.constant or not np.ptp(before, axis=0).any():
        return first_tsne_frame(pca, seed)
    return _optimize(before, _affinities(pca.scores, seed), FRAME_ITERATIONS, seed)


def tsne_frames(
    layers: Sequence[Sequence[Components]],
    seed: int,
    advance: Callable[[], None],
    random_start: bool = False,
) -> list[list[np.ndarray]]:
    """Run t-SNE from frame to frame; a layer's first frame continues that of the layer before it.

    The layers' further frames are computed in parallel.

    Args:
        layers: for each layer, the components at each epoch.
        advance: called after each frame.
        random_start: whether the very first frame starts from random positions.

    Returns:
        Each layer's frames, (n, 2) float64.
    """
    first = [first_tsne_frame(layers[0][0], seed, random_start)]
    advance()
    for layer in layers[1:]:
        first.append(next_tsne_frame(layer[0], first[-1], seed))
        advance()

    def frames(index: int) -> list[np.ndarray]:
        made = [first[index]]
        for before, now in pairwise(layers[index]):
            unchanged = np.array_equal(before.scores, now.scores)
            made.append(made[-1] if unchanged else next_tsne_frame(now, made[-1], seed))
            advance()
        return made

    return parallel.map_threads(frames, range(len(layers)))


def drift(pca: Components, frame: np.ndarray, seed: int) -> np.ndarray:
    """Measure how far points move in a t-SNE frame whose features do not change: (n,), in radii."""
    again = next_tsne_frame(pca, frame, seed)
    return alignment.movement(*alignment.align_frames(np.stack([frame, again])))


def _affinities(scores: np.ndarray, seed: int) -> Any:
    from openTSNE.affinity import PerplexityBasedNN

    perplexity = min(PERPLEXITY, (len(scores) - 1) / 3)
    return PerplexityBasedNN(
        np.ascontiguousarray(scores), perplexity, method="exact", n_jobs=N_JOBS, random_state=seed
    )


def _optimize(
    points: np.ndarray,
    affinities: Any,
    n_iter: int,
    seed: int,
    exaggeration: float | None = None,
) -> np.ndarray:
    from openTSNE import TSNEEmbedding

    embedding = TSNEEmbedding(
        points.copy(),
        affinities,
        random_state=seed,
        negative_gradient_method="bh",
        theta=THETA,
        n_jobs=N_JOBS,
    )
    of_steps = EARLY_MOMENTUM if exaggeration else momentum(len(points))
    return np.asarray(embedding.optimize(n_iter, exaggeration=exaggeration, momentum=of_steps))
