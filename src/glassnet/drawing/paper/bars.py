"""Bars on paper: upright under short names, lying beside long ones, held against a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib import patheffects
from matplotlib.patches import Rectangle

from glassnet.drawing import typeset
from glassnet.drawing.layout import bars, curves, labels
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.page import ONE_COLUMN, TWO_COLUMNS, Page, body_width, lay_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Bars

LINE = typeset.TEXT_SIZE * typeset.LEADING
HEIGHT = 132.0
WIDEST, SLOT = 44.0, 15.0
"""Room for one bar: at most where it stands, and where it lies."""

COLOUR = LIGHT.accent
MUTED = mix(LIGHT.muted, LIGHT.ground, 0.42)
REFERENCE: dict[str, Any] = {
    "color": LIGHT.ink,
    "linewidth": 0.9,
    "dashes": (3.0, 2.0),
    "zorder": 4,
}
HALO = [patheffects.withStroke(linewidth=2.6, foreground=LIGHT.ground)]


@dataclass(frozen=True)
class Frame:
    """Where the bars are drawn, in points of the sheet's body; `lying` turns the axes round."""

    left: float
    top: float
    width: float
    height: float
    lying: bool

    def spot(self, across: float, along: float) -> tuple[float, float]:
        """Turn shares (across the bars, along them from the axis' low end) into a place."""
        if self.lying:
            return self.left + along * self.width, self.top + across * self.height
        return self.left + across * self.width, self.top + (1 - along) * self.height

    def at(self, finding: Bars, value: float) -> tuple[float, float]:
        """Give where a value lies on the axis."""
        return self.spot(0.0, float(bars.axis_fraction(finding, value)))


def figure(finding: Bars) -> Figure:
    """Draw bars, in one column where they fit and over two where they do not."""
    return _lying(finding) if bars.is_horizontal(finding) else _upright(finding)


def _upright(finding: Bars) -> Figure:
    values, count = bars.format_values(finding), len(finding.names)
    widest = max(map(typeset.width, (*finding.names, *values)), default=0.0) + 4
    label = typeset.wrap(finding.reference_label, 84) if finding.reference is not None else []
    ends = max(map(typeset.width, label), default=0.0) + 6 * bool(label)
    ticks = curves.ticks(bars.axis_range(finding), int(HEIGHT / (2 * LINE)))
    gutter = max((typeset.width(word) for _, word in ticks), default=0.0) + 6
    fits = gutter + ends + count * widest <= body_width(ONE_COLUMN)
    columns = ONE_COLUMN if fits else TWO_COLUMNS
    width = min(body_width(columns) - gutter - ends, count * max(WIDEST, widest))
    head = _head(finding, finding.y_label, body_width(columns))
    frame = Frame(gutter, head * LINE + (LINE if values else 4), width, HEIGHT, lying=False)
    foot = frame.top + HEIGHT + LINE * (bool(values) and bool((finding.values < 0).any()))
    page = lay_out(finding, columns, foot + (2.4 if finding.x_label else 1.3) * LINE)
    _write_head(page, finding, finding.y_label, head)
    _draw(page, finding, frame, ticks)
    for value, word in ticks:
        page.write(gutter - 6, frame.at(finding, value)[1], word, ha="right")
    _write_names_below(page, finding, frame, foot)
    if finding.reference is not None:
        half = typeset.height(label) / 2
        middle = min(frame.at(finding, finding.reference)[1], frame.top + HEIGHT - half)
        page.block(gutter + width + 6, middle - half, label)
    return page.figure


def _write_names_below(page: Page, finding: Bars, frame: Frame, foot: float) -> None:
    """Write the names that there is room for under upright bars, and what they are."""
    count = len(finding.names)
    places = [frame.spot((index + 0.5) / count, 0)[0] for index in range(count)]
    sizes = [typeset.width(name) + 3 for name in finding.names]
    for index, name in labels.fitting_names(finding.names, places, sizes).items():
        colour = _ink(finding, index)
        page.write(places[index], foot + 0.75 * LINE, name, ha="center", color=colour)
    page.write(frame.left + frame.width / 2, foot + 1.9 * LINE, finding.x_label, ha="center")


def _lying(finding: Bars) -> Figure:
    longest = max(map(typeset.width, finding.names))
    columns = ONE_COLUMN if longest <= 0.5 * body_width(ONE_COLUMN) else TWO_COLUMNS
    names = [typeset.wrap(name, 0.5 * body_width(columns)) for name in finding.names]
    gutter = max(typeset.width(line) for name in names for line in name) + 6
    ends = max(map(typeset.width, bars.format_values(finding)), default=0.0) + 6
    width = body_width(columns) - gutter - ends
    height = len(names) * max(SLOT, max(map(typeset.height, names)) + 4)
    ticks = curves.ticks(bars.axis_range(finding), int(width / (2.6 * LINE)))
    head = _head(finding, finding.x_label, body_width(columns))
    top = (head + 1.2 * (finding.reference is not None)) * LINE + 3
    frame = Frame(gutter, top, width, height, lying=True)
    foot = top + height
    page = lay_out(finding, columns, foot + 2.3 * LINE)
    _write_head(page, finding, finding.x_label, head)
    _draw(page, finding, frame, ticks)
    for index, name in enumerate(names):
        middle = frame.spot((index + 0.5) / len(names), 0)[1]
        above = middle - typeset.height(name) / 2
        page.block(gutter - 6, above, name, ha="right", color=_ink(finding, index))
    for value, word in ticks:
        page.write(frame.at(finding, value)[0], foot + 0.75 * LINE, word, ha="center")
    page.write(gutter + width / 2, foot + 1.8 * LINE, finding.y_label, ha="center")
    if finding.reference is not None:
        label = typeset.shorten(finding.reference_label, page.width)
        half = typeset.width(label) / 2
        middle = max(frame.at(finding, finding.reference)[0], half)
        middle = min(middle, page.width - half)
        page.write(middle, top - 3 - LINE / 2, label, ha="center")
    return page.figure


def _ink(finding: Bars, index: int) -> str:
    return LIGHT.muted if bars.is_muted(finding, index) else LIGHT.ink


def _head(finding: Bars, label: str, width: float) -> float:
    """Give how many lines the label and the key on top take."""
    words = typeset.width(label, bold=True), typeset.width(bars.muted_legend(finding)) + 12
    both = bool(label) and bool(bars.muted_legend(finding)) and sum(words) + 18 > width
    return 1.2 * (bool(label or bars.muted_legend(finding)) + both)


def _write_head(page: Page, finding: Bars, label: str, lines: float) -> None:
    """Write what the bars are of, and what those are that stand back."""
    page.write(0, LINE / 2, label, fontweight="bold")
    words = bars.muted_legend(finding)
    if not words:
        return
    left = 0.0 if lines > 2 or not label else typeset.width(label, bold=True) + 18
    y = (lines - 0.7) * LINE
    page.canvas.add_patch(Rectangle((left, y - 3.5), 7, 7, facecolor=MUTED, linewidth=0))
    page.write(left + 11, y, words)


def _draw(page: Page, finding: Bars, frame: Frame, ticks: tuple[tuple[float, str], ...]) -> None:
    count = len(finding.names)
    zero = float(bars.axis_fraction(finding, 0.0))
    for value, _ in ticks:
        _line(
            page, frame, float(bars.axis_fraction(finding, value)), color=LIGHT.rule, linewidth=0.5
        )
    for index in range(count):
        _draw_bar(page, finding, frame, index, zero)
    _line(page, frame, zero, color=LIGHT.muted, linewidth=0.8)
    if finding.reference is not None:
        _line(page, frame, float(bars.axis_fraction(finding, finding.reference)), **REFERENCE)
    for index, word in enumerate(bars.format_values(finding)):
        _write_value(page, finding, frame, index, word)


def _draw_bar(page: Page, finding: Bars, frame: Frame, index: int, zero: float) -> None:
    count = len(finding.names)
    middle, half = (index + 0.5) / count, bars.THICKNESS / 2 / count
    start = frame.spot(middle - half, zero)
    end = frame.spot(middle + half, float(bars.axis_fraction(finding, finding.values[index])))
    colour = MUTED if bars.is_muted(finding, index) else COLOUR
    page.canvas.add_patch(
        Rectangle(
            start, end[0] - start[0], end[1] - start[1], facecolor=colour, linewidth=0, zorder=2
        )
    )
    if finding.low is None or finding.high is None:
        return
    ends = [
        float(bars.axis_fraction(finding, bound[index])) for bound in (finding.low, finding.high)
    ]
    xs, ys = zip(*(frame.spot(middle, end) for end in ends), strict=True)
    (line,) = page.canvas.plot(xs, ys, color=LIGHT.ink, linewidth=1.1, path_effects=HALO, zorder=3)
    line.set_solid_capstyle("butt")


def _write_value(page: Page, finding: Bars, frame: Frame, index: int, word: str) -> None:
    """Write a bar's value above or below its end, or in a column of numbers beside lying bars."""
    end = float(bars.axis_fraction(finding, bars.bar_end(finding, index)))
    x, y = frame.spot((index + 0.5) / len(finding.names), end)
    style = {"path_effects": HALO, "zorder": 5}
    if frame.lying:
        page.write(page.width, y, word, ha="right")
    else:
        away = 1 if finding.values[index] < 0 else -1
        page.write(x, y + 0.6 * LINE * away, word, ha="center", **style)


def _line(page: Page, frame: Frame, along: float, **style: Any) -> None:
    """Draw a line across all bars."""
    xs, ys = zip(frame.spot(0, along), frame.spot(1, along), strict=True)
    page.canvas.plot(xs, ys, clip_on=False, **({"zorder": 1} | style))
