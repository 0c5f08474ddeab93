"""Bars on the screen: places in per cent, names and values as words."""

from __future__ import annotations

from typing import Any

from glassnet.drawing import typeset
from glassnet.drawing.layout import bars, curves
from glassnet.drawing.screen import css
from glassnet.findings import Bars

WIDEST, SLOT = 60.0, 28.0
"""Room for one bar: at most where it stands, at least where it lies."""

ROOM = 700.0
"""The most that bars take of a wide screen."""

LONGEST, LABEL = 150.0, 96.0
"""Where the line breaks of a name beside a lying bar, and of the words at the reference line."""

TICKS = 6


def view(finding: Bars) -> dict[str, Any]:
    """Give what a page needs to draw bars; all places are per cent from the left and the top."""
    lying, values = bars.is_horizontal(finding), bars.format_values(finding)
    ticks = curves.ticks(bars.axis_range(finding), TICKS)
    words = finding.names if lying else [word for _, word in ticks]
    gutter = min(max(map(css.width, words), default=0.0), LONGEST) + 12
    ends = _ends(finding, lying=lying)
    phone = css.PHONE - gutter - ends
    count = len(finding.names)
    room = count * (_slot(finding) if lying else WIDEST)
    line = finding.reference
    return {
        "lying": lying,
        "x_label": finding.x_label,
        "y_label": finding.y_label,
        "muted_label": bars.muted_legend(finding),
        "gutter": round(gutter),
        "ends": round(ends),
        "room": round(room),
        "bars": [_bar(finding, index, lying=lying) for index in range(count)],
        "names": _names(finding, (min(ROOM, room), phone), lying=lying),
        "values": values,
        "spare": not lying and any(css.width(word) + 3 > phone / count for word in values),
        "dipping": bool(values) and not lying and bool((finding.values < 0).any()),
        "zero": _along(finding, 0.0, lying=lying),
        "ticks": [(_along(finding, value, lying=lying), word) for value, word in ticks],
        "reference": None if line is None else _along(finding, line, lying=lying),
        "reference_label": finding.reference_label,
    }


def _names(finding: Bars, lengths: tuple[float, float], *, lying: bool) -> list[dict[str, Any]]:
    """Give the names that there is room for; each lying bar has a line for its own."""
    count = len(finding.names)
    middles = [(index + 0.5) / count for index in range(count)]
    sizes = [0.0 if lying else css.width(name) + 4 for name in finding.names]
    return [
        name | {"muted": bars.is_muted(finding, name["index"])}
        for name in css.visible_names(finding.names, middles, sizes, lengths)
    ]


def _along(finding: Bars, value: float, *, lying: bool) -> float:
    """Give where a value lies on its axis."""
    share = float(bars.axis_fraction(finding, value))
    return css.percent(share if lying else 1 - share)


def _ends(finding: Bars, *, lying: bool) -> float:
    """Give the room beyond the axis: for the values beside lying bars, else for the reference."""
    if lying:
        return max(map(css.width, bars.format_values(finding)), default=0.0) + 8
    if finding.reference is None:
        return 0.0
    return min(css.width(finding.reference_label), LABEL) + 12


def _slot(finding: Bars) -> float:
    """Give the room of a lying bar: all lines of its name, and a little between two names."""
    lines = [typeset.wrap(name, LONGEST, css.TEXT) for name in finding.names]
    return max(SLOT, max(map(len, lines), default=1) * css.LINE + 8)


def _bar(finding: Bars, index: int, *, lying: bool) -> dict[str, Any]:
    """Place one bar and its interval, and say in words what it is."""
    count, value = len(finding.names), float(finding.values[index])
    start, end = sorted(_along(finding, v, lying=lying) for v in (0.0, value))
    across = css.percent((index + (1 - bars.THICKNESS) / 2) / count)
    thick, long = css.percent(bars.THICKNESS / count), round(end - start, 2)
    middle = css.percent((index + 0.5) / count)
    interval, tip = None, [f"{finding.y_label}: {value:.6g}".removeprefix(": ")]
    if finding.low is not None and finding.high is not None:
        bounds = float(finding.low[index]), float(finding.high[index])
        interval = [_along(finding, bound, lying=lying) for bound in bounds]
        tip.append(f"{bounds[0]:.6g} to {bounds[1]:.6g}")
    muted = bars.is_muted(finding, index)
    return {
        "rect": (start, across, long, thick) if lying else (across, start, thick, long),
        "middle": middle,
        "end": _along(finding, bars.bar_end(finding, index), lying=lying),
        "below": value < 0,
        "interval": interval,
        "muted": muted,
        "tip": [
            f"{finding.x_label} {finding.names[index]}".strip(),
            *tip,
            *([finding.muted_label] if muted else []),
        ],
    }
