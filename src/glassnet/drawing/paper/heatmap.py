"""Heatmaps on paper: a number per cell; errors have a colour of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from glassnet.drawing import typeset
from glassnet.drawing.layout import heatmap
from glassnet.drawing.palette import LIGHT, luminance, mix
from glassnet.drawing.paper import signed_heatmap
from glassnet.drawing.paper.page import ONE_COLUMN, TWO_COLUMNS, Page, body_width, lay_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Heatmap

LINE = typeset.TEXT_SIZE * typeset.LEADING


def figure(finding: Heatmap) -> Figure:
    """Draw a heatmap, in one column if it fits, else over two."""
    if finding.diverging:
        return signed_heatmap.figure(finding)
    rows, columns = finding.values.shape
    values = heatmap.format_values(finding)
    widest = max(typeset.width(text) for row in values for text in row) + 8
    margin = LINE * 1.6 + min(max(map(typeset.width, finding.row_names)), 130.0) + 6
    one_column = margin + columns * widest <= body_width(ONE_COLUMN)
    page_width = ONE_COLUMN if one_column else TWO_COLUMNS
    cell_width = min((body_width(page_width) - margin) / columns, 60.0)
    numbered = cell_width >= widest - 4
    cell_height = 19.0 if numbered else max(min(cell_width, 19.0), 360.0 / rows if rows > 30 else 8)
    upright = max(map(typeset.width, finding.column_names)) > cell_width - 3
    header = LINE * 1.4 + (
        min(max(map(typeset.width, finding.column_names)), 90.0) if upright else LINE
    )
    page = lay_out(
        finding, page_width, header + 5 + rows * cell_height + (3.4 if one_column else 2.2) * LINE
    )
    origin = (margin, header + 5)
    legend_left = 0.0 if one_column else margin
    _draw_cells(page, finding, values if numbered else None, origin, (cell_width, cell_height))
    _draw_names(page, finding, origin, (cell_width, cell_height), upright=upright)
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
                color=ink if value else LIGHT.muted,
            )


def _draw_names(
    page: Page,
    finding: Heatmap,
    origin: tuple[float, float],
    cell: tuple[float, float],
    *,
    upright: bool,
) -> None:
    """Write the rows' and columns' names, and what they are."""
    rows, columns = finding.values.shape
    step = max(1, round(LINE * 0.9 / cell[1])) if cell[1] < LINE * 0.9 else 1
    for row in range(0, rows, step):
        name = typeset.shorten(finding.row_names[row], 130.0)
        page.write(origin[0] - 5, origin[1] + (row + 0.5) * cell[1], name, ha="right")
    step = max(1, round(LINE * 0.9 / cell[0])) if cell[0] < LINE * 0.9 else 1
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
