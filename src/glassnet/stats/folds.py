"""Stratified folds for cross-validation."""

import numpy as np

Fold = tuple[np.ndarray, np.ndarray]
"""Positions of the points to fit on, and of those to test."""


def stratified_folds(labels: np.ndarray, seed: int, n_folds: int = 5) -> list[Fold]:
    """Split points into shuffled, stratified folds, each of which is the test part once.

    There are fewer folds if a class has fewer points than `n_folds`. If a class has a single
    point, the folds are not stratified.

    Args:
        labels: (n,) int64.
        seed: shuffles the points.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    smallest = int(np.unique(labels, return_counts=True)[1].min())
    splitter = StratifiedKFold if smallest > 1 else KFold
    count = min(n_folds, smallest if smallest > 1 else len(labels))
    return list(splitter(count, shuffle=True, random_state=seed).split(labels, labels))
