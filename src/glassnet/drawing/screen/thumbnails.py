"""Examples to point at: images as one sheet of thumbnails, which is one to a page, or texts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from glassnet import png
from glassnet.drawing.layout import highlighted_text
from glassnet.drawing.screen.points import pack_uint16
from glassnet.findings import Examples

MAX_PIXELS = 12_000_000
"""A sheet stays below what phones can hold; larger examples are shrunk to fit."""


MAX_LETTERS = 280
"""How many letters of a text are shown."""


def sprite_sheet(pictures: np.ndarray) -> tuple[np.ndarray, tuple[int, int], int]:
    """Lay images, (n, height, width) or (n, height, width, 3), side by side, row by row.

    Returns:
        The sheet, (rows * height, columns * width) or with 3 channels, uint8; height and width of a
        thumbnail; and how many are in a row.
    """
    count, height, width = pictures.shape[:3]
    wanted = math.ceil(math.sqrt(count * height * width / MAX_PIXELS))
    factor = min(max(1, wanted), height, width)
    small = _shrunk(pictures, factor)
    height, width = small.shape[1:3]
    columns = max(1, math.ceil(math.sqrt(count * height / width)))
    rows = -(-count // columns)
    whole = np.zeros((rows * columns, *small.shape[1:]), np.uint8)
    whole[:count] = small
    grid = whole.reshape(rows, columns, *small.shape[1:])
    return (
        grid.swapaxes(1, 2).reshape(rows * height, columns * width, *small.shape[3:]),
        (height, width),
        columns,
    )


def view(examples: Examples) -> dict[str, Any]:
    """Give what a page needs to show an example under the pointer, ready for JSON.

    What the network said is None where it names no classes; there is no sheet where there are no
    images, and no text where there are none.
    """
    predicted, confidence = examples.predicted, examples.confidence
    return {
        **_sheet(examples),
        "texts": [_shortened(text) for text in examples.texts],
        "classNames": list(examples.class_names),
        "ids": [int(number) for number in examples.ids],
        "labels": pack_uint16(examples.labels),
        "predicted": None if predicted is None else pack_uint16(predicted),
        "confidence": None
        if confidence is None
        else pack_uint16(np.rint(confidence.astype(float) * 65535)),
    }


def _sheet(examples: Examples) -> dict[str, Any]:
    if examples.images is None:
        return {"sheet": None}
    pixels, (height, width), columns = sprite_sheet(examples.images)
    return {
        "sheet": png.data_uri(pixels),
        "height": height,
        "width": width,
        "columns": columns,
    }


def _shortened(text: str) -> str:
    """Cut a text between two words, where there are any, with an ellipsis."""
    plain = " ".join(highlighted_text.clean_text(text).split())
    if len(plain) <= MAX_LETTERS:
        return plain
    start = plain[: MAX_LETTERS - 1]
    return f"{start[: start.rfind(' ', MAX_LETTERS // 2)].rstrip()}…"


def _shrunk(pictures: np.ndarray, factor: int) -> np.ndarray:
    """Average blocks of `factor` x `factor` pixels; what does not fill a block is left out."""
    if factor == 1:
        return pictures
    height, width = (side // factor for side in pictures.shape[1:3])
    small = np.empty((len(pictures), height, width, *pictures.shape[3:]), np.uint8)
    for index, picture in enumerate(pictures):
        blocks = picture[: height * factor, : width * factor]
        blocks = blocks.reshape(height, factor, width, factor, *pictures.shape[3:])
        small[index] = np.rint(blocks.mean(axis=(1, 3)))
    return small
