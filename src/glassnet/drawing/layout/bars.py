"""Layout of bar charts: orientation, axis range and formatted values."""

import math

import numpy as np

from glassnet.drawing import typeset
from glassnet.findings import Bars, minus_signs

THICKNESS = 0.72
"""Fraction of its slot that a bar fills."""

MAX_VALUES, MAX_ROWS = 12, 40
"""Largest number of bars with a value at each, and of horizontal bars."""

SHORT_NAME = 22.0
"""Width in points, about four letters, up to which names fit side by side under vertical bars."""


def is_horizontal(finding: Bars) -> bool:
    """Check whether the bars are horizontal, so that each long name has a line of its own."""
    longest = max(map(typeset.width, finding.names), default=0.0)
    return longest > SHORT_NAME and len(finding.names) <= MAX_ROWS


def axis_range(finding: Bars) -> tuple[float, float]:
    """Compute the range of the axis: values, intervals, reference and zero, with some margin."""
    parts = [finding.values, finding.low, finding.high, finding.reference, 0.0]
    values = np.concatenate(
        [np.atleast_1d(part).astype(float) for part in parts if part is not None]
    )
    low, high = float(values.min()), float(values.max())
    room = 0.05 * ((high - low) or 1.0)
    return low - room * (low < 0), high + room * (high > 0 or low == high)


def axis_fraction(finding: Bars, value: np.ndarray | float) -> np.ndarray:
    """Convert values to fractions of the axis, 0 at its low end."""
    low, high = axis_range(finding)
    return (np.asarray(value, float) - low) / (high - low)


def bar_end(finding: Bars, index: int) -> float:
    """Find the value at which a bar, or its interval where it has one, ends."""
    value = float(finding.values[index])
    ends = finding.low if value < 0 else finding.high
    return value if ends is None else float(ends[index])


def value_position(finding: Bars, index: int, height: float) -> float:
    """Find where the label of a vertical bar's value starts, as a fraction of the axis.

    That is the end of the bar or its interval, or the reference line if that would cross the label.

    Args:
        finding: the bars.
        index: of the bar.
        height: of the label, as a fraction of the axis.
    """
    end = float(axis_fraction(finding, bar_end(finding, index)))
    if finding.reference is None:
        return end
    line = float(axis_fraction(finding, finding.reference))
    away = -1 if finding.values[index] < 0 else 1
    return line if 0 < away * (line - end) < height else end


def format_values(finding: Bars) -> tuple[str, ...]:
    """Format each value with the digits that suit the largest; empty if there are too many bars."""
    if len(finding.names) > MAX_VALUES:
        return ()
    largest = max((abs(float(value)) for value in finding.values), default=0.0) or 1.0
    digits = min(max(2 - math.floor(math.log10(largest)), int(largest < 1000)), 4)
    return tuple(minus_signs(f"{value:,.{digits}f}") for value in finding.values)


def is_muted(finding: Bars, index: int) -> bool:
    """Check whether a bar is muted."""
    return finding.muted is not None and bool(finding.muted[index])


def muted_legend(finding: Bars) -> str:
    """Give the legend of the muted bars; empty if there are none."""
    return finding.muted_label if finding.muted is not None and finding.muted.any() else ""
