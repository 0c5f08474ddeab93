"""Heatmaps of signed values on paper: two colours; many columns continue in blocks below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from glassnet.drawing import typeset
from glassnet.drawing.layout import heatmap, highlighted_text
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.highlighted_texts import draw_scale
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Heatmap

LINE = typeset.TEXT_SIZE * typeset.LEADING
MAX_CELL_WIDTH, MAX_CELL_HEIGHT = 26.0, 14.0
"""Largest size of a cell."""

ROW_NAME, COLUMN_NAME = 120.0, 64.0
"""Largest lengths of names."""

MAX_BLOCKS = 4
GAP = 10.0


def figure(finding: Heatmap, style: PageStyle) -> Figure:
    """Draw a heatmap of signed values; columns that do not fit continue in another block.

    Every column's name is legible, as long as there are not too many blocks.
    """
    rows, columns = finding.values.shape
    inner = style.body_width(style.two_columns)
    names = [typeset.shorten(name, min(ROW_NAME, 0.4 * inner)) for name in finding.row_names]
    column_names = [
        typeset.shorten(highlighted_text.clean_text(name).strip(), COLUMN_NAME)
        for name in finding.column_names
    ]
    margin = 1.6 * LINE + max(map(typeset.width, names)) + 6
    room = inner - margin
    blocks = min(-(-columns // int(room / LINE)), MAX_BLOCKS)
    per_block = -(-columns // blocks)
    cell = min(room / per_block, MAX_CELL_WIDTH), LINE if rows > 8 else MAX_CELL_HEIGHT
    upright = max(map(typeset.width, column_names)) > cell[0] - 3
    names_height = (max(map(typeset.width, column_names)) if upright else LINE) + 5
    step = names_height + rows * cell[1] + GAP
    row_label_fits = typeset.width(finding.row_label, bold=True) <= rows * cell[1]
    header = 1.4 * LINE * (1 if row_label_fits else 2)
    page = lay_out(finding, style, style.two_columns, header + blocks * step - GAP + 2 * LINE)
    if not row_label_fits:
        page.write(0, LINE / 2, f"rows: {finding.row_label}", fontweight="bold")
    middle = margin + per_block * cell[0] / 2
    page.write(middle, header - 0.9 * LINE, finding.column_label, ha="center", fontweight="bold")
    for block in range(blocks):
        top = header + block * step + names_height
        part = slice(block * per_block, (block + 1) * per_block)
        _draw_cells(page, finding.scale[:, part], (margin, top), cell)
        _write_names(page, names, column_names[part], (margin, top), cell, upright=upright)
        if row_label_fits:
            side = top + rows * cell[1] / 2
            page.write(
                LINE / 2, side, finding.row_label, rotation=90, ha="center", fontweight="bold"
            )
    low, high = heatmap.scale_labels(finding)
    y = header + blocks * step - GAP + 1.4 * LINE
    page.write(draw_scale(page, low, high, y, margin) + 12, y, finding.unit, color=LIGHT.muted)
    return page.figure


def _draw_cells(
    page: Page, scale: np.ndarray, origin: tuple[float, float], cell: tuple[float, float]
) -> None:
    for (row, column), value in np.ndenumerate(np.clip(np.nan_to_num(scale), -1, 1)):
        x, y = origin[0] + column * cell[0], origin[1] + row * cell[1]
        fill = mix(LIGHT.high if value > 0 else LIGHT.low, LIGHT.ground, abs(float(value)))
        page.canvas.add_patch(
            Rectangle((x, y), *cell, facecolor=fill, edgecolor=LIGHT.ground, linewidth=0.5)
        )
    rows, columns = scale.shape
    page.canvas.add_patch(
        Rectangle(
            origin,
            columns * cell[0],
            rows * cell[1],
            fill=False,
            edgecolor=LIGHT.rule,
            linewidth=0.6,
        )
    )


def _write_names(
    page: Page,
    rows: list[str],
    columns: list[str],
    origin: tuple[float, float],
    cell: tuple[float, float],
    *,
    upright: bool,
) -> None:
    for row, name in enumerate(rows):
        page.write(origin[0] - 5, origin[1] + (row + 0.5) * cell[1], name, ha="right")
    step_columns = -(-LINE * 0.98 // cell[0])
    style = {"rotation": 90, "va": "bottom"} if upright else {"va": "bottom"}
    for column, name in enumerate(columns):
        if column % step_columns == 0:
            x = origin[0] + (column + 0.5) * cell[0]
            page.write(x, origin[1] - 4, name, ha="center", **style)
