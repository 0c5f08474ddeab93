"""What drawings of points on the screen share: classes, places and names as a page needs them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np

from glassnet.drawing.layout.scatter import ClassLabel
from glassnet.drawing.palette import CLASS_COLOURS
from glassnet.drawing.screen.css import percent
from glassnet.findings import Animation, Scatter

Square = tuple[float, float, float]
"""Left, bottom and side."""


def pack_uint16(values: np.ndarray) -> str:
    """Encode numbers from 0 to 65535 as base64 of little-endian unsigned 16-bit integers."""
    return base64.b64encode(np.asarray(values).astype("<u2").tobytes()).decode("ascii")


def quantise(points: np.ndarray, within: Square) -> np.ndarray:
    """Turn points into whole 65535ths of a square, y downwards, as x, y, x, y, ..."""
    left, bottom, side = within
    shares = (points.astype(float) - (left, bottom)) / side
    shares[:, 1] = 1 - shares[:, 1]
    return np.rint(shares * 65535).ravel()


def class_slots(count: int) -> list[int]:
    """Give each class the number of its colour, or -1 where there are too many to tell apart."""
    if count > 2 * len(CLASS_COLOURS):
        return [-1] * count
    return [number % len(CLASS_COLOURS) for number in range(count)]


def class_views(finding: Scatter | Animation) -> list[dict[str, Any]]:
    """Give each class's name, colour and number of points."""
    slots = class_slots(len(finding.class_names))
    counts = np.bincount(finding.labels, minlength=len(finding.class_names))
    return [
        {"name": name, "slot": slot, "count": int(count)}
        for name, slot, count in zip(finding.class_names, slots, counts, strict=True)
    ]


def label_views(placed: Iterable[ClassLabel]) -> list[dict[str, Any]]:
    """Give the classes' names with their places in per cent from the top left."""
    return [
        {
            "text": name.text,
            "number": name.number,
            "at": (percent(name.place[0]), percent(1 - name.place[1])),
            "centre": (percent(name.centre[0]), percent(1 - name.centre[1])),
            "moved": name.moved,
        }
        for name in placed
    ]
