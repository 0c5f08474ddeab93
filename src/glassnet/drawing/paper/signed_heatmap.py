"""Heatmaps of signed values on paper: two colours, many columns broken into rows like text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from glassnet.drawing import typeset
from glassnet.drawing.layout import heatmap, highlighted_text
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.highlighted_text import draw_scale
from glassnet.drawing.paper.page import TWO_COLUMNS, Page, body_width, lay_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Heatmap

LINE = typeset.TEXT_SIZE * typeset.LEADING
WIDEST, TALLEST = 26.0, 14.0
"""A cell at most."""

ROW_NAME, COLUMN_NAME = 120.0, 64.0
"""How long names may be."""

MOST_BLOCKS = 4
GAP = 10.0


def figure(finding: Heatmap) -> Figure:
    """Draw a heatmap of signed values; columns that do not fit go on below, with the rows' names.

    So every column's name can be read, as long as there are not too many blocks.
    """
    rows, columns = finding.values.shape
    names = [typeset.shorten(name, ROW_NAME) for name in finding.row_names]
    heads = [
        typeset.shorten(highlighted_text.clean_text(name).strip(), COLUMN_NAME)
        for name in finding.column_names
    ]
    margin = 1.6 * LINE + max(map(typeset.width, names)) + 6
    room = body_width(TWO_COLUMNS) - margin
    blocks = min(-(-columns // int(room / LINE)), MOST_BLOCKS)
    across = -(-columns // blocks)
    cell = min(room / across, WIDEST), LINE if rows > 8 else TALLEST
    upright = max(map(typeset.width, heads)) > cell[0] - 3
    head = (max(map(typeset.width, heads)) if upright else LINE) + 5
    step = head + rows * cell[1] + GAP
    beside = typeset.width(finding.row_label, bold=True) <= rows * cell[1]
    crown = 1.4 * LINE * (1 if beside else 2)
    page = lay_out(finding, TWO_COLUMNS, crown + blocks * step - GAP + 2 * LINE)
    if not beside:
        page.write(0, LINE / 2, f"rows: {finding.row_label}", fontweight="bold")
    middle = margin + across * cell[0] / 2
    page.write(middle, crown - 0.9 * LINE, finding.column_label, ha="center", fontweight="bold")
    for block in range(blocks):
        top = crown + block * step + head
        part = slice(block * across, (block + 1) * across)
        _draw_cells(page, finding.scale[:, part], (margin, top), cell)
        _write_names(page, names, heads[part], (margin, top), cell, upright=upright)
        if beside:
            side = top + rows * cell[1] / 2
            style = {"rotation": 90, "ha": "center", "fontweight": "bold"}
            page.write(LINE / 2, side, finding.row_label, **style)
    low, high = heatmap.scale_labels(finding)
    y = crown + blocks * step - GAP + 1.4 * LINE
    end = draw_scale(page, low, high, y, margin)
    page.write(end + 12, y, finding.unit, color=LIGHT.muted)
    return page.figure


def _draw_cells(
    page: Page, scale: np.ndarray, origin: tuple[float, float], cell: tuple[float, float]
) -> None:
    for (row, column), share in np.ndenumerate(np.clip(np.nan_to_num(scale), -1, 1)):
        x, y = origin[0] + column * cell[0], origin[1] + row * cell[1]
        fill = mix(LIGHT.high if share > 0 else LIGHT.low, LIGHT.ground, abs(float(share)))
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
    every = -(-LINE * 0.98 // cell[0])
    style = {"rotation": 90, "va": "bottom"} if upright else {"va": "bottom"}
    for column, name in enumerate(columns):
        if column % every == 0:
            x = origin[0] + (column + 0.5) * cell[0]
            page.write(x, origin[1] - 4, name, ha="center", **style)
