"""Heatmaps on paper: a number per cell; errors have a colour of their own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from glassnet.drawing import typeset
from glassnet.drawing.layout import heatmap
from glassnet.drawing.palette import LIGHT, luminance, mix
from glassnet.drawing.paper import signed_heatmap
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Heatmap

LINE = typeset.TEXT_SIZE * typeset.LEADING
SMALL_TEXT = 7.0
"""Size of the values where a larger one does not fit."""

NARROW = 300.0
"""Width of the body below which the legend has two lines, from the left edge."""


def figure(finding: Heatmap, style: PageStyle) -> Figure:
    """Draw a heatmap, in one column if it fits, else over two."""
    if finding.diverging:
        return signed_heatmap.figure(finding, style)
    rows, columns = finding.values.shape
    values = heatmap.format_values(finding)
    widest = max(typeset.width(text) for row in values for text in row) + 8
    max_name = min(130.0, 0.4 * style.body_width(style.two_columns))
    margin = LINE * 1.6 + min(max(map(typeset.width, finding.row_names)), max_name) + 6
    one_column = margin + columns * widest <= style.body_width(style.one_column)
    page_width = style.one_column if one_column else style.two_columns
    cell_width = min((style.body_width(page_width) - margin) / columns, 60.0)
    size = typeset.TEXT_SIZE if cell_width >= widest - 4 else SMALL_TEXT
    numbered = cell_width >= (widest - 8) * size / typeset.TEXT_SIZE + 3
    narrow = style.body_width(page_width) < NARROW
    cell_height = 19.0 if numbered else max(min(cell_width, 19.0), 360.0 / rows if rows > 30 else 8)
    upright = max(map(typeset.width, finding.column_names)) > cell_width - 3
    header = LINE * 1.4 + (
        min(max(map(typeset.width, finding.column_names)), 90.0) if upright else LINE
    )
    height = header + 5 + rows * cell_height + (3.4 if narrow else 2.2) * LINE
    page = lay_out(finding, style, page_width, height)
    origin = (margin, header + 5)
    legend_left = 0.0 if narrow else margin
    cell = cell_width, cell_height
    _draw_cells(page, finding, values if numbered else None, origin, cell, size)
    _draw_names(page, finding, origin, cell, max_name, upright=upright)
    _draw_legend(page, finding, legend_left, origin[1] + rows * cell_height + 1.5 * LINE)
    return page.figure


def cell_colour(intensity: float, *, wrong: bool) -> str:
    """Compute the fill of a cell of this colour intensity."""
    return mix(LIGHT.wrong if wrong else LIGHT.accent, LIGHT.ground, intensity)


def _draw_cells(
    page: Page,
    finding: Heatmap,
    values: list[list[str]] | None,
    origin: tuple[float, float],
    cell: tuple[float, float],
    size: float,
) -> None:
    intensities = heatmap.intensities(finding)
    confusion = heatmap.is_confusion(finding)
    for row in range(len(finding.row_names)):
        for column in range(len(finding.column_names)):
            fill = cell_colour(float(intensities[row, column]), wrong=confusion and row != column)
            x, y = origin[0] + column * cell[0], origin[1] + row * cell[1]
            page.canvas.add_patch(
                Rectangle((x, y), *cell, facecolor=fill, edgecolor=LIGHT.ground, linewidth=0.8)
            )
            if values is None:
                continue
            value = finding.values[row, column]
            ink = LIGHT.ground if luminance(fill) < 0.25 else LIGHT.ink
            page.write(
                x + cell[0] / 2,
                y + cell[1] / 2,
                values[row][column],
                ha="center",
                fontsize=size,
                color=ink if value else LIGHT.muted,
            )


def _draw_names(
    page: Page,
    finding: Heatmap,
    origin: tuple[float, float],
    cell: tuple[float, float],
    max_name: float,
    *,
    upright: bool,
) -> None:
    """Write the rows' and columns' names, and what they are."""
    rows, columns = finding.values.shape
    step = math.ceil(LINE * 0.9 / cell[1])
    for row in range(0, rows, step):
        name = typeset.shorten(finding.row_names[row], max_name)
        page.write(origin[0] - 5, origin[1] + (row + 0.5) * cell[1], name, ha="right")
    step = math.ceil(LINE * 0.9 / cell[0])
    for column in range(0, columns, step):
        x = origin[0] + (column + 0.5) * cell[0]
        name = typeset.shorten(finding.column_names[column], 90.0)
        style = {"rotation": 90, "va": "bottom"} if upright else {"va": "bottom"}
        page.write(x, origin[1] - 4, name, ha="center", **style)
    middle = origin[0] + columns * cell[0] / 2
    bold = {"ha": "center", "fontweight": "bold"}
    page.write(middle, LINE / 2, finding.column_label, **bold)
    page.write(LINE / 2, origin[1] + rows * cell[1] / 2, finding.row_label, rotation=90, **bold)


def _legend(finding: Heatmap) -> str:
    """Explain the colour."""
    unit = f"{finding.unit}, " if finding.unit else ""
    return f"{unit}{'coloured by share of the row' if heatmap.is_row_share(finding) else 'colour'}"


def _draw_legend(page: Page, finding: Heatmap, x: float, y: float) -> None:
    text, steps = _legend(finding), heatmap.swatches(finding)
    fills = (False, True) if heatmap.is_confusion(finding) else (False,)
    page.write(x, y, text, color=LIGHT.muted)
    swatches = sum(typeset.width(label) + 9 * len(fills) + 15 for label, _ in steps)
    if x + typeset.width(text) + 8 + swatches < page.width:
        x += typeset.width(text) + 8
    else:
        y += LINE * 1.2
    for label, intensity in steps:
        for wrong in fills:
            fill = cell_colour(intensity, wrong=wrong)
            page.canvas.add_patch(
                Rectangle((x, y - 3.5), 9, 7, facecolor=fill, edgecolor=LIGHT.rule, linewidth=0.4)
            )
            x += 9
        page.write(x + 3, y, label, color=LIGHT.muted)
        x += typeset.width(label) + 15
