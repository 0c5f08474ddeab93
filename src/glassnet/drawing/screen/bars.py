"""Bar charts on the screen: positions in per cent, names and formatted values."""

from typing import Any

from glassnet.drawing import typeset
from glassnet.drawing.layout import bars, curves
from glassnet.drawing.screen import css
from glassnet.findings import Bars, minus_signs

MAX_SLOT, MIN_SLOT = 60.0, 28.0
"""Space for one bar: at most for a vertical one, at least for a horizontal one."""

MAX_LENGTH = 700.0
"""Largest width of vertical bars on a wide screen."""

MAX_NAME, MAX_LABEL = 150.0, 96.0
"""Width at which the name of a horizontal bar and the label of the reference line wrap."""

TICKS = 6
HEIGHT = 220.0
"""Height of vertical bars, in CSS pixels, as in figures.css."""


def view(finding: Bars) -> dict[str, Any]:
    """Give what a page needs to draw bars; positions are in per cent from the left and the top."""
    horizontal, values = bars.is_horizontal(finding), bars.format_values(finding)
    ticks = curves.ticks(bars.axis_range(finding), TICKS)
    side_labels = finding.names if horizontal else [label for _, label in ticks]
    left = min(max(map(css.width, side_labels), default=0.0), MAX_NAME) + 12
    right = _right_margin(finding, horizontal=horizontal)
    phone = css.PHONE - left - right
    count = len(finding.names)
    length = count * (_slot(finding) if horizontal else MAX_SLOT)
    reference = finding.reference
    return {
        "horizontal": horizontal,
        "x_label": finding.x_label,
        "y_label": finding.y_label,
        "muted_label": bars.muted_legend(finding),
        "left_margin": round(left),
        "right_margin": round(right),
        "max_length": round(length),
        "bars": [_bar(finding, index, horizontal=horizontal) for index in range(count)],
        "names": _names(finding, (min(MAX_LENGTH, length), phone), horizontal=horizontal),
        "values": values,
        "values_wide_only": not horizontal
        and any(css.width(value) + 3 > phone / count for value in values),
        "has_negative_values": bool(values) and not horizontal and bool((finding.values < 0).any()),
        "zero": _along(finding, 0.0, horizontal=horizontal),
        "ticks": [(_along(finding, value, horizontal=horizontal), label) for value, label in ticks],
        "reference": None
        if reference is None
        else _along(finding, reference, horizontal=horizontal),
        "reference_label": finding.reference_label,
    }


def _names(
    finding: Bars, lengths: tuple[float, float], *, horizontal: bool
) -> list[dict[str, Any]]:
    """List the names that fit; each horizontal bar has a line of its own."""
    count = len(finding.names)
    middles = [(index + 0.5) / count for index in range(count)]
    sizes = [0.0 if horizontal else css.width(name) + 4 for name in finding.names]
    return [
        name | {"muted": bars.is_muted(finding, name["index"])}
        for name in css.visible_names(finding.names, middles, sizes, lengths)
    ]


def _along(finding: Bars, value: float, *, horizontal: bool) -> float:
    """Convert a value to a position on its axis."""
    share = float(bars.axis_fraction(finding, value))
    return css.percent(share if horizontal else 1 - share)


def _right_margin(finding: Bars, *, horizontal: bool) -> float:
    """Compute the space beyond the axis, for values of horizontal bars or the reference."""
    if horizontal:
        return max(map(css.width, bars.format_values(finding)), default=0.0) + 8
    if finding.reference is None:
        return 0.0
    return min(css.width(finding.reference_label), MAX_LABEL) + 12


def _slot(finding: Bars) -> float:
    """Compute the space of a horizontal bar: all lines of its name, and some space between two."""
    lines = [typeset.wrap(name, MAX_NAME, css.TEXT) for name in finding.names]
    return max(MIN_SLOT, max(map(len, lines), default=1) * css.LINE + 8)


def _bar(finding: Bars, index: int, *, horizontal: bool) -> dict[str, Any]:
    """Place one bar and its interval, and write its tooltip."""
    count, value = len(finding.names), float(finding.values[index])
    start, end = sorted(_along(finding, v, horizontal=horizontal) for v in (0.0, value))
    across = css.percent((index + (1 - bars.THICKNESS) / 2) / count)
    thick, long = css.percent(bars.THICKNESS / count), round(end - start, 2)
    middle = css.percent((index + 0.5) / count)
    interval = None
    tooltip = [f"{finding.y_label}: {value:.6g}" if finding.y_label else f"{value:.6g}"]
    if finding.low is not None and finding.high is not None:
        bounds = float(finding.low[index]), float(finding.high[index])
        interval = [_along(finding, bound, horizontal=horizontal) for bound in bounds]
        tooltip.append(f"{bounds[0]:.6g} to {bounds[1]:.6g}")
    muted = bars.is_muted(finding, index)
    return {
        "rect": (start, across, long, thick) if horizontal else (across, start, thick, long),
        "middle": middle,
        "end": css.percent(1 - bars.value_position(finding, index, 1.2 * css.LINE / HEIGHT)),
        "is_negative": value < 0,
        "interval": interval,
        "muted": muted,
        "tooltip": [
            f"{finding.x_label} {finding.names[index]}".strip(),
            *map(minus_signs, tooltip),
            *([finding.muted_label] if muted else []),
        ],
    }
