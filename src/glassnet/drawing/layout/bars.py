"""What paper and screen share of bars: which way they lie, their range, their values as words."""

from __future__ import annotations

import math

import numpy as np

from glassnet.drawing import typeset
from glassnet.findings import Bars

THICKNESS = 0.72
"""Of the room that each bar has, the share that it fills."""

FEW, MANY = 12, 40
"""Up to how many bars have their value written at them, and have room for a line each."""

SHORT = 22.0
"""Names up to so many points long, about four letters, stand side by side under upright bars."""


def is_horizontal(finding: Bars) -> bool:
    """Say whether the bars lie, so that each long name has a line of its own."""
    longest = max(map(typeset.width, finding.names), default=0.0)
    return longest > SHORT and len(finding.names) <= MANY


def axis_range(finding: Bars) -> tuple[float, float]:
    """Give the lowest and highest value that the axis holds, nought and a little room included."""
    parts = [finding.values, finding.low, finding.high, finding.reference, 0.0]
    values = np.concatenate(
        [np.atleast_1d(part).astype(float) for part in parts if part is not None]
    )
    low, high = float(values.min()), float(values.max())
    room = 0.05 * ((high - low) or 1.0)
    return low - room * (low < 0), high + room * (high > 0 or low == high)


def axis_fraction(finding: Bars, value: np.ndarray | float) -> np.ndarray:
    """Turn values into shares of the axis, from its low end."""
    low, high = axis_range(finding)
    return (np.asarray(value, float) - low) / (high - low)


def bar_end(finding: Bars, index: int) -> float:
    """Give the value at which a bar ends, with its interval where it has one."""
    value = float(finding.values[index])
    ends = finding.low if value < 0 else finding.high
    return value if ends is None else float(ends[index])


def format_values(finding: Bars) -> tuple[str, ...]:
    """Write each value, with the digits that suit the largest; nothing where there are many."""
    if len(finding.names) > FEW:
        return ()
    largest = max((abs(float(value)) for value in finding.values), default=0.0) or 1.0
    digits = min(max(2 - math.floor(math.log10(largest)), int(largest < 1000)), 4)
    return tuple(f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}") for value in finding.values)


def is_muted(finding: Bars, index: int) -> bool:
    """Say whether a bar stands back."""
    return finding.muted is not None and bool(finding.muted[index])


def muted_legend(finding: Bars) -> str:
    """Say what the bars are that stand back, nothing where none does."""
    muted = finding.muted is not None and bool(finding.muted.any())
    return finding.muted_label if muted else ""
