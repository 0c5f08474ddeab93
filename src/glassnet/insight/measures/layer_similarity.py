"""Linear centred kernel alignment (CKA): how similar two layers represent the same examples."""

import math

import numpy as np

BLOCK = 4096
"""Dimensions that are converted to 64 bits at a time."""

N_GROUPS = 10
"""Groups of examples that the jackknife leaves out in turn."""

N_SHUFFLES = 20
"""Shuffles of the examples behind the similarity by chance."""


def centred_gram(features: np.ndarray) -> np.ndarray:
    """Compute the inner products of centred features: (n, n) float64 for (n, dimensions).

    It takes the place of the features, of which there can be far more than examples.
    """
    gram = np.zeros((len(features), len(features)))
    for start in range(0, features.shape[1], BLOCK):
        part = features[:, start : start + BLOCK].astype(np.float64)
        part -= part.mean(axis=0)
        gram += part @ part.T
    return gram


def linear_cka(one: np.ndarray, other: np.ndarray) -> float:
    """Compute linear CKA from the centred inner products (n, n) of two layers.

    1 if the layers are equal up to a rotation and one scale; NaN if a layer is constant. More
    dimensions than examples raise it: `shuffled_cka` shows how far.

    Source: Kornblith, Norouzi, Lee & Hinton 2019, "Similarity of neural network representations
    revisited", equation 3 with a linear kernel.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(50, 4))
        >>> round(linear_cka(centred_gram(x), centred_gram(3 * x[:, ::-1] + 1)), 6)
        1.0
    """
    norms = math.sqrt(float((one * one).sum()) * float((other * other).sum()))
    return float((one * other).sum()) / norms if norms else float("nan")


def cka_interval(one: np.ndarray, other: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Compute the 95 % interval of a CKA over examples, by a jackknife over groups of them.

    Source: Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 11.
    """
    n, value = len(one), linear_cka(one, other)
    group = np.random.default_rng(seed).permutation(n) % N_GROUPS
    without = [_of_part(one, other, np.flatnonzero(group != k)) for k in range(min(N_GROUPS, n))]
    variance = (len(without) - 1) * float(np.var(without))
    half = 1.96 * float(np.sqrt(variance))
    return max(0.0, value - half), min(1.0, value + half)


def _of_part(one: np.ndarray, other: np.ndarray, part: np.ndarray) -> float:
    return linear_cka(*(_centre(gram[np.ix_(part, part)]) for gram in (one, other)))


def _centre(gram: np.ndarray) -> np.ndarray:
    """Centre the features behind inner products."""
    means = gram.mean(axis=0)
    return gram - means - means[:, None] + gram.mean()


def shuffled_cka(one: np.ndarray, other: np.ndarray, seed: int = 0) -> float:
    """Compute the mean CKA where the examples of one layer are shuffled: similarity by chance."""
    rng = np.random.default_rng(seed)
    orders = (rng.permutation(len(other)) for _ in range(N_SHUFFLES))
    return float(np.mean([linear_cka(one, other[np.ix_(each, each)]) for each in orders]))
