"""Mosaics on paper: images in rows and columns, unsmoothed, with their names beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glassnet.drawing import typeset
from glassnet.drawing.layout import image_grid, labels
from glassnet.drawing.paper.page import ONE_COLUMN, TWO_COLUMNS, Page, body_width, lay_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import ImageGrid

LINE = typeset.TEXT_SIZE * typeset.LEADING
DOT = 72 / 300
"""The printer's dot, in points; images are whole numbers of dots, so that all look alike."""

LARGEST, SMALLEST, DENSEST = 40.0, 18.0, 10.0
"""Width of an image, in points: at most, at least, and at least where they stand without gaps."""

TALLEST = 430.0
LONGEST = 130.0
"""How long a name may be."""

GAP_DOTS = 6
PANEL_GAP = 16.0


@dataclass(frozen=True)
class Plan:
    """How a mosaic is laid out.

    Attributes:
        columns: width of the sheet.
        across: panels in a row.
        size: an image's height and width, in dots.
        left, top: room for the names.
        upright: whether the columns' names are.
    """

    columns: float
    across: int
    size: tuple[int, int]
    left: float
    top: float
    upright: bool


def figure(finding: ImageGrid) -> Figure:
    """Draw a mosaic, in one column where it fits and over two where it does not.

    Of a film, a few frames are shown.
    """
    stills = image_grid.still_grids(finding)
    plan = _plan(stills[0][1], len(stills))
    rows, columns = image_grid.grid_axes(stills[0][1], plan.size, GAP_DOTS)
    caption = 1.4 * LINE if any(name for name, _ in stills) else 0.0
    width = plan.left + columns.length * DOT + PANEL_GAP
    height = caption + plan.top + rows.length * DOT + PANEL_GAP
    page = lay_out(finding, plan.columns, -(-len(stills) // plan.across) * height - PANEL_GAP)
    for index, (name, still) in enumerate(stills):
        row, column = divmod(index, plan.across)
        left, top = column * width + plan.left, row * height
        page.write(left, top + LINE / 2, name, fontweight="bold")
        _draw(page, still, plan, (left, top + caption + plan.top))
    return page.figure


def _plan(finding: ImageGrid, panels: int) -> Plan:
    """Choose the narrowest sheet, or the most panels in a row, that leaves images large enough."""
    least = DENSEST if image_grid.is_plane(finding) else SMALLEST
    if panels == 1:
        choices = [(ONE_COLUMN, 1)]
    else:
        choices = [(TWO_COLUMNS, 3), (TWO_COLUMNS, 2)]
        least *= 0.6
    for columns, across in choices:
        plan = _fitted(finding, columns, across)
        if plan.size[1] * DOT >= least:
            return plan
    return _fitted(finding, TWO_COLUMNS, 1)


def _fitted(finding: ImageGrid, columns: float, across: int) -> Plan:
    """Make the images as large as so many panels in a row allow."""
    names = max(map(typeset.width, finding.row_names), default=0.0)
    left = (min(names, LONGEST) + 5 if names else 0.0) + (1.4 * LINE if finding.row_label else 0.0)
    room = (body_width(columns) - PANEL_GAP * (across - 1)) / across - left
    size = _image_size(finding, room)
    widest = max(map(typeset.width, finding.column_names), default=0.0)
    upright = widest > size[1] * DOT and not image_grid.is_numeric(finding.column_names)
    top = (min(widest, LONGEST) if upright else LINE) + 3 if widest else 0.0
    top += 1.4 * LINE if finding.column_label else 0.0
    return Plan(columns, across, size, left, top, upright)


def _image_size(finding: ImageGrid, room: float) -> tuple[int, int]:
    """Give the largest height and width of an image, in dots, for a mosaic as wide as `room`.

    Where that costs little, each pixel is a whole number of dots.
    """
    height, width = finding.images.shape[3:5]
    rows, columns = image_grid.grid_axes(finding, (0, 0), GAP_DOTS)
    dots = min(
        int((room / DOT - columns.length) / len(columns.starts)),
        int((TALLEST / DOT - rows.length) / len(rows.starts) * width / height),
        int(LARGEST / DOT),
    )
    whole = dots // width * width
    dots = max(whole if whole > 0.85 * dots else dots, 1)
    return max(round(dots * height / width), 1), dots


def _draw(page: Page, finding: ImageGrid, plan: Plan, origin: tuple[float, float]) -> None:
    rows, columns = image_grid.grid_axes(finding, plan.size, GAP_DOTS)
    pixels, solid = image_grid.compose(
        image_grid.resize(finding.images, plan.size)[0], rows, columns
    )
    size = columns.length * DOT, rows.length * DOT
    axes = page.axes(*origin, *size)
    axes.set_axis_off()
    colours = pixels if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1)
    shown = np.dstack([colours, np.where(solid, 255, 0).astype(np.uint8)])
    axes.imshow(shown, interpolation="nearest", aspect="auto")
    _write_rows(page, finding, rows.middles(), origin, size, plan)
    _write_columns(page, finding, columns.middles(), origin, size, plan)


def _write_rows(
    page: Page,
    finding: ImageGrid,
    middles: list[float],
    origin: tuple[float, float],
    size: tuple[float, float],
    plan: Plan,
) -> None:
    places = [middle * size[1] for middle in middles]
    named = labels.fitting_names(finding.row_names, places, [LINE * 0.95] * len(places))
    for index, name in named.items():
        shown = typeset.shorten(name, LONGEST)
        page.write(origin[0] - 5, origin[1] + places[index], shown, ha="right")
    names = max((typeset.width(name) for name in finding.row_names), default=-5.0)
    x = origin[0] - min(names, LONGEST) - 5 - 0.8 * LINE
    room = size[1] + plan.top
    label = typeset.shorten(finding.row_label, room, bold=True)
    spare = max(typeset.width(label, bold=True) - size[1], 0.0)
    middle = origin[1] + (size[1] - spare) / 2
    page.write(x, middle, label, rotation=90, ha="center", fontweight="bold")


def _write_columns(
    page: Page,
    finding: ImageGrid,
    middles: list[float],
    origin: tuple[float, float],
    size: tuple[float, float],
    plan: Plan,
) -> None:
    places = [middle * size[0] for middle in middles]
    widths = [LINE if plan.upright else typeset.width(name) + 5 for name in finding.column_names]
    named = labels.fitting_names(finding.column_names, places, widths)
    style = {"rotation": 90} if plan.upright else {}
    for index, name in named.items():
        shown = typeset.shorten(name, LONGEST)
        x = origin[0] + places[index]
        page.write(x, origin[1] - 3, shown, ha="center", va="bottom", **style)
    label = typeset.shorten(finding.column_label, page.width, bold=True)
    half = typeset.width(label, bold=True) / 2
    middle = min(max(origin[0] + size[0] / 2, half), page.width - half)
    page.write(middle, origin[1] - plan.top + LINE / 2, label, ha="center", fontweight="bold")
