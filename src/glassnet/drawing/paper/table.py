"""Tables on paper: three rules, no boxes, numbers right-aligned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glassnet.drawing import typeset
from glassnet.drawing.layout import table
from glassnet.drawing.palette import LIGHT
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Table

LINE = typeset.TEXT_SIZE * typeset.LEADING
GAP, MIN_GAP = 14.0, 8.0
PADDING = 3.5

UNBROKEN, MAX_MINIMUM = 60.0, 64.0
"""Width up to which a cell has one line, and largest width that a column of longer ones needs."""

MAX_ROWS = 40
"""Largest number of rows on paper, about a page; the screen shows all of them."""


@dataclass(frozen=True)
class Block:
    """Columns that stand beside each other: their cells as lines, and their widths."""

    rows: list[list[list[str]]]
    widths: list[float]
    numeric: list[bool]

    @property
    def heights(self) -> list[float]:
        """The height of each row."""
        return [max(map(typeset.height, row)) + 2 * PADDING for row in self.rows]

    @property
    def height(self) -> float:
        """The height of all rows with their rules."""
        return sum(self.heights) + 2


def figure(finding: Table, style: PageStyle) -> Figure:
    """Draw a table, in one column if it fits, else over two.

    Columns that do not fit beside each other continue below, beside the first column once more.
    """
    rows = table.format_cells(finding)
    cells = [list(finding.columns), *rows[:MAX_ROWS]]
    desired, minima = _desired(cells), _minima(cells)
    needed = sum(desired) + GAP * (len(desired) - 1)
    fits = needed <= style.body_width(style.one_column)
    columns = style.one_column if fits else style.two_columns
    width, numeric = style.body_width(columns), table.numeric_columns(finding)
    blocks = [
        _block(cells, numbers, (desired, minima), width, numeric)
        for numbers in divide(minima, width, finding.columns)
    ]
    n_omitted = len(rows) - MAX_ROWS
    below = LINE + PADDING if n_omitted > 0 else 0
    height = sum(block.height for block in blocks) + GAP * (len(blocks) - 1)
    page = lay_out(finding, style, columns, height + below)
    top = 0.0
    for block in blocks:
        _draw_block(page, block, top)
        top += block.height + GAP
    if below:
        note = f"{n_omitted:,} more rows in {finding.name}.csv"
        page.write_lines(0, height + PADDING, [note])
    return page.figure


def _desired(cells: list[list[str]]) -> list[float]:
    """The width at which no cell of a column is broken."""
    return [
        max(typeset.width(row[column], bold=index == 0) for index, row in enumerate(cells))
        for column in range(len(cells[0]))
    ]


def _minima(cells: list[list[str]]) -> list[float]:
    """The width that a column needs: no word is broken, and short cells have one line."""

    def needed_width(text: str, *, bold: bool) -> float:
        width = typeset.width(text, bold=bold)
        if width <= UNBROKEN and not bold:
            return width
        word = max((typeset.width(word, bold=bold) for word in text.split()), default=0.0)
        return max(word, 0.0 if bold else min(width / 2, MAX_MINIMUM))

    return [
        max(needed_width(row[column], bold=index == 0) for index, row in enumerate(cells))
        for column in range(len(cells[0]))
    ]


def divide(minima: list[float], room: float, names: Sequence[str]) -> list[list[int]]:
    """Divide columns into blocks of at most `room` width; each begins with the first column.

    A column `±` stays beside the one before it.

    Example:
        >>> divide([20.0, 50.0, 50.0], 100.0, ("layer", "accuracy", "loss"))
        [[0, 1], [0, 2]]
    """
    groups: list[list[int]] = []
    for column in range(1, len(minima)):
        if names[column] == "±" and groups:
            groups[-1].append(column)
        else:
            groups.append([column])
    blocks = [[0]]
    for group in groups:
        taken = sum(minima[each] + MIN_GAP for each in [*blocks[-1], *group]) - MIN_GAP
        if taken > room and len(blocks[-1]) > 1:
            blocks.append([0])
        blocks[-1] += group
    return blocks


def _block(
    cells: list[list[str]],
    numbers: list[int],
    sizes: tuple[list[float], list[float]],
    width: float,
    numeric: list[bool],
) -> Block:
    desired, minima = ([size[number] for number in numbers] for size in sizes)
    gaps = len(numbers) - 1
    gap = GAP if sum(minima) + GAP * gaps <= width else MIN_GAP
    widths = fit(desired, width - gap * gaps, minima)
    rows = [
        [
            typeset.wrap(row[number], widths[place] + 0.5, bold=index == 0)
            for place, number in enumerate(numbers)
        ]
        for index, row in enumerate(cells)
    ]
    return Block(rows, widths, [numeric[number] for number in numbers])


def fit(desired: list[float], room: float, minima: list[float] | None = None) -> list[float]:
    """Narrow the widest columns until all fit into `room`; narrower ones keep their width.

    Args:
        desired: the width of each column if there is room.
        room: for all of them.
        minima: the width that each keeps where possible.

    Example:
        >>> fit([10.0, 90.0], 60.0)
        [10.0, 50.0]
        >>> fit([50.0, 90.0], 100.0, [10.0, 70.0])
        [30.0, 70.0]
    """
    if minima is None or sum(minima) > room:
        minima = [0.0] * len(desired)

    def widths(limit: float) -> list[float]:
        return [max(low, min(high, limit)) for low, high in zip(minima, desired, strict=True)]

    limits = sorted({0.0, *minima, *desired})
    limit = np.interp(room, [sum(widths(each)) for each in limits], limits)
    return widths(float(limit))


def _draw_block(page: Page, block: Block, top: float) -> None:
    widths = block.widths
    gap = min((page.width - sum(widths)) / max(len(widths) - 1, 1), 2.6 * GAP)
    end = sum(widths) + gap * (len(widths) - 1)
    y = top + 1.0
    _rule(page, y, end, 1.0)
    for index, (row, height) in enumerate(zip(block.rows, block.heights, strict=True)):
        x = 0.0
        for lines, width, right in zip(row, widths, block.numeric, strict=True):
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
