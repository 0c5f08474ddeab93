"""Seeded, stratified selection of examples: a held-out split, or a subsample."""

import numpy as np

from glassnet.errors import DataError, UsageError

MAX_ORDERS = 50
"""Number of random orders in which groups are tried, fewer where there are many groups."""


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
    _check_fraction(fraction)
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


def stratified_group_split(
    labels: np.ndarray, groups: np.ndarray, fraction: float, seed: int, *, later: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Hold out whole groups of examples, in proportion to the classes as far as the groups allow.

    No class loses all its examples. Every class of several groups is held out if that is possible;
    then the shares of the classes and of all examples are as near to the fraction as a greedy
    choice in several random orders gets them.

    Args:
        labels: (n,) class numbers.
        groups: (n,) group numbers.
        fraction: the share to hold out, in (0, 1).
        seed: at least 0; the same seed gives the same split.
        later: whether another split is to be held out of the rest, which should stay possible.

    Returns:
        The positions that remain and those held out: two sorted int64 arrays, disjoint and
        together complete.

    Raises:
        UsageError: the fraction or the seed is out of range.
        DataError: each group has all examples of a class, so nothing can be held out.

    Example:
        >>> labels, groups = np.array([0, 1, 0, 1, 0, 1]), np.array([7, 7, 8, 8, 9, 9])
        >>> train, valid = stratified_group_split(labels, groups, 1 / 3, seed=0)
        >>> len(set(groups[valid])), len(set(groups[train]) & set(groups[valid]))
        (1, 0)
    """
    _check_fraction(fraction)
    _check_seed(seed)
    names, group = np.unique(groups, return_inverse=True)
    classes, label = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(names), len(classes)), np.int64)
    np.add.at(counts, (group, label), 1)
    if not _can_hold_out(counts):
        raise DataError(
            f"no group can be held out: each of {len(names):,} has all examples of a class",
            "give each class examples of at least three groups, or leave out the groups",
        )
    held_out = np.isin(group, _choose_groups(counts, fraction, seed, later=later))
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


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
    _check_seed(seed)
    random = np.random.default_rng(seed)
    chosen = [
        random.permutation(np.flatnonzero(labels == label))[:share]
        for label, share in zip(np.unique(labels), shares, strict=True)
    ]
    return np.sort(np.concatenate(chosen))


def _can_hold_out(counts: np.ndarray) -> bool:
    """Whether a group can be held out without the last examples of a class.

    Args:
        counts: (groups, classes) numbers of examples; every class has one.
    """
    return bool((counts < counts.sum(axis=0)).all(axis=1).any())


def _choose_groups(counts: np.ndarray, fraction: float, seed: int, *, later: bool) -> np.ndarray:
    """The groups to hold out: the best of several greedy choices.

    Args:
        counts: (groups, classes) numbers of examples.
        fraction, seed, later: see `stratified_group_split`.
    """
    random = np.random.default_rng(seed)
    large = counts.sum(axis=1) > fraction * counts.sum()
    best, best_cost = np.arange(0), (True, len(counts[0]) + 1, 0.0)
    for _ in range(min(MAX_ORDERS, 1 + 20_000 // len(counts))):
        order = random.permutation(len(counts))
        order = order[np.argsort(large[order], kind="stable")]
        chosen, cost = _choose_greedily(counts, order, fraction)
        rest = np.delete(counts, chosen, axis=0)
        if (whole_cost := (later and not _can_hold_out(rest), *cost)) < best_cost:
            best, best_cost = chosen, whole_cost
    return best


def _choose_greedily(
    counts: np.ndarray, order: np.ndarray, fraction: float
) -> tuple[np.ndarray, tuple[int, float]]:
    """Each group in this order that makes the choice better, and the cost of the choice.

    The cost is the number of classes of which nothing is held out, then the squared deviation of
    the shares that are held out from the fraction.
    """
    totals = counts.sum(axis=0)
    weights = totals / totals.sum()

    def cost_of(held_out: np.ndarray) -> tuple[int, float]:
        deviations = held_out / totals - fraction
        deviation = held_out.sum() / totals.sum() - fraction
        missing = len(totals) - np.count_nonzero(held_out)
        squares = weights @ deviations**2 + deviation**2
        return int(missing), round(float(squares), 12)  # the same ties on every machine

    chosen: list[int] = []
    held_out = np.zeros_like(totals)
    cost = cost_of(held_out)
    for k in order.tolist():
        more = held_out + counts[k]
        if (more < totals).all() and (new_cost := cost_of(more)) < cost:
            held_out, cost = more, new_cost
            chosen.append(k)
    return np.array(chosen, np.int64), cost


def _check_fraction(fraction: float) -> None:
    if not 0 < fraction < 1:
        raise UsageError(
            f"the share of examples to hold out is {fraction}",
            "give a number between 0 and 1, such as 0.1",
        )


def _check_seed(seed: int) -> None:
    if seed < 0:
        raise UsageError(f"the seed is {seed}", "give a whole number of at least 0")
