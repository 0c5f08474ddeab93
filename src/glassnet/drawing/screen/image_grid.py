"""Image grids on the screen: all frames as one image, and the names beside it."""

from math import ceil
from typing import Any

import numpy as np

from glassnet import png
from glassnet.drawing.layout import image_grid
from glassnet.drawing.screen import css
from glassnet.findings import ImageGrid

MAX_EXTENT = 700.0
"""Largest width and height of a grid on a wide screen."""

MAX_SIZE, MIN_SIZE, MIN_SIZE_WITHOUT_GAPS = 72.0, 18.0, 12.0
"""Width of an image: largest, smallest, and smallest in a grid without gaps."""

MAX_NAME = 170.0
"""Largest length of a row's name."""

PADDING = 12.0
"""Space between a row's name and its images, and for the last column's name beyond its images."""

FRAME_GAP = 2
"""Transparent rows between two frames."""

ANIMATION_LEVELS = 64
"""Number of brightness levels in an animation, which has many images."""


def view(finding: ImageGrid) -> dict[str, Any]:
    """Give what a page needs to draw an image grid; an animation's frames lie below each other."""
    height, width = finding.images.shape[3:5]
    rows, columns = image_grid.grid_axes(
        finding, (height, width), max(1, round(max(height, width) / 28))
    )
    is_still, frames = len(finding.frame_names) == 1, image_grid.frame_names(finding)
    left = min(max(map(css.width, finding.row_names), default=-PADDING), MAX_NAME) + PADDING
    overhang = PADDING if finding.column_names else 0.0
    beside = left + overhang + (2 * css.LINE if finding.row_label else 0.0)
    max_width = columns.length * _scale(columns, rows)
    min_size = MIN_SIZE_WITHOUT_GAPS if finding.is_plane else MIN_SIZE
    min_width = min(len(columns.starts) * min_size, max_width)
    phone = max(css.PHONE - beside, min_width)
    return {
        "uri": _stack_frames(finding, rows, columns, 255 if is_still else ANIMATION_LEVELS),
        "size": (columns.length, rows.length),
        "alt_text": _alt_text(finding),
        "frames": [] if is_still else frames,
        "frame_name_width": ceil(max(css.width(name, bold=True) for name in frames)),
        "max_width": round(max_width),
        "min_width": round(min_width),
        "left_margin": round(left),
        "overhang": round(overhang),
        "smoothing": _smoothing(columns.length, max_width, phone),
        "row_label": finding.row_label,
        "column_label": finding.column_label,
        "row_names": _row_names(
            finding, rows, (max_width / columns.length, phone / columns.length)
        ),
    } | _column_names(finding, columns, (max_width, phone))


def _row_names(
    finding: ImageGrid, rows: image_grid.GridAxis, scales: tuple[float, float]
) -> list[dict[str, Any]]:
    lines = [css.LINE - 2] * len(finding.row_names)
    lengths = rows.length * scales[0], rows.length * scales[1]
    return css.visible_names(finding.row_names, rows.middles(), lines, lengths)


def _column_names(
    finding: ImageGrid, columns: image_grid.GridAxis, lengths: tuple[float, float]
) -> dict[str, Any]:
    """Thin out names that are numbers; rotate others if a phone has no room for them."""
    names = finding.column_names
    widest = max(map(css.width, names), default=0.0)
    upright = widest + 4 > lengths[1] / len(columns.starts) and not image_grid.is_numeric(names)
    sizes = [css.LINE if upright else css.width(name) + 5 for name in names]
    return {
        "column_names": css.visible_names(names, columns.middles(), sizes, lengths),
        "upright": upright,
        "names_height": round(widest + 4 if upright else css.LINE) if widest else 0,
    }


def _scale(columns: image_grid.GridAxis, rows: image_grid.GridAxis) -> float:
    """Compute the size of an image's pixels on a wide screen: an integer if it is 2 or more."""
    extent = min(MAX_EXTENT, len(columns.starts) * MAX_SIZE)
    scale = min(extent / columns.length, MAX_EXTENT / rows.length)
    return scale // 1 if scale >= 2 else scale


def _smoothing(length: int, max_width: float, phone: float) -> str:
    """Name the screens on which pixels have to be merged; images are smoothed only there."""
    if length > max_width:
        return "smoothed"
    return "smoothed-on-phones" if length > phone else ""


def _stack_frames(
    finding: ImageGrid, rows: image_grid.GridAxis, columns: image_grid.GridAxis, levels: int
) -> str:
    """Stack the frames below each other, with gaps so that none shows in the next."""
    padding = ((0, FRAME_GAP), (0, 0), (0, 0))
    parts = [image_grid.compose(frame, rows, columns) for frame in finding.images]
    pixels = np.concatenate([np.pad(pixels, padding[: pixels.ndim]) for pixels, _ in parts])
    opaque = np.concatenate([np.pad(opaque, padding[:2]) for _, opaque in parts])
    return png.data_uri(pixels[:-FRAME_GAP], opaque[:-FRAME_GAP], levels)


def _alt_text(finding: ImageGrid) -> str:
    """Describe the grid for those who cannot see it."""
    rows, columns = finding.images.shape[1:3]
    parts = [f"{rows * columns} images in {rows} rows and {columns} columns"]
    for kind, label, names in (
        ("rows", finding.row_label, finding.row_names),
        ("columns", finding.column_label, finding.column_names),
    ):
        named = ", ".join(dict.fromkeys(filter(None, names)))
        if label or named:
            parts.append(f"{kind}: {': '.join(filter(None, [label, named]))}")
    return "; ".join(parts)
