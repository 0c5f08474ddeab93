"""Splits: seeded, stratified choices of positions."""

from __future__ import annotations

import numpy as np

from glassnet.errors import DataError, UsageError


def stratified(labels: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Hold a share of the examples out for validation, in proportion to every class.

    The number held out is `round(fraction * n)`, shared among the classes by largest remainder;
    a class of two examples or more has at least one in each part, one of a single example stays
    in the training part.

    Args:
        labels: (n,) class numbers.
        fraction: the share to hold out, in (0, 1).
        seed: at least 0; the same seed gives the same split.

    Returns:
        The training and the validation positions: two sorted int64 arrays that share no position
        and together hold them all.

    Raises:
        UsageError: the fraction or the seed is out of range.
        DataError: no class has two examples, so that nothing can be held out.

    Example:
        >>> train, valid = stratified(np.array([0, 0, 0, 1, 1, 1]), 1 / 3, seed=0)
        >>> len(train), len(valid)
        (4, 2)
    """
    if not 0 < fraction < 1:
        raise UsageError(
            f"the share of examples to hold out is {fraction}",
            "give a number between 0 and 1, as 0.1",
        )
    counts = np.unique(labels, return_counts=True)[1]
    least, most = (counts >= 2).astype(np.int64), counts - 1
    if not most.any():
        raise DataError(
            f"no class of the {len(labels)} examples has two, so none can be held out",
            "give at least two examples of a class",
        )
    total = int(np.clip(round(fraction * len(labels)), least.sum(), most.sum()))
    valid = _pick(labels, _shares(counts, total, least, most), seed)
    return np.setdiff1d(np.arange(len(labels)), valid), valid


def subsample(labels: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Draw examples to look at, in proportion to every class.

    Args:
        labels: (m,) class numbers.
        n: how many to draw, at least 1; all are taken where there are no more.
        seed: at least 0; the same seed gives the same draw.

    Returns:
        min(n, m) sorted int64 positions; every class is among them if n allows it.

    Raises:
        UsageError: n or the seed is out of range.
    """
    if n < 1:
        raise UsageError(f"{n} examples cannot be drawn", "draw at least 1")
    if n >= len(labels):
        return np.arange(len(labels))
    counts = np.unique(labels, return_counts=True)[1]
    least = np.full_like(counts, n >= len(counts))
    return _pick(labels, _shares(counts, n, least, counts), seed)


def _shares(counts: np.ndarray, total: int, least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Share a total among the classes by largest remainder, within bounds for each class."""
    quotas = counts * total / counts.sum()
    shares = np.clip(np.floor(quotas).astype(np.int64), least, most)
    while (missing := total - shares.sum()) != 0:
        if missing > 0:
            shares[np.where(shares < most, quotas - shares, -np.inf).argmax()] += 1
        else:
            shares[np.where(shares > least, quotas - shares, np.inf).argmin()] -= 1
    return shares


def _pick(labels: np.ndarray, shares: np.ndarray, seed: int) -> np.ndarray:
    if seed < 0:
        raise UsageError(f"the seed is {seed}", "give a whole number from 0 on")
    random = np.random.default_rng(seed)
    chosen = [
        random.permutation(np.flatnonzero(labels == label))[:share]
        for label, share in zip(np.unique(labels), shares, strict=True)
    ]
    return np.sort(np.concatenate(chosen))
