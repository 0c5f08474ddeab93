"""Tables on paper: three rules, no boxes, numbers aligned on the right."""

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
ROOM = 3.5

LONGEST = 40
"""Rows on paper: about a page. The screen shows all of them."""


def figure(finding: Table) -> Figure:
    """Draw a table, in one column where it fits and over two where it does not."""
    rows = table.format_cells(finding)
    cells = [list(finding.columns), *rows[:LONGEST]]
    natural = [
        max(typeset.width(row[column], bold=index == 0) for index, row in enumerate(cells))
        for column in range(len(finding.columns))
    ]
    needed = sum(natural) + GAP * (len(natural) - 1)
    columns = ONE_COLUMN if needed <= body_width(ONE_COLUMN) else TWO_COLUMNS
    widths = fit(natural, body_width(columns) - GAP * (len(natural) - 1))
    broken = [
        [
            typeset.wrap(cell, widths[column] + 0.5, bold=index == 0)
            for column, cell in enumerate(row)
        ]
        for index, row in enumerate(cells)
    ]
    heights = [max(map(typeset.height, row)) + 2 * ROOM for row in broken]
    left_out = len(rows) - LONGEST
    below = LINE + ROOM if left_out > 0 else 0
    page = lay_out(finding, columns, sum(heights) + 2 + below)
    _draw_rows(page, broken, heights, widths, table.numeric_columns(finding))
    if below:
        words = f"and {left_out:,} more in the report and in {finding.name}.json"
        page.block(0, sum(heights) + 2 + ROOM, [words])
    return page.figure


def fit(natural: list[float], room: float) -> list[float]:
    """Narrow the widest columns until all fit into `room`; what fits stays as it is.

    Example:
        >>> fit([10.0, 90.0], 60.0)
        [10.0, 50.0]
    """
    widths = list(natural)
    while sum(widths) > room + 1e-6:
        widest = max(widths)
        rest = [width for width in widths if width < widest]
        equals = len(widths) - len(rest)
        target = max(max(rest, default=0.0), (room - sum(rest)) / equals)
        widths = [target if width == widest else width for width in widths]
    return widths


def _draw_rows(
    page: Page,
    rows: list[list[list[str]]],
    heights: list[float],
    widths: list[float],
    numeric: list[bool],
) -> None:
    spare = page.width - sum(widths)
    gap = min(spare / max(len(widths) - 1, 1), 2.6 * GAP)
    end = sum(widths) + gap * (len(widths) - 1)
    y = 1.0
    _rule(page, y, end, 1.0)
    for index, (row, height) in enumerate(zip(rows, heights, strict=True)):
        x = 0.0
        for lines, width, right in zip(row, widths, numeric, strict=True):
            style = {"ha": "right"} if right else {"ha": "left"}
            if index == 0:
                style["fontweight"] = "bold"
            page.block(x + width if right else x, y + ROOM, lines, **style)
            x += width + gap
        y += height
        if index == 0:
            _rule(page, y, end, 0.5)
    _rule(page, y, end, 1.0)


def _rule(page: Page, y: float, end: float, weight: float) -> None:
    page.canvas.plot([0, end], [y, y], color=LIGHT.ink, linewidth=weight, clip_on=False)
