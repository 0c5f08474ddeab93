"""Examples that points refer to: thumbnails on one sprite sheet, or texts."""

import math
from typing import Any

import numpy as np

from glassnet import png
from glassnet.drawing.layout import highlighted_text
from glassnet.drawing.screen.points import pack_uint16
from glassnet.findings import Examples

MAX_PIXELS = 12_000_000
"""Largest size of a sprite sheet, within what phones can hold; larger examples are downsampled."""


LEVELS = 32
"""Brightness levels of a thumbnail, per channel: fewer take less space, and more look the same."""

MAX_LETTERS = 280
"""Largest number of letters of a text that are shown."""


def sprite_sheet(images: np.ndarray) -> tuple[np.ndarray, tuple[int, int], int]:
    """Arrange images, (n, height, width) or (n, height, width, 3), on one sheet, row by row.

    Returns:
        The sheet, (rows * height, columns * width) or with 3 channels, uint8; height and width of a
        thumbnail; and the number of columns.
    """
    count, height, width = images.shape[:3]
    needed = math.ceil(math.sqrt(count * height * width / MAX_PIXELS))
    small = _downsample(images, min(max(1, needed), height, width))
    height, width = small.shape[1:3]
    columns = max(1, math.ceil(math.sqrt(count * height / width)))
    rows = -(-count // columns)
    cells = np.zeros((rows * columns, *small.shape[1:]), np.uint8)
    cells[:count] = small
    grid = cells.reshape(rows, columns, *small.shape[1:])
    return (
        grid.swapaxes(1, 2).reshape(rows * height, columns * width, *small.shape[3:]),
        (height, width),
        columns,
    )


def view(examples: Examples) -> dict[str, Any]:
    """Give what a page needs to show an example in a tooltip, ready for JSON.

    Predictions are None if the network does not classify; there is no sprite sheet without images,
    and no text without texts.
    """
    predicted, confidence = examples.predicted, examples.confidence
    return {
        **_sprites(examples),
        "texts": [_shortened(text) for text in examples.texts],
        "classNames": list(examples.class_names),
        "ids": [int(number) for number in examples.ids],
        "labels": pack_uint16(examples.labels),
        "predicted": None if predicted is None else pack_uint16(predicted),
        "confidence": None
        if confidence is None
        else pack_uint16(np.rint(confidence.astype(float) * 65535)),
    }


def positions_in(part: Examples, whole: Examples) -> list[int] | None:
    """Where the examples of `part` are in `whole`; None unless all are there, with equal values."""
    if part.class_names != whole.class_names or not len(whole.ids):
        return None
    order = np.argsort(whole.ids)
    found = np.searchsorted(whole.ids, part.ids, sorter=order)
    positions = order[np.minimum(found, len(order) - 1)]
    if [whole.texts[index] for index in positions if whole.texts] != list(part.texts):
        return None
    pairs = (
        (getattr(part, name), getattr(whole, name))
        for name in ("ids", "labels", "predicted", "confidence", "images")
    )
    for one, all_ones in pairs:
        if (one is None) != (all_ones is None):
            return None
        if one is not None and not np.array_equal(one, all_ones[positions]):
            return None
    return [int(position) for position in positions]


def _sprites(examples: Examples) -> dict[str, Any]:
    if examples.images is None or not len(examples.images):
        return {"spriteSheet": None}
    pixels, (height, width), columns = sprite_sheet(examples.images)
    return {
        "spriteSheet": png.data_uri(_with_levels(pixels)),
        "height": height,
        "width": width,
        "columns": columns,
    }


def _with_levels(pixels: np.ndarray) -> np.ndarray:
    """Round brightness to `LEVELS` values from 0 to 255."""
    step = 255 / (LEVELS - 1)
    return np.rint(np.rint(pixels / step) * step).astype(np.uint8)


def _shortened(text: str) -> str:
    """Truncate a text between two words, if possible, with an ellipsis."""
    plain = " ".join(highlighted_text.clean_text(text).split())
    if len(plain) <= MAX_LETTERS:
        return plain
    start = plain[: MAX_LETTERS - 1]
    return f"{start[: start.rfind(' ', MAX_LETTERS // 2)].rstrip()}…"


def _downsample(images: np.ndarray, factor: int) -> np.ndarray:
    """Average blocks of `factor` x `factor` pixels; incomplete blocks are dropped."""
    if factor == 1:
        return images
    height, width = (side // factor for side in images.shape[1:3])
    small = np.empty((len(images), height, width, *images.shape[3:]), np.uint8)
    for index, image in enumerate(images):
        blocks = image[: height * factor, : width * factor]
        blocks = blocks.reshape(height, factor, width, factor, *images.shape[3:])
        small[index] = np.rint(blocks.mean(axis=(1, 3)))
    return small
