"""Rank statistics: Spearman's correlation, and the area under the ROC curve with its interval."""

import numpy as np

from glassnet.stats.comparisons import means_differ


def spearman(one: np.ndarray, other: np.ndarray) -> float:
    """Compute Spearman's rank correlation, in [-1, 1]; 0 if one of the two is constant.

    Example:
        >>> round(spearman(np.array([1, 2, 3]), np.array([1, 4, 9])), 6)
        1.0
    """
    from scipy.stats import spearmanr

    if not np.ptp(one) or not np.ptp(other):
        return 0.0
    return float(spearmanr(one, other).statistic)


def auroc(scores: np.ndarray, positive: np.ndarray) -> tuple[float, np.ndarray]:
    """Compute the area under the ROC curve and each example's influence on it.

    The area is the probability that a positive example scores above a negative one.

    Source: DeLong, DeLong and Clarke-Pearson 1988, "Comparing the areas under two or more
    correlated receiver operating characteristic curves"; by ranks as in Sun and Xu 2014.

    Args:
        scores: (n,) float; ties count by half.
        positive: (n,) bool.

    Returns:
        The area in [0, 1], and the influences (n,) float64, which add up to 0; `standard_error` of
        them is DeLong's. 0.5 and zeros if there are no positive or no negative examples.

    Example:
        >>> auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))[0]
        0.75
    """
    from scipy.stats import rankdata

    n, n_positive = len(scores), int(positive.sum())
    if n_positive in (0, n):
        return 0.5, np.zeros(n)
    ranks = rankdata(scores)
    wins = np.empty(n)  # share of the examples of the other kind that are ranked correctly
    wins[positive] = (ranks[positive] - rankdata(scores[positive])) / (n - n_positive)
    wins[~positive] = 1 - (ranks[~positive] - rankdata(scores[~positive])) / n_positive
    area = float(wins[positive].mean())
    return area, (wins - area) / np.where(positive, n_positive / n, 1 - n_positive / n)


def standard_error(influences: np.ndarray) -> float:
    """Compute the standard error of an area, or of a mean of areas from their mean influences."""
    return float(np.sqrt((influences**2).sum()) / len(influences))


def areas_differ(one: tuple[float, np.ndarray], other: tuple[float, np.ndarray]) -> float:
    """Compute the p value of two areas on the same examples, by DeLong's test.

    Args:
        one, other: area and influences, as from `auroc`.
    """
    return means_differ(one[0] - other[0], standard_error(one[1] - other[1]))


def auroc_interval(area: float, influences: np.ndarray) -> tuple[float, float]:
    """Compute the 95 % interval of an area (normal approximation), clipped to [0, 1]."""
    error = standard_error(influences)
    return max(0.0, area - 1.96 * error), min(1.0, area + 1.96 * error)
