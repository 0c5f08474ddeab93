"""Tables on paper: three rules, no boxes, numbers right-aligned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glassnet.drawing import typeset
from glassnet.drawing.layout import table
from glassnet.drawing.palette import LIGHT
from glassnet.drawing.paper.page import ONE_COLUMN, TWO_COLUMNS, Page, body_width, lay_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Table

LINE = typeset.TEXT_SIZE * typeset.LEADING
GAP = 14.0
PADDING = 3.5

MAX_ROWS = 40
"""Largest number of rows on paper, about a page; the screen shows all of them."""


def figure(finding: Table) -> Figure:
    """Draw a table, in one column if it fits, else over two."""
    rows = table.format_cells(finding)
    cells = [list(finding.columns), *rows[:MAX_ROWS]]
    desired = [
        max(typeset.width(row[column], bold=index == 0) for index, row in enumerate(cells))
        for column in range(len(finding.columns))
    ]
    needed = sum(desired) + GAP * (len(desired) - 1)
    columns = ONE_COLUMN if needed <= body_width(ONE_COLUMN) else TWO_COLUMNS
    widths = fit(desired, body_width(columns) - GAP * (len(desired) - 1))
    wrapped = [
        [
            typeset.wrap(cell, widths[column] + 0.5, bold=index == 0)
            for column, cell in enumerate(row)
        ]
        for index, row in enumerate(cells)
    ]
    heights = [max(map(typeset.height, row)) + 2 * PADDING for row in wrapped]
    n_omitted = len(rows) - MAX_ROWS
    below = LINE + PADDING if n_omitted > 0 else 0
    page = lay_out(finding, columns, sum(heights) + 2 + below)
    _draw_rows(page, wrapped, heights, widths, table.numeric_columns(finding))
    if below:
        note = f"{n_omitted:,} more rows in the report and in {finding.name}.json"
        page.write_lines(0, sum(heights) + 2 + PADDING, [note])
    return page.figure


def fit(desired: list[float], room: float) -> list[float]:
    """Narrow the widest columns until all fit into `room`; narrower ones keep their width.

    Example:
        >>> fit([10.0, 90.0], 60.0)
        [10.0, 50.0]
    """
    widths = list(desired)
    while sum(widths) > room + 1e-6:
        widest = max(widths)
        rest = [width for width in widths if width < widest]
        target = max(max(rest, default=0.0), (room - sum(rest)) / (len(widths) - len(rest)))
        widths = [target if width == widest else width for width in widths]
    return widths


def _draw_rows(
    page: Page,
    rows: list[list[list[str]]],
    heights: list[float],
    widths: list[float],
    numeric: list[bool],
) -> None:
    gap = min((page.width - sum(widths)) / max(len(widths) - 1, 1), 2.6 * GAP)
    end = sum(widths) + gap * (len(widths) - 1)
    y = 1.0
    _rule(page, y, end, 1.0)
    for index, (row, height) in enumerate(zip(rows, heights, strict=True)):
        x = 0.0
        for lines, width, right in zip(row, widths, numeric, strict=True):
            style = {"ha": "right"} if right else {"ha": "left"}
            if index == 0:
                style["fontweight"] = "bold"
            page.write_lines(x + width if right else x, y + PADDING, lines, **style)
            x += width + gap
        y += height
        if index == 0:
            _rule(page, y, end, 0.5)
    _rule(page, y, end, 1.0)


def _rule(page: Page, y: float, end: float, weight: float) -> None:
    page.canvas.plot([0, end], [y, y], color=LIGHT.ink, linewidth=weight, clip_on=False)
