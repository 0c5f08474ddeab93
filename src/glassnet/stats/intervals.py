"""Confidence intervals of shares and means."""

from collections.abc import Sequence
from functools import cache

import numpy as np


@cache
def wilson(hits: int, n: int) -> tuple[float, float]:
    """Compute the 95 % Wilson score interval of `hits` out of `n`.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    Returns:
        (low, high), both in [0, 1]: (0, 1) for n = 0; the end is exactly 0 for no hits and exactly
        1 for `n` hits.

    Example:
        >>> [round(end, 4) for end in wilson(9939, 10000)]
        [0.9922, 0.9952]
    """
    from scipy.stats import binomtest

    if not n:
        return 0.0, 1.0
    ends = binomtest(hits, n).proportion_ci(method="wilson")
    return float(ends.low) if hits else 0.0, float(ends.high) if hits < n else 1.0


def half_width(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Compute half the width of the 95 % interval of a mean (normal approximation).

    Example:
        >>> float(half_width(np.array([0.0, 2.0, 0.0, 2.0])))
        0.98
    """
    return 1.96 * values.std(axis=axis) / np.sqrt(values.shape[axis])


def t_interval(values: Sequence[float]) -> tuple[float, float]:
    """Compute the 95 % interval of the mean of a few values, by Student's t.

    Source: Student 1908, "The probable error of a mean".

    Returns:
        (low, high); infinite for a single value.

    Example:
        >>> [round(end, 2) for end in t_interval([1.0, 2.0, 3.0])]
        [-0.48, 4.48]
    """
    from scipy.stats import t

    n = len(values)
    if n < 2:
        return -np.inf, np.inf
    half = float(t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return float(np.mean(values)) - half, float(np.mean(values)) + half


def percent(share: float, digits: int = 1) -> str:
    """Format a share as a percentage.

    Example:
        >>> percent(0.994)
        '99.4 %'
    """
    return f"{100 * share:.{digits}f} %"
