"""Points on the screen: packed coordinates, classes and class labels."""

import base64
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from matplotlib.markers import MarkerStyle

from glassnet.drawing.layout.scatter import ClassLabel
from glassnet.drawing.palette import CLASS_COLOURS, class_styles
from glassnet.drawing.screen import css
from glassnet.drawing.screen.css import percent
from glassnet.findings import Animation, Scatter

Square = tuple[float, float, float]
"""Left, bottom and side."""


def pack_uint16(values: np.ndarray) -> str:
    """Encode numbers from 0 to 65535 as base64 of little-endian unsigned 16-bit integers."""
    return base64.b64encode(np.asarray(values).astype("<u2").tobytes()).decode("ascii")


def quantise(points: np.ndarray, within: Square) -> np.ndarray:
    """Convert points to integers from 0 to 65535 within a square, y downwards: x, y, x, y, ..."""
    left, bottom, side = within
    shares = (points.astype(float) - (left, bottom)) / side
    shares[:, 1] = 1 - shares[:, 1]
    return np.rint(shares * 65535).ravel()


def class_slots(count: int) -> list[int]:
    """Give each class the number of its colour, or -1 if there are too many to distinguish."""
    if count > 2 * len(CLASS_COLOURS):
        return [-1] * count
    return [number % len(CLASS_COLOURS) for number in range(count)]


def class_shapes(count: int) -> list[list[float]]:
    """Give each class the outline of its marker on paper: x, y, x, y, ..., y downwards.

    Lengths are in radii of the round marker, whose own outline is empty.
    """
    return [_outline(style.marker) for style in class_styles(count)]


@cache
def _outline(marker: str) -> list[float]:
    if marker == "o":
        return []
    style = MarkerStyle(marker)
    outline = style.get_path().transformed(style.get_transform())
    corners = np.asarray(outline.to_polygons()[0], float)[:-1]
    return [round(2 * float(value), 3) for x, y in corners for value in (x, -y)]


def _clip_path(outline: list[float]) -> str:
    """An outline as CSS that cuts it from a square; empty for the round marker."""
    largest = max(map(abs, outline), default=1.0)
    shares = [percent((1 + value / largest) / 2) for value in outline]
    corners = ", ".join(f"{x}% {y}%" for x, y in zip(shares[::2], shares[1::2], strict=True))
    return f"polygon({corners})" if corners else ""


def class_views(finding: Scatter | Animation) -> list[dict[str, Any]]:
    """List each class's name, colour number, marker, whether it is hollow, and number of points."""
    slots = class_slots(len(finding.class_names))
    counts = np.bincount(finding.labels, minlength=len(finding.class_names))
    return [
        {
            "name": name,
            "slot": slot,
            "clip_path": _clip_path(shape),
            "is_hollow": number >= len(CLASS_COLOURS),
            "count": int(count),
        }
        for number, (name, slot, shape, count) in enumerate(
            zip(finding.class_names, slots, class_shapes(len(slots)), counts, strict=True)
        )
    ]


def label_views(labels: Iterable[ClassLabel]) -> list[dict[str, Any]]:
    """List class labels with their positions in per cent from the top left."""
    return [
        {
            "text": label.text,
            "half_width": round(css.width(label.text, bold=True) / 2 + 2),
            "class_index": label.class_index,
            "position": (percent(label.position[0]), percent(1 - label.position[1])),
            "centre": (percent(label.centre[0]), percent(1 - label.centre[1])),
            "moved": label.moved,
        }
        for label in labels
    ]
