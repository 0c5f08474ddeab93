"""Tests behind comparisons: paired where both were measured on the same examples, else unpaired.

A statement such as "the hardest class" needs a test against every other class, with Holm's
correction for their number: `stands_out`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.stats.intervals import wilson

LEVEL = 0.05
"""Probability of a difference at least as large by chance, below which it is stated."""


@dataclass(frozen=True)
class Difference:
    """A difference of two shares with its 95 % interval and the p value of the test."""

    value: float
    low: float
    high: float
    p: float


def paired_difference(one: np.ndarray, other: np.ndarray) -> Difference:
    """Compare two shares of the same examples: that of `one` less that of `other`.

    The p value is that of McNemar's exact test. The interval is Wald's, with one example added to
    each kind of disagreement.

    Source: McNemar 1947, "Note on the sampling error of the difference between correlated
    proportions or percentages"; Bonett and Price 2012, "Adjusted Wald confidence interval for a
    difference of binomial proportions based on paired data".

    Args:
        one, other: (n,) bool, whether each example counts.

    Example:
        >>> one, other = np.arange(100) < 90, np.arange(100) < 70
        >>> found = paired_difference(one, other)
        >>> [round(each, 3) for each in (found.value, found.low, found.high)]
        [0.2, 0.114, 0.278]
        >>> found.p < 0.0001
        True
    """
    n, gained, lost = len(one), int((one & ~other).sum()), int((other & ~one).sum())
    if not n:
        return Difference(0.0, -1.0, 1.0, 1.0)
    more, less = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    centre = more - less
    half = 1.96 * float(np.sqrt((more + less - centre**2) / (n + 2)))
    low, high = max(-1.0, centre - half), min(1.0, centre + half)
    return Difference((gained - lost) / n, low, high, counts_differ(gained, lost))


def counts_differ(one: int, other: int) -> float:
    """Compute the exact p value of two counts of one sample, such as two kinds of mistakes.

    Given their sum, either is equally probable for each example if both are equally frequent.

    Example:
        >>> round(counts_differ(5, 4), 3)
        1.0
        >>> counts_differ(0, 0)
        1.0
    """
    from scipy.stats import binomtest

    return float(binomtest(one, one + other).pvalue) if one + other else 1.0


def share_differs(hits: int, n: int, expected: float) -> float:
    """Compute the p value of a share and an expected one, by the exact binomial test.

    Example:
        >>> round(share_differs(8, 10, 0.9), 2)
        0.26
    """
    from scipy.stats import binomtest

    return float(binomtest(hits, n, min(1.0, expected)).pvalue) if n else 1.0


def shares_differ(hits: int, n: int, other_hits: int, other_n: int) -> float:
    """Compute the p value of two shares of different examples, by Fisher's exact test.

    Example:
        >>> round(shares_differ(8, 1000, 6, 1000), 2)
        0.79
    """
    from scipy.stats import fisher_exact

    table = [[hits, n - hits], [other_hits, other_n - other_hits]]
    return float(fisher_exact(table).pvalue) if n and other_n else 1.0


def unpaired_difference(hits: int, n: int, other_hits: int, other_n: int) -> Difference:
    """Compare two shares of different examples: the first less the other one.

    The p value is that of Fisher's exact test; the interval is made from Wilson's of both shares.

    Source: Newcombe 1998, "Interval estimation for the difference between independent proportions",
    method 10.

    Example:
        >>> found = unpaired_difference(56, 70, 48, 80)
        >>> [round(each, 4) for each in (found.value, found.low, found.high)]
        [0.2, 0.0524, 0.3339]
    """
    if not n or not other_n:
        return Difference(0.0, -1.0, 1.0, 1.0)
    one, other = hits / n, other_hits / other_n
    (low, high), (other_low, other_high) = wilson(hits, n), wilson(other_hits, other_n)
    below = math.hypot(one - low, other_high - other)
    above = math.hypot(high - one, other - other_low)
    p = shares_differ(hits, n, other_hits, other_n)
    return Difference(one - other, one - other - below, one - other + above, p)


def unpaired_means(one: np.ndarray, other: np.ndarray) -> Difference:
    """Compare the means of different examples: the first less the other one, by Welch's t test.

    Example:
        >>> found = unpaired_means(np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0]))
        >>> [round(each, 3) for each in (found.value, found.low, found.high, found.p)]
        [-1.0, -3.267, 1.267, 0.288]
    """
    from scipy.stats import ttest_ind

    value = float(np.mean(one) - np.mean(other))
    if min(len(one), len(other)) < 2:
        return Difference(value, -math.inf, math.inf, 1.0)
    if not np.ptp(one) and not np.ptp(other):
        return Difference(value, value, value, 0.0 if value else 1.0)
    found = ttest_ind(one, other, equal_var=False)
    low, high = found.confidence_interval()
    return Difference(value, float(low), float(high), float(found.pvalue))


def mean_differs_from_zero(differences: np.ndarray) -> Difference:
    """Compare the mean of a few differences with zero, such as one per seed, by the paired t test.

    Example:
        >>> found = mean_differs_from_zero(np.array([1.0, 2.0, 3.0]))
        >>> [round(each, 3) for each in (found.value, found.low, found.high, found.p)]
        [2.0, -0.484, 4.484, 0.074]
    """
    from scipy.stats import ttest_1samp

    value = float(np.mean(differences))
    if len(differences) < 2:
        return Difference(value, -math.inf, math.inf, 1.0)
    if not np.ptp(differences):
        return Difference(value, value, value, 0.0 if value else 1.0)
    found = ttest_1samp(differences, 0.0)
    low, high = found.confidence_interval()
    return Difference(value, float(low), float(high), float(found.pvalue))


RESAMPLES = 5_000
"""Bootstrap samples: their smallest p value is 0.0004, which Holm's correction can take to 0.05 in
a hundred comparisons."""


def paired_bootstrap(differences: np.ndarray, seed: int = 0) -> Difference:
    """Compare the means of two measures of the same examples, from each example's difference.

    The interval is the bootstrap's percentile interval; the p value is twice the share of samples
    on the other side of zero.

    Source: Efron and Tibshirani 1993, "An introduction to the bootstrap", chapters 13 and 15.

    Args:
        differences: (n,) float, one less the other.
        seed: of the resampling.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> found = paired_bootstrap(rng.normal(0.1, 1.0, 1000))
        >>> found.low < 0.1 < found.high
        True
    """
    n, rng = len(differences), np.random.default_rng(seed)
    value = float(np.mean(differences)) if n else 0.0
    if not n or not np.ptp(differences):
        return Difference(value, value, value, 0.0 if value and n > 1 else 1.0)
    exact = differences.astype(np.float64)
    means = np.array([exact[rng.integers(n, size=n)].mean() for _ in range(RESAMPLES)])
    low, high = np.quantile(means, [0.025, 0.975])
    other_side = 1 + min(int((means <= 0).sum()), int((means >= 0).sum()))
    return Difference(value, float(low), float(high), min(1.0, 2 * other_side / (RESAMPLES + 1)))


def means_difference(one: tuple[float, float], other: tuple[float, float]) -> Difference:
    """Compare two means of different examples, each with its standard error: a z test.

    Example:
        >>> found = means_difference((12.0, 0.3), (11.0, 0.4))
        >>> [round(each, 2) for each in (found.value, found.low, found.high)]
        [1.0, 0.02, 1.98]
    """
    value, error = one[0] - other[0], float(np.hypot(one[1], other[1]))
    return Difference(value, value - 1.96 * error, value + 1.96 * error, means_differ(value, error))


def means_differ(difference: float, standard_error: float) -> float:
    """Compute the p value of a difference of means from its standard error (normal approximation).

    Example:
        >>> round(means_differ(1.96, 1.0), 3)
        0.05
    """
    from scipy.stats import norm

    if not standard_error:
        return 1.0 if not difference else 0.0
    return float(2 * norm.sf(abs(difference) / standard_error))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p values for the number of comparisons.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".

    Returns:
        The adjusted p values, in the given order; each is at most 1.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, float)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted.tolist()


def stands_out(p_values: Sequence[float]) -> bool:
    """Check whether one thing differs from every other one, from a p value for each of those.

    False if there is nothing to compare with.

    Example:
        >>> stands_out([0.01, 0.04, 0.001]), stands_out([0.01, 0.06, 0.001])
        (True, False)
    """
    return max(holm(p_values), default=1.0) < LEVEL
