"""Seeded, stratified selection of examples: a held-out split, or a subsample."""

import numpy as np

from glassnet.errors import DataError, UsageError


def stratified_split(
    labels: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hold out a share of the examples, in proportion to the classes.

    The number held out is `round(fraction * n)`, shared among the classes by largest remainder. A
    class of two or more examples has at least one on each side; a class of one example is not held
    out.

    Args:
        labels: (n,) class numbers.
        fraction: the share to hold out, in (0, 1).
        seed: at least 0; the same seed gives the same split.

    Returns:
        The positions that remain and those held out: two sorted int64 arrays, disjoint and
        together complete.

    Raises:
        UsageError: the fraction or the seed is out of range.
        DataError: no class has two examples, so nothing can be held out.

    Example:
        >>> train, valid = stratified_split(np.array([0, 0, 0, 1, 1, 1]), 1 / 3, seed=0)
        >>> len(train), len(valid)
        (4, 2)
    """
    if not 0 < fraction < 1:
        raise UsageError(
            f"the share of examples to hold out is {fraction}",
            "give a number between 0 and 1, such as 0.1",
        )
    counts = np.unique(labels, return_counts=True)[1]
    minimum, maximum = (counts >= 2).astype(np.int64), counts - 1
    if not maximum.any():
        raise DataError(
            f"none can be held out: each of the {len(labels)} examples is alone in its class",
            "give at least two examples of a class",
        )
    total = int(np.clip(round(fraction * len(labels)), minimum.sum(), maximum.sum()))
    held_out = _choose(labels, _shares(counts, total, minimum, maximum), seed)
    return np.setdiff1d(np.arange(len(labels)), held_out), held_out


def subsample(labels: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Choose n examples at random, in proportion to the classes.

    Args:
        labels: (m,) class numbers.
        n: how many, at least 1; all are taken if there are no more.
        seed: at least 0; the same seed gives the same positions.

    Returns:
        min(n, m) sorted int64 positions; every class is among them if n allows it.

    Raises:
        UsageError: n or the seed is out of range.
    """
    if n < 1:
        raise UsageError(f"{n} examples cannot be chosen", "choose at least 1")
    if n >= len(labels):
        return np.arange(len(labels))
    counts = np.unique(labels, return_counts=True)[1]
    minimum = np.full_like(counts, n >= len(counts))
    return _choose(labels, _shares(counts, n, minimum, counts), seed)


def _shares(counts: np.ndarray, total: int, minimum: np.ndarray, maximum: np.ndarray) -> np.ndarray:
    """Share a total among the classes by largest remainder, within bounds for each class."""
    quotas = counts * total / counts.sum()
    shares = np.clip(np.floor(quotas).astype(np.int64), minimum, maximum)
    while (missing := total - shares.sum()) != 0:
        if missing > 0:
            shares[np.where(shares < maximum, quotas - shares, -np.inf).argmax()] += 1
        else:
            shares[np.where(shares > minimum, quotas - shares, np.inf).argmin()] -= 1
    return shares


def _choose(labels: np.ndarray, shares: np.ndarray, seed: int) -> np.ndarray:
    if seed < 0:
        raise UsageError(f"the seed is {seed}", "give a whole number of at least 0")
    random = np.random.default_rng(seed)
    chosen = [
        random.permutation(np.flatnonzero(labels == label))[:share]
        for label, share in zip(np.unique(labels), shares, strict=True)
    ]
    return np.sort(np.concatenate(chosen))
