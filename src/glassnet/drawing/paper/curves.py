"""Curves on paper: lines over a shared axis, named at their ends, the best epoch marked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import patheffects

from glassnet.drawing import typeset
from glassnet.drawing.layout import curves, highlighted_text, labels
from glassnet.drawing.palette import LIGHT, SERIES_COLOURS, SERIES_ROLES
from glassnet.drawing.paper.page import ONE_COLUMN, TWO_COLUMNS, Page, body_width, lay_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from glassnet.findings import CurvePanel, Curves, Mark

ROLE_COLOURS = {
    "train": LIGHT.muted,
    "valid": LIGHT.accent,
    "test": LIGHT.wrong,
    "other": LIGHT.ink,
    **dict(zip(SERIES_ROLES, SERIES_COLOURS, strict=True)),
}
BAND = 0.18
"""How deep an interval is coloured."""

PLOT_HEIGHT = 132.0
LARGEST = 170.0
"""The side of a panel with a diagonal, which is square."""

LONGEST, NAME = 72.0, 1.15 * typeset.TEXT_SIZE
"""How long a word along the x axis may be, and how much of the axis it takes."""

LINE = typeset.TEXT_SIZE * typeset.LEADING


@dataclass(frozen=True)
class Cell:
    """Where a panel of curves goes, in points of the sheet's body.

    Attributes:
        left, top, width: the panel with its labels.
        head: room for what stands above its plot.
        height: its plot.
        names: the words along the x axis, empty where there are numbers.
        foot: room for what stands below the axis.
    """

    left: float
    top: float
    width: float
    head: float
    height: float
    names: tuple[str, ...]
    foot: float


def figure(finding: Curves) -> Figure:
    """Draw curves, a panel per quantity: two or three in a row, words below them on all width."""
    count = len(finding.panels)
    names = tuple(
        typeset.shorten(highlighted_text.clean_text(name).strip(), LONGEST)
        for name in finding.x_names
    )
    columns = ONE_COLUMN if count == 1 and not names else TWO_COLUMNS
    across = 1 if names else (3 if count % 3 == 0 else min(count, 2))
    width = (body_width(columns) - 16 * (across - 1)) / across
    height = min(width - 70, LARGEST) if finding.diagonal else PLOT_HEIGHT
    foot = max(map(typeset.width, names), default=LINE) + (0.6 if names else 0.0) * LINE
    head = (1.6 if finding.diagonal else 1.3) * LINE
    step = head + height + foot + 1.9 * LINE
    page = lay_out(finding, columns, -(-count // across) * step - 0.6 * LINE)
    for index, panel in enumerate(finding.panels):
        row, column = divmod(index, across)
        cell = Cell(column * (width + 16), row * step, width, head, height, names, foot)
        _draw_panel(page, finding, panel, cell)
    return page.figure


def _draw_panel(page: Page, finding: Curves, panel: CurvePanel, cell: Cell) -> None:
    ends = max((typeset.width(series.label) for series in panel.series), default=0.0) + 8
    gutter = 30.0
    size = (cell.width - gutter - ends, cell.height)
    if finding.diagonal:
        size = min(size), min(size)
    words = typeset.wrap(panel.mark.label, size[0] * 0.7) if panel.mark else []
    mark_size = (max(map(typeset.width, words), default=0.0), typeset.height(words))
    plan = curves.panel_layout(
        panel, size, mark_size, LINE, names=len(cell.names), diagonal=finding.diagonal
    )
    left, plot_top = cell.left + gutter, cell.top + cell.head
    page.write(cell.left, cell.top + LINE / 2, panel.y_label, fontweight="bold")
    axes = page.axes(left, plot_top, *size)
    _dress(axes, plan)
    foot = plot_top + size[1]
    page.write(left + size[0] / 2, foot + cell.foot + 0.75 * LINE, finding.x_label, ha="center")
    if cell.names:
        _write_names(page, axes, plan, panel, cell.names, (left, foot, size[0]))
    if finding.diagonal:
        axes.plot(plan.x_range, plan.y_range, color=LIGHT.muted, linewidth=0.8, dashes=(5.0, 3.0))
    for series, end in zip((s for s in panel.series if len(s.x)), plan.ends, strict=True):
        colour = ROLE_COLOURS[series.role]
        if series.low is not None and series.high is not None:
            axes.fill_between(series.x, series.low, series.high, color=colour, alpha=BAND, lw=0)
        axes.plot(
            series.x,
            series.y,
            color=colour,
            linewidth=1.3,
            dashes=curves.DASHES[series.role],
            marker="o" if len(series.x) < 4 else "",
            markersize=3,
            clip_on=False,
        )
        page.write(
            left + size[0] + 5,
            plot_top + (1 - end) * size[1],
            series.label,
            color=colour,
        )
    if panel.mark and plan.mark:
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
        _write_mark(axes, plan, panel.mark, words, mark_size)


def _write_names(
    page: Page,
    axes: Axes,
    plan: curves.PanelLayout,
    panel: CurvePanel,
    names: tuple[str, ...],
    axis: tuple[float, float, float],
) -> None:
    """Write the words that there is room for below the axis: those at which the lines turn most.

    `axis` is its left end, its y and its length.
    """
    left, y, length = axis
    named = [index for index, name in enumerate(names) if name]
    places = [left + float(plan.to_fractions(index, 0)[0]) * length for index in named]
    turns = curves.changes(panel, len(names))
    chosen = labels.most_important([turns[index] for index in named], places, [NAME] * len(named))
    axes.set_xticks([named[place] for place in chosen], [""] * len(chosen))
    for place in chosen:
        style = {"rotation": 90, "va": "top", "ha": "center"}
        page.write(places[place], y + 4, names[named[place]], **style)


def _write_mark(
    axes: Axes,
    plan: curves.PanelLayout,
    mark: Mark,
    words: list[str],
    mark_size: tuple[float, float],
) -> None:
    """Write the mark's words where there is room, with a thread to the mark if that is far."""
    size = np.array([axes.bbox.width, axes.bbox.height]) * 72 / axes.figure.dpi
    spot, centre = plan.to_fractions(mark.x, mark.y) * size, np.array(plan.mark) * size
    edge = labels.nearest_edge_point((spot[0], spot[1]), (centre[0], centre[1]), mark_size)
    if math.dist(spot, edge) > 1.5 * LINE:
        ends = np.array([spot, edge]) / size
        axes.plot(*ends.T, transform=axes.transAxes, color=LIGHT.muted, linewidth=0.6)
    halo = [patheffects.withStroke(linewidth=2.4, foreground=LIGHT.ground)]
    for index, line in enumerate(words):
        y = centre[1] - (index - (len(words) - 1) / 2) * LINE
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


def _dress(axes: Axes, plan: curves.PanelLayout) -> None:
    """Give axes their ranges, ticks and two thin spines, and hairlines to read values along."""
    axes.set_xlim(plan.x_range)
    axes.set_ylim(plan.y_range)
    axes.set_xticks(*_split(plan.x_ticks))
    axes.set_yticks(*_split(plan.y_ticks))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT.muted)
    axes.tick_params(
        colors=LIGHT.muted, labelcolor=LIGHT.ink, labelsize=typeset.TEXT_SIZE, width=0.6, length=2.5
    )
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=LIGHT.rule, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0)


def _split(ticks: tuple[tuple[float, str], ...]) -> tuple[np.ndarray, list[str]]:
    return np.array([value for value, _ in ticks]), [label for _, label in ticks]
