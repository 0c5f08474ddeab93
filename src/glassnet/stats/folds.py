"""Stratified folds for cross-validation, which keep groups together."""

import warnings

import numpy as np

Fold = tuple[np.ndarray, np.ndarray]
"""Positions of the points to fit on, and of those to test."""


def stratified_folds(
    labels: np.ndarray, seed: int, n_folds: int = 5, groups: np.ndarray | None = None
) -> list[Fold]:
    """Split points into shuffled, stratified folds, each of which is the test part once.

    There are fewer folds if a class has fewer points than `n_folds`. If a class has a single
    point, the folds are not stratified. Groups are divided into at most as many folds as there are
    groups and points of the largest class; the classes are as even as the groups allow.

    Args:
        labels: (n,) int64.
        seed: shuffles the points.
        groups: (n,) int64 group of each point, whose points are all in one fold.

    Returns:
        The folds; none if all points are in one group.

    Example:
        >>> labels, groups = np.array([0, 1, 0, 1, 0, 1]), np.array([7, 7, 8, 8, 9, 9])
        >>> sorted(groups[test].tolist() for _, test in stratified_folds(labels, 0, 3, groups))
        [[7, 7], [8, 8], [9, 9]]
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    counts = np.unique(labels, return_counts=True)[1]
    if groups is not None:
        return _grouped(labels, groups, seed, min(n_folds, len(np.unique(groups)), counts.max()))
    smallest = int(counts.min())
    splitter = StratifiedKFold if smallest > 1 else KFold
    count = min(n_folds, smallest if smallest > 1 else len(labels))
    return list(splitter(count, shuffle=True, random_state=seed).split(labels, labels))


def _grouped(labels: np.ndarray, groups: np.ndarray, seed: int, count: int) -> list[Fold]:
    from sklearn.model_selection import StratifiedGroupKFold

    if count < 2:
        return []
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")  # as even as they allow
        folds = list(splitter.split(labels, labels, groups))
    return [(rest, test) for rest, test in folds if len(rest) and len(test)]
