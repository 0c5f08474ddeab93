"""Line charts on paper: curves labelled at their ends, with the best epoch marked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import patheffects

from glassnet.drawing import tokens, typeset
from glassnet.drawing.layout import curves, highlighted_text, labels
from glassnet.drawing.palette import LIGHT
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from glassnet.findings import CurvePanel, Curves, Mark

ROLE_COLOURS = {
    "train": LIGHT.muted,
    "valid": LIGHT.accent,
    "test": LIGHT.wrong,
    "other": LIGHT.ink,
    **{role: LIGHT.classes[slot] for role, slot in tokens.series_slots()},
}
PLOT_HEIGHT, MIN_PLOT_HEIGHT = 132.0, 80.0
MAX_HEIGHT = 520.0
"""Height up to which plots below each other have their full height."""

MAX_SIDE = 170.0
"""Largest side of a panel with a diagonal, which is square."""

MIN_PANEL = 140.0
"""Smallest width of one of several panels beside each other."""

MAX_NAME, NAME_WIDTH = 72.0, 1.15 * typeset.TEXT_SIZE
"""Largest length of a word along the x axis, and how much of the axis it takes."""

GUTTER = 30.0
"""Room for the labels of the y axis."""

MAX_LABEL = 0.4
"""Largest length of a curve's label, as a share of its panel."""

LINE = typeset.TEXT_SIZE * typeset.LEADING


@dataclass(frozen=True)
class Cell:
    """Position of a panel, in points of the page's body.

    Attributes:
        left, top, width: the panel with its labels.
        header: space above the plot.
        height: height of the plot.
        names: words along the x axis; empty if it has numbers.
        footer: space below the axis.
    """

    left: float
    top: float
    width: float
    header: float
    height: float
    names: tuple[str, ...]
    footer: float


def figure(finding: Curves, style: PageStyle) -> Figure:
    """Draw line charts, a panel per quantity: two or three in a row, or full width above words."""
    count = len(finding.panels)
    names = tuple(
        typeset.shorten(highlighted_text.clean_text(name).strip(), MAX_NAME)
        for name in finding.x_names
    )
    columns = style.one_column if count == 1 and not names else style.two_columns
    across = 1 if names else (3 if count % 3 == 0 else min(count, 2))
    inner = style.body_width(columns)
    across = max(1, min(across, int((inner + 16) / (MIN_PANEL + 16))))
    width = (inner - 16 * (across - 1)) / across
    rows = -(-count // across)
    height = max(MIN_PLOT_HEIGHT, min(PLOT_HEIGHT, MAX_HEIGHT / rows - 4.2 * LINE))
    if finding.diagonal:
        ends = max(_label_width(panel, width) for panel in finding.panels)
        height = min(width - GUTTER - ends, MAX_SIDE)
    footer = max(map(typeset.width, names), default=LINE) + (0.6 if names else 0.0) * LINE
    header = (1.6 if finding.diagonal else 1.3) * LINE
    step = header + height + footer + 2.1 * LINE
    page = lay_out(finding, style, columns, rows * step - 0.6 * LINE)
    for index, panel in enumerate(finding.panels):
        row, column = divmod(index, across)
        cell = Cell(column * (width + 16), row * step, width, header, height, names, footer)
        _draw_panel(page, finding, panel, cell)
    return page.figure


def _label_width(panel: CurvePanel, width: float) -> float:
    """Compute the room that the labels at the ends of the curves take."""
    names = [typeset.shorten(s.label, width * MAX_LABEL) for s in panel.series if s.is_labelled]
    return max(map(typeset.width, names), default=0.0) + 8


def _draw_panel(page: Page, finding: Curves, panel: CurvePanel, cell: Cell) -> None:
    labelled = [series for series in panel.series if series.is_labelled]
    names = [typeset.shorten(series.label, cell.width * MAX_LABEL) for series in labelled]
    size = (cell.width - GUTTER - _label_width(panel, cell.width), cell.height)
    if finding.diagonal:
        size = min(size), min(size)
    lines = typeset.wrap(panel.mark.label, size[0] * 0.7) if panel.mark else []
    mark_size = (max(map(typeset.width, lines), default=0.0), typeset.height(lines))
    layout = curves.panel_layout(
        panel, size, mark_size, LINE, n_names=len(cell.names), diagonal=finding.diagonal
    )
    left, plot_top = cell.left + GUTTER, cell.top + cell.header
    page.write(cell.left, cell.top + LINE / 2, panel.y_label, fontweight="bold")
    axes = page.axes(left, plot_top, *size)
    _style_axes(axes, layout)
    footer = plot_top + size[1]
    page.write(left + size[0] / 2, footer + cell.footer + 0.95 * LINE, finding.x_label, ha="center")
    if cell.names:
        _write_names(page, axes, layout, panel, cell.names, (left, footer, size[0]))
    if finding.diagonal:
        axes.plot(
            layout.x_range,
            layout.y_range,
            color=LIGHT.muted,
            linewidth=0.8,
            dashes=tokens.GUIDE_DASHES,
        )
    if panel.boundary is not None:
        axes.axvline(panel.boundary, color=LIGHT.muted, linewidth=0.8, dashes=tokens.GUIDE_DASHES)
    for series in panel.series:
        colour = ROLE_COLOURS[series.role]
        if series.low is not None and series.high is not None:
            axes.fill_between(
                series.x, series.low, series.high, color=colour, alpha=tokens.INTERVAL_OPACITY, lw=0
            )
        axes.plot(
            series.x,
            series.y,
            color=colour,
            linewidth=0.6 if series.faint else 1.3,
            alpha=tokens.ONE_OF_SEVERAL_OPACITY if series.faint else 1,
            marker="o" if series.points or (len(series.x) < 4 and not series.faint) else "",
            markersize=3,
            clip_on=False,
            **({"linestyle": "none"} if series.points else {"dashes": tokens.DASHES[series.role]}),
        )
    for series, name, end in zip(labelled, names, layout.ends, strict=True):
        colour, y = ROLE_COLOURS[series.role], plot_top + (1 - end) * size[1]
        page.write(left + size[0] + 5, y, name, color=colour)
    if panel.mark and layout.mark:
        axes.plot(
            panel.mark.x,
            panel.mark.y,
            marker="o",
            markersize=5,
            markerfacecolor=LIGHT.ground,
            markeredgecolor=LIGHT.accent,
            markeredgewidth=1.4,
            clip_on=False,
            zorder=5,
        )
        _write_mark(axes, layout, panel.mark, lines, mark_size)


def _write_names(
    page: Page,
    axes: Axes,
    layout: curves.PanelLayout,
    panel: CurvePanel,
    names: tuple[str, ...],
    axis: tuple[float, float, float],
) -> None:
    """Write the words that fit below the axis, preferring those at which the curves change most.

    `axis` is its left end, its y and its length.
    """
    left, y, length = axis
    named = [index for index, name in enumerate(names) if name]
    places = [left + float(layout.to_fractions(index, 0)[0]) * length for index in named]
    changes = curves.changes(panel, len(names))
    chosen = labels.most_important(
        [changes[index] for index in named], places, [NAME_WIDTH] * len(named)
    )
    axes.set_xticks([named[index] for index in chosen], [""] * len(chosen))
    for index in chosen:
        style = {"rotation": 90, "va": "top", "ha": "center"}
        page.write(places[index], y + 4, names[named[index]], **style)


def _write_mark(
    axes: Axes,
    layout: curves.PanelLayout,
    mark: Mark,
    lines: list[str],
    mark_size: tuple[float, float],
) -> None:
    """Write the mark's label where it is free, with a leader line if that is far."""
    size = np.array([axes.bbox.width, axes.bbox.height]) * 72 / axes.figure.dpi
    point, centre = layout.to_fractions(mark.x, mark.y) * size, np.array(layout.mark) * size
    edge = labels.nearest_edge_point((point[0], point[1]), (centre[0], centre[1]), mark_size)
    if math.dist(point, edge) > 1.5 * LINE:
        ends = np.array([point, edge]) / size
        axes.plot(*ends.T, transform=axes.transAxes, color=LIGHT.muted, linewidth=0.6)
    halo = [patheffects.withStroke(linewidth=2.4, foreground=LIGHT.ground)]
    for index, line in enumerate(lines):
        y = centre[1] - (index - (len(lines) - 1) / 2) * LINE
        axes.text(
            centre[0] / size[0],
            y / size[1],
            line,
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=typeset.TEXT_SIZE,
            color=LIGHT.ink,
            path_effects=halo,
        )


def _style_axes(axes: Axes, layout: curves.PanelLayout) -> None:
    """Set the axes' ranges, ticks and spines, and horizontal grid lines."""
    axes.set_xlim(layout.x_range)
    axes.set_ylim(layout.y_range)
    axes.set_xticks(*_values_and_labels(layout.x_ticks))
    axes.set_yticks(*_values_and_labels(layout.y_ticks))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT.muted)
    axes.tick_params(
        colors=LIGHT.muted, labelcolor=LIGHT.ink, labelsize=typeset.TEXT_SIZE, width=0.6, length=2.5
    )
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=LIGHT.rule, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0)


def _values_and_labels(ticks: tuple[tuple[float, str], ...]) -> tuple[np.ndarray, list[str]]:
    return np.array([value for value, _ in ticks]), [label for _, label in ticks]
