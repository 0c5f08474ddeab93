"""What orders tell: rank correlation, and the area under the ROC curve with its error."""

from __future__ import annotations

import numpy as np


def ranks(values: np.ndarray) -> np.ndarray:
    """(n,) float64 ranks from 1 on; equal values share their mean rank.

    Example:
        >>> ranks(np.array([0.3, 0.1, 0.3]))
        array([2.5, 1. , 2.5])
    """
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[where]


def rank_correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Spearman's rank correlation in [-1, 1]; 0 where one of the two does not vary.

    Example:
        >>> round(rank_correlation(np.array([1, 2, 3]), np.array([1, 4, 9])), 6)
        1.0
    """
    first, second = (each - each.mean() for each in (ranks(one), ranks(two)))
    spread = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum() / spread) if spread else 0.0


def auroc(scores: np.ndarray, positive: np.ndarray) -> tuple[float, np.ndarray]:
    """Area under the ROC curve: how often a positive example scores above a negative one.

    Source: DeLong, DeLong and Clarke-Pearson 1988, "Comparing the areas under two or more
    correlated receiver operating characteristic curves"; by ranks as in Sun and Xu 2014.

    Args:
        scores: (n,) float; equal scores count by half.
        positive: (n,) bool.

    Returns:
        The area in [0, 1], and each example's influence on it (n,) float64: they add up to 0, and
        `standard_error` of them is DeLong's. 0.5 and zeros where one of the two kinds is missing.

    Example:
        >>> auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))[0]
        0.75
    """
    n, hits = len(scores), int(positive.sum())
    if hits in (0, n):
        return 0.5, np.zeros(n)
    every = ranks(scores)
    below = np.empty(n)  # the share of examples of the other kind that lie on the right side
    below[positive] = (every[positive] - ranks(scores[positive])) / (n - hits)
    below[~positive] = 1 - (every[~positive] - ranks(scores[~positive])) / hits
    area = float(below[positive].mean())
    return area, (below - area) / np.where(positive, hits / n, 1 - hits / n)


def standard_error(influence: np.ndarray) -> float:
    """Standard error of an area from the influences on it; of a mean area, from their mean."""
    return float(np.sqrt((influence**2).sum()) / len(influence))


def within(area: float, error: float) -> tuple[float, float]:
    """The 95 % interval of an area, by the normal approximation, cut off at 0 and 1."""
    return max(0.0, area - 1.96 * error), min(1.0, area + 1.96 * error)
