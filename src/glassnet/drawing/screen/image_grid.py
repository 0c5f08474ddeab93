"""Mosaics on the screen: all frames as one image, and the names that stand beside it."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from glassnet import png
from glassnet.drawing.layout import image_grid
from glassnet.drawing.screen import css
from glassnet.findings import ImageGrid

ROOM = 700.0
"""The most that a mosaic takes of a wide screen, across and down."""

LARGEST, SMALLEST, DENSEST = 72.0, 18.0, 12.0
"""Width of an image: at most, at least, and at least where they stand without gaps."""

LONGEST = 170.0
"""How long a row's name may be."""

PAD = 12.0
"""Room between a row's name and its images, and for the last column's name beyond its images."""

SEAM = 2
"""Rows of nothing between two frames."""

FILM_LEVELS = 64
"""Steps of brightness in a film, which has many images."""


def view(finding: ImageGrid) -> dict[str, Any]:
    """Give what a page needs to draw a mosaic; a film's frames lie below each other."""
    height, width = finding.images.shape[3:5]
    rows, columns = image_grid.grid_axes(
        finding, (height, width), max(1, round(max(height, width) / 28))
    )
    still = len(finding.frame_names) == 1
    gutter = min(max(map(css.width, finding.row_names), default=-PAD), LONGEST) + PAD
    lip = PAD if finding.column_names else 0.0
    beside = gutter + lip + (2 * css.LINE if finding.row_label else 0.0)
    wide = columns.length * _scale(columns, rows)
    smallest = DENSEST if image_grid.is_plane(finding) else SMALLEST
    least = min(len(columns.starts) * smallest, wide)
    phone = max(css.PHONE - beside, least)
    return {
        "uri": _film(finding, rows, columns, 255 if still else FILM_LEVELS),
        "size": (columns.length, rows.length),
        "alt": _alt(finding),
        "frames": [] if still else list(finding.frame_names),
        "longest": ceil(max(css.width(name, bold=True) for name in finding.frame_names)),
        "wide": round(wide),
        "least": round(least),
        "gutter": round(gutter),
        "lip": round(lip),
        "shrunk": _shrunk(columns.length, wide, phone),
        "row_label": finding.row_label,
        "column_label": finding.column_label,
        "rows": _row_names(finding, rows, (wide / columns.length, phone / columns.length)),
    } | _column_names(finding, columns, (wide, phone))


def _row_names(
    finding: ImageGrid, rows: image_grid.GridAxis, scales: tuple[float, float]
) -> list[dict[str, Any]]:
    lines = [css.LINE - 2] * len(finding.row_names)
    lengths = rows.length * scales[0], rows.length * scales[1]
    return css.visible_names(finding.row_names, rows.middles(), lines, lengths)


def _column_names(
    finding: ImageGrid, columns: image_grid.GridAxis, lengths: tuple[float, float]
) -> dict[str, Any]:
    """Thin out names that are numbers; set others upright where a phone has no room for them."""
    names = finding.column_names
    widest = max(map(css.width, names), default=0.0)
    upright = widest + 4 > lengths[1] / len(columns.starts) and not image_grid.is_numeric(names)
    sizes = [css.LINE if upright else css.width(name) + 5 for name in names]
    return {
        "columns": css.visible_names(names, columns.middles(), sizes, lengths),
        "upright": upright,
        "crown": round(widest + 4 if upright else css.LINE) if widest else 0,
    }


def _scale(columns: image_grid.GridAxis, rows: image_grid.GridAxis) -> float:
    """Give how large an image's pixels are at best: a whole number where there is room for two."""
    room = min(ROOM, len(columns.starts) * LARGEST)
    scale = min(room / columns.length, ROOM / rows.length)
    return scale // 1 if scale >= 2 else scale


def _shrunk(length: int, wide: float, phone: float) -> str:
    """Name the screens on which pixels have to be merged: images are smoothed there alone."""
    if length > wide:
        return "shrunk"
    return "shrunk-narrow" if length > phone else ""


def _film(
    finding: ImageGrid, rows: image_grid.GridAxis, columns: image_grid.GridAxis, levels: int
) -> str:
    """Lay the frames below each other, a seam apart that lets none shine into the next."""
    seam = ((0, SEAM), (0, 0), (0, 0))
    parts = [image_grid.compose(frame, rows, columns) for frame in finding.images]
    pixels = np.concatenate([np.pad(pixels, seam[: pixels.ndim]) for pixels, _ in parts])
    solid = np.concatenate([np.pad(solid, seam[:2]) for _, solid in parts])
    return png.data_uri(pixels[:-SEAM], solid[:-SEAM], levels)


def _alt(finding: ImageGrid) -> str:
    """Say in words what is to be seen."""
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
