"""How sure a share or a mean is."""

from __future__ import annotations

import math

import numpy as np


def wilson(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval for a share of `hits` in `n`, 95 % by default.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    Returns:
        (low, high), both in [0, 1].

    Example:
        >>> [round(end, 4) for end in wilson(9939, 10000)]
        [0.9922, 0.9952]
    """
    if not n:
        return 0.0, 1.0
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # Rounding must not part an end from a share of none or all.
    return max(0.0, centre - half) if hits else 0.0, min(1.0, centre + half) if hits < n else 1.0


def half_width(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """Half the 95 % interval of a mean along an axis, by the normal approximation.

    Example:
        >>> float(half_width(np.array([0.0, 2.0, 0.0, 2.0])))
        0.98
    """
    return 1.96 * values.std(axis=axis) / np.sqrt(values.shape[axis])


def percent(share: float, digits: int = 1) -> str:
    """A share in words.

    Example:
        >>> percent(0.994)
        '99.4 %'
    """
    return f"{100 * share:.{digits}f} %"
