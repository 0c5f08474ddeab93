"""Ratio of two medians with a bootstrap interval."""

import numpy as np

RESAMPLES = 1000
"""Bootstrap resamples behind an interval."""


def ratio_of_medians(
    values: np.ndarray, others: np.ndarray, seed: int
) -> tuple[float, float, float]:
    """Return the median of `values` over that of `others` with its 95 % interval.

    The interval is that of the percentile bootstrap.

    Returns:
        The ratio, and the lower and the upper end of the interval.
    """
    random = np.random.default_rng(seed)

    def medians(numbers: np.ndarray) -> np.ndarray:
        resamples = random.integers(0, len(numbers), (RESAMPLES, len(numbers)))
        return np.median(numbers[resamples], axis=1)

    ratio = np.median(values) / max(float(np.median(others)), 1e-12)
    low, high = np.quantile(medians(values) / medians(others).clip(1e-12), (0.025, 0.975))
    return float(ratio), float(low), float(high)
