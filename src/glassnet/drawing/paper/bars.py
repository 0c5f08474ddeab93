"""Bar charts on paper: vertical under short names, horizontal beside long ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib import patheffects
from matplotlib.patches import Rectangle

from glassnet.drawing import tokens, typeset
from glassnet.drawing.layout import bars, curves, labels
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Bars

LINE = typeset.TEXT_SIZE * typeset.LEADING
HEIGHT = 132.0
MAX_SLOT, MIN_SLOT = 44.0, 15.0
"""Space for one bar: at most for a vertical one, at least for a horizontal one."""

COLOUR = LIGHT.accent
MUTED = mix(LIGHT.muted, LIGHT.ground, tokens.MUTED_FILL)
REFERENCE: dict[str, Any] = {
    "color": LIGHT.ink,
    "linewidth": 0.9,
    "dashes": tokens.REFERENCE_DASHES,
    "zorder": 4,
}
HALO = [patheffects.withStroke(linewidth=2.6, foreground=LIGHT.ground)]


@dataclass(frozen=True)
class Frame:
    """The plot area, in points of the page's body; `horizontal` swaps the axes."""

    left: float
    top: float
    width: float
    height: float
    horizontal: bool

    def point(self, across: float, along: float) -> tuple[float, float]:
        """Convert fractions, across the bars and along them from the low end, to a position."""
        if self.horizontal:
            return self.left + along * self.width, self.top + across * self.height
        return self.left + across * self.width, self.top + (1 - along) * self.height

    def point_of(self, finding: Bars, value: float) -> tuple[float, float]:
        """Convert a value to a position on the axis."""
        return self.point(0.0, float(bars.axis_fraction(finding, value)))


def figure(finding: Bars, style: PageStyle) -> Figure:
    """Draw a bar chart, in one column if it fits, else over two."""
    return (
        _horizontal_bars(finding, style)
        if bars.is_horizontal(finding)
        else _vertical_bars(finding, style)
    )


def _vertical_bars(finding: Bars, style: PageStyle) -> Figure:
    values, count = bars.format_values(finding), len(finding.names)
    widest = max(map(typeset.width, (*finding.names, *values)), default=0.0) + 4
    label = typeset.wrap(finding.reference_label, 84) if finding.reference is not None else []
    ends = max(map(typeset.width, label), default=0.0) + 6 * bool(label)
    ticks = curves.ticks(bars.axis_range(finding), int(HEIGHT / (2 * LINE)))
    gutter = max((typeset.width(formatted) for _, formatted in ticks), default=0.0) + 6
    fits = gutter + ends + count * widest <= style.body_width(style.one_column)
    columns = style.one_column if fits else style.two_columns
    width = min(style.body_width(columns) - gutter - ends, count * max(MAX_SLOT, widest))
    header_lines = _header_lines(finding, finding.y_label, style.body_width(columns))
    frame = Frame(
        gutter, header_lines * LINE + (LINE if values else 4), width, HEIGHT, horizontal=False
    )
    bottom = frame.top + HEIGHT + LINE * (bool(values) and bool((finding.values < 0).any()))
    page = lay_out(finding, style, columns, bottom + (2.4 if finding.x_label else 1.3) * LINE)
    _write_header(page, finding, finding.y_label, header_lines)
    _draw(page, finding, frame, ticks)
    for value, formatted in ticks:
        page.write(gutter - 6, frame.point_of(finding, value)[1], formatted, ha="right")
    _write_names_below(page, finding, frame, bottom)
    if finding.reference is not None:
        half = typeset.height(label) / 2
        middle = min(frame.point_of(finding, finding.reference)[1], frame.top + HEIGHT - half)
        page.write_lines(gutter + width + 6, middle - half, label)
    return page.figure


def _write_names_below(page: Page, finding: Bars, frame: Frame, bottom: float) -> None:
    """Write the names that fit under vertical bars, and what they are."""
    count = len(finding.names)
    places = [frame.point((index + 0.5) / count, 0)[0] for index in range(count)]
    sizes = [typeset.width(name) + 3 for name in finding.names]
    for index, name in labels.fitting_names(finding.names, places, sizes).items():
        colour = _text_colour(finding, index)
        page.write(places[index], bottom + 0.75 * LINE, name, ha="center", color=colour)
    page.write(frame.left + frame.width / 2, bottom + 1.9 * LINE, finding.x_label, ha="center")


def _horizontal_bars(finding: Bars, style: PageStyle) -> Figure:
    longest = max(map(typeset.width, finding.names))
    columns = (
        style.one_column
        if longest <= 0.5 * style.body_width(style.one_column)
        else style.two_columns
    )
    names = [typeset.wrap(name, 0.5 * style.body_width(columns)) for name in finding.names]
    gutter = max(typeset.width(line) for name in names for line in name) + 6
    ends = max(map(typeset.width, bars.format_values(finding)), default=0.0) + 6
    width = style.body_width(columns) - gutter - ends
    height = len(names) * max(MIN_SLOT, max(map(typeset.height, names)) + 4)
    ticks = curves.ticks(bars.axis_range(finding), int(width / (2.6 * LINE)))
    header_lines = _header_lines(finding, finding.x_label, style.body_width(columns))
    top = (header_lines + 1.2 * (finding.reference is not None)) * LINE + 3
    frame = Frame(gutter, top, width, height, horizontal=True)
    bottom = top + height
    page = lay_out(finding, style, columns, bottom + 2.3 * LINE)
    _write_header(page, finding, finding.x_label, header_lines)
    _draw(page, finding, frame, ticks)
    for index, name in enumerate(names):
        middle = frame.point((index + 0.5) / len(names), 0)[1]
        above = middle - typeset.height(name) / 2
        page.write_lines(gutter - 6, above, name, ha="right", color=_text_colour(finding, index))
    for value, formatted in ticks:
        page.write(frame.point_of(finding, value)[0], bottom + 0.75 * LINE, formatted, ha="center")
    page.write(gutter + width / 2, bottom + 1.8 * LINE, finding.y_label, ha="center")
    if finding.reference is not None:
        label = typeset.shorten(finding.reference_label, page.width)
        half = typeset.width(label) / 2
        middle = max(frame.point_of(finding, finding.reference)[0], half)
        middle = min(middle, page.width - half)
        page.write(middle, top - 3 - LINE / 2, label, ha="center")
    return page.figure


def _text_colour(finding: Bars, index: int) -> str:
    return LIGHT.muted if bars.is_muted(finding, index) else LIGHT.ink


def _header_lines(finding: Bars, label: str, width: float) -> float:
    """Count the lines that the label and the legend on top take."""
    widths = typeset.width(label, bold=True), typeset.width(bars.muted_legend(finding)) + 12
    both = bool(label) and bool(bars.muted_legend(finding)) and sum(widths) + 18 > width
    return 1.2 * (bool(label or bars.muted_legend(finding)) + both)


def _write_header(page: Page, finding: Bars, label: str, lines: float) -> None:
    """Write what the bars are, and the legend of the muted ones."""
    page.write(0, LINE / 2, label, fontweight="bold")
    if not (legend := bars.muted_legend(finding)):
        return
    left = 0.0 if lines > 2 or not label else typeset.width(label, bold=True) + 18
    y = (lines - 0.7) * LINE
    page.canvas.add_patch(Rectangle((left, y - 3.5), 7, 7, facecolor=MUTED, linewidth=0))
    page.write(left + 11, y, legend)


def _draw(page: Page, finding: Bars, frame: Frame, ticks: tuple[tuple[float, str], ...]) -> None:
    zero = float(bars.axis_fraction(finding, 0.0))
    for value, _ in ticks:
        _line(
            page, frame, float(bars.axis_fraction(finding, value)), color=LIGHT.rule, linewidth=0.5
        )
    for index in range(len(finding.names)):
        _draw_bar(page, finding, frame, index, zero)
    _line(page, frame, zero, color=LIGHT.muted, linewidth=0.8)
    if finding.reference is not None:
        _line(page, frame, float(bars.axis_fraction(finding, finding.reference)), **REFERENCE)
    for index, formatted in enumerate(bars.format_values(finding)):
        _write_value(page, finding, frame, index, formatted)


def _draw_bar(page: Page, finding: Bars, frame: Frame, index: int, zero: float) -> None:
    count = len(finding.names)
    middle, half = (index + 0.5) / count, bars.THICKNESS / 2 / count
    start = frame.point(middle - half, zero)
    end = frame.point(middle + half, float(bars.axis_fraction(finding, finding.values[index])))
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
    xs, ys = zip(*(frame.point(middle, end) for end in ends), strict=True)
    (line,) = page.canvas.plot(xs, ys, color=LIGHT.ink, linewidth=1.1, path_effects=HALO, zorder=3)
    line.set_solid_capstyle("butt")


def _write_value(page: Page, finding: Bars, frame: Frame, index: int, formatted: str) -> None:
    """Write a bar's value at its end, or in a column beside horizontal bars."""
    end = bars.value_position(finding, index, 1.2 * LINE / frame.height)
    x, y = frame.point((index + 0.5) / len(finding.names), end)
    if frame.horizontal:
        page.write(page.width, y, formatted, ha="right")
    else:
        away = 1 if finding.values[index] < 0 else -1
        page.write(x, y + 0.6 * LINE * away, formatted, ha="center", path_effects=HALO, zorder=5)


def _line(page: Page, frame: Frame, along: float, **style: Any) -> None:
    """Draw a line across all bars."""
    xs, ys = zip(frame.point(0, along), frame.point(1, along), strict=True)
    page.canvas.plot(xs, ys, clip_on=False, **({"zorder": 1} | style))
