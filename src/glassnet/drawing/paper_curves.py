"""Curves on paper: lines over a shared axis, named at their ends, the best epoch marked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import patheffects

from glassnet.drawing import curves, labels, typeset
from glassnet.drawing.palette import LIGHT
from glassnet.drawing.sheet import ONE_COLUMN, TWO_COLUMNS, Sheet, body_width, lay_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from glassnet.findings import CurvePanel, Curves, Mark

ROLE_COLOURS = {
    "train": LIGHT.muted,
    "valid": LIGHT.accent,
    "test": LIGHT.wrong,
    "other": LIGHT.ink,
}
PLOT_HEIGHT = 132.0
LINE = typeset.TEXT_SIZE * typeset.LEADING


def figure(finding: Curves) -> Figure:
    """Draw curves, a panel per quantity, two or three in a row."""
    count = len(finding.panels)
    columns = ONE_COLUMN if count == 1 else TWO_COLUMNS
    across = 3 if count % 3 == 0 else min(count, 2)
    cell = (PLOT_HEIGHT + 4.2 * LINE, (body_width(columns) - 16 * (across - 1)) / across)
    sheet = lay_out(finding, columns, -(-count // across) * cell[0] - 0.6 * LINE)
    for index, panel in enumerate(finding.panels):
        row, column = divmod(index, across)
        _draw_panel(sheet, panel, finding.x_label, column * (cell[1] + 16), row * cell[0], cell[1])
    return sheet.figure


def _draw_panel(
    sheet: Sheet, panel: CurvePanel, x_label: str, left: float, top: float, width: float
) -> None:
    ends = max((typeset.width(series.label) for series in panel.series), default=0.0) + 8
    gutter = 30.0
    size = (width - gutter - ends, PLOT_HEIGHT)
    words = typeset.wrap(panel.mark.label, size[0] * 0.7) if panel.mark else []
    mark_size = (max(map(typeset.width, words), default=0.0), typeset.height(words))
    plan = curves.plan(panel, size, mark_size, LINE)
    plot_top = top + 1.3 * LINE
    sheet.write(left, top + LINE / 2, panel.y_label, fontweight="bold")
    axes = sheet.axes(left + gutter, plot_top, *size)
    _dress(axes, plan)
    sheet.write(
        left + gutter + size[0] / 2, plot_top + PLOT_HEIGHT + 1.75 * LINE, x_label, ha="center"
    )
    for series, end in zip((s for s in panel.series if len(s.x)), plan.ends, strict=True):
        colour = ROLE_COLOURS[series.role]
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
        sheet.write(
            left + gutter + size[0] + 5,
            plot_top + (1 - end) * PLOT_HEIGHT,
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


def _write_mark(
    axes: Axes, plan: curves.Plan, mark: Mark, words: list[str], mark_size: tuple[float, float]
) -> None:
    """Write the mark's words where there is room, with a thread to the mark if that is far."""
    size = np.array([axes.bbox.width, axes.bbox.height]) * 72 / axes.figure.dpi
    spot, centre = plan.share(mark.x, mark.y) * size, np.array(plan.mark) * size
    edge = labels.reach((spot[0], spot[1]), (centre[0], centre[1]), mark_size)
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


def _dress(axes: Axes, plan: curves.Plan) -> None:
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
