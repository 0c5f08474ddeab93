"""Image grids on paper: unsmoothed images in rows and columns, with their names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from glassnet.drawing import typeset
from glassnet.drawing.layout import image_grid, labels
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import ImageGrid

LINE = typeset.TEXT_SIZE * typeset.LEADING
PIXEL = 72 / 300
"""One printed pixel at 300 dpi, in points; every image is a whole number of pixels."""

MAX_SIZE, MIN_SIZE, MIN_SIZE_WITHOUT_GAPS = 40.0, 18.0, 10.0
"""Width of an image, in points: largest, smallest, and smallest in a grid without gaps."""

MAX_FOLDED_ROWS = 8
"""Largest number of rows of images where columns continue below."""

MAX_HEIGHT = 430.0
MAX_NAME = 130.0
"""Largest length of a name."""

GAP_PIXELS = 6
PANEL_GAP = 16.0


@dataclass(frozen=True)
class Layout:
    """Layout of an image grid.

    Attributes:
        columns: width of the page.
        per_row: panels in a row.
        size: an image's height and width, in printed pixels.
        left, top: space for the names.
        upright: whether the columns' names are rotated.
    """

    columns: float
    per_row: int
    size: tuple[int, int]
    left: float
    top: float
    upright: bool


def figure(finding: ImageGrid, style: PageStyle) -> Figure:
    """Draw an image grid, in one column if it fits, else over two.

    Of an animation, a few frames are shown.
    """
    stills = image_grid.still_grids(finding)
    panels = len(stills)
    if panels == 1 and not finding.is_plane:
        stills = _folded(*stills[0], style)
    layout = _choose_layout(stills[0][1], panels, style)
    rows, columns = image_grid.grid_axes(stills[0][1], layout.size, GAP_PIXELS)
    caption = 1.4 * LINE if any(name for name, _ in stills) else 0.0
    width = layout.left + columns.length * PIXEL + PANEL_GAP
    height = caption + layout.top + rows.length * PIXEL + PANEL_GAP
    page = lay_out(
        finding, style, layout.columns, -(-len(stills) // layout.per_row) * height - PANEL_GAP
    )
    for index, (name, still) in enumerate(stills):
        row, column = divmod(index, layout.per_row)
        left, top = column * width + layout.left, row * height
        page.write(left, top + LINE / 2, name, fontweight="bold")
        _draw(page, still, layout, (left, top + caption + layout.top))
    return page.figure


def _folded(name: str, still: ImageGrid, style: PageStyle) -> list[tuple[str, ImageGrid]]:
    """Continue columns whose images would be too small below, in grids of their own."""
    rows, columns = still.images.shape[1:3]
    for n_grids in range(1, MAX_FOLDED_ROWS // rows + 1):
        length = -(-columns // n_grids)
        parts = [slice(start, start + length) for start in range(0, columns, length)]
        grids = [
            replace(
                still,
                images=still.images[:, :, part],
                column_names=still.column_names[part],
                column_label="" if part.start else still.column_label,
            )
            for part in parts
        ]
        size = _largest_layout(grids[0], style, style.two_columns, 1).size
        if size[1] * PIXEL >= MIN_SIZE:
            return [("", grid) for grid in grids]
    return [(name, still)]


def _choose_layout(finding: ImageGrid, panels: int, style: PageStyle) -> Layout:
    """Choose the narrowest page, or the most panels per row, at which images are large enough."""
    min_size = MIN_SIZE_WITHOUT_GAPS if finding.is_plane else MIN_SIZE
    if panels == 1:
        choices = [(style.one_column, 1)]
    else:
        choices = [(style.two_columns, 3), (style.two_columns, 2)]
        min_size *= 0.6
    for columns, per_row in choices:
        layout = _largest_layout(finding, style, columns, per_row)
        if layout.size[1] * PIXEL >= min_size:
            return layout
    return _largest_layout(finding, style, style.two_columns, 1)


def _largest_layout(finding: ImageGrid, style: PageStyle, columns: float, per_row: int) -> Layout:
    """Make the images as large as this many panels per row allow."""
    names = max(map(typeset.width, finding.row_names), default=0.0)
    left = (min(names, MAX_NAME) + 5 if names else 0.0) + (1.4 * LINE if finding.row_label else 0.0)
    room = (style.body_width(columns) - PANEL_GAP * (per_row - 1)) / per_row - left
    size = _image_size(finding, room)
    widest = max(map(typeset.width, finding.column_names), default=0.0)
    upright = widest > size[1] * PIXEL and not image_grid.is_numeric(finding.column_names)
    top = (min(widest, MAX_NAME) if upright else LINE) + 3 if widest else 0.0
    top += 1.4 * LINE if finding.column_label else 0.0
    return Layout(columns, per_row, size, left, top, upright)


def _image_size(finding: ImageGrid, room: float) -> tuple[int, int]:
    """Compute the largest image size, (height, width) in printed pixels, in a grid of width `room`.

    If that costs little, each image pixel is a whole number of printed pixels.
    """
    height, width = finding.images.shape[3:5]
    rows, columns = image_grid.grid_axes(finding, (0, 0), GAP_PIXELS)
    pixels_wide = min(
        int((room / PIXEL - columns.length) / len(columns.starts)),
        int((MAX_HEIGHT / PIXEL - rows.length) / len(rows.starts) * width / height),
        int(MAX_SIZE / PIXEL),
    )
    exact = pixels_wide // width * width
    pixels_wide = max(exact if exact > 0.85 * pixels_wide else pixels_wide, 1)
    return max(round(pixels_wide * height / width), 1), pixels_wide


def _draw(page: Page, finding: ImageGrid, layout: Layout, origin: tuple[float, float]) -> None:
    rows, columns = image_grid.grid_axes(finding, layout.size, GAP_PIXELS)
    pixels, opaque = image_grid.compose(
        image_grid.resize(finding.images, layout.size)[0], rows, columns
    )
    size = columns.length * PIXEL, rows.length * PIXEL
    axes = page.axes(*origin, *size)
    axes.set_axis_off()
    colours = pixels if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1)
    rgba = np.dstack([colours, np.where(opaque, 255, 0).astype(np.uint8)])
    axes.imshow(rgba, interpolation="nearest", aspect="auto")
    _write_rows(page, finding, rows.middles(), origin, size, layout)
    _write_columns(page, finding, columns.middles(), origin, size, layout)


def _write_rows(
    page: Page,
    finding: ImageGrid,
    middles: list[float],
    origin: tuple[float, float],
    size: tuple[float, float],
    layout: Layout,
) -> None:
    places = [middle * size[1] for middle in middles]
    named = labels.fitting_names(finding.row_names, places, [LINE * 0.95] * len(places))
    for index, name in named.items():
        shown = typeset.shorten(name, MAX_NAME)
        page.write(origin[0] - 5, origin[1] + places[index], shown, ha="right")
    names = max((typeset.width(name) for name in finding.row_names), default=-5.0)
    x = origin[0] - min(names, MAX_NAME) - 5 - 0.8 * LINE
    label = typeset.shorten(finding.row_label, size[1] + layout.top, bold=True)
    spare = max(typeset.width(label, bold=True) - size[1], 0.0)
    middle = origin[1] + (size[1] - spare) / 2
    page.write(x, middle, label, rotation=90, ha="center", fontweight="bold")


def _write_columns(
    page: Page,
    finding: ImageGrid,
    middles: list[float],
    origin: tuple[float, float],
    size: tuple[float, float],
    layout: Layout,
) -> None:
    places = [middle * size[0] for middle in middles]
    widths = [LINE if layout.upright else typeset.width(name) + 5 for name in finding.column_names]
    named = labels.fitting_names(finding.column_names, places, widths)
    style = {"rotation": 90} if layout.upright else {}
    for index, name in named.items():
        shown = typeset.shorten(name, MAX_NAME)
        half = (LINE if layout.upright else typeset.width(shown)) / 2
        x = min(origin[0] + places[index], page.width - half)
        page.write(x, origin[1] - 3, shown, ha="center", va="bottom", **style)
    label = typeset.shorten(finding.column_label, page.width, bold=True)
    half = typeset.width(label, bold=True) / 2
    middle = min(max(origin[0] + size[0] / 2, half), page.width - half)
    page.write(middle, origin[1] - layout.top + LINE / 2, label, ha="center", fontweight="bold")
