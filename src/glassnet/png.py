"""Pictures: images written as PNG files, one by one or side by side."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glassnet import atomic
from glassnet.errors import UsageError

GAP = 2
"""Pixels between the images of a grid."""


def png(image: np.ndarray) -> bytes:
    """An image (H, W) or (H, W, 3) uint8 as a PNG file's content; equal ones, equal bytes."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def grid(images: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Images side by side on black, in rows.

    Args:
        images: (n, H, W) or (n, H, W, 3) uint8.
        columns: images in a row; by default as many as rows.

    Returns:
        (rows * (H + 2) - 2, columns * (W + 2) - 2) uint8, with the channels that they have.

    Example:
        >>> grid(np.zeros((5, 28, 28), np.uint8)).shape
        (58, 88)
    """
    columns = columns or math.ceil(math.sqrt(len(images)))
    rows = -(-len(images) // columns)
    height, width = images.shape[1] + GAP, images.shape[2] + GAP
    sheet = np.zeros((rows * height, columns * width, *images.shape[3:]), np.uint8)
    for index, image in enumerate(images):
        top, left = index // columns * height, index % columns * width
        sheet[top : top + height - GAP, left : left + width - GAP] = image
    return sheet[:-GAP, :-GAP]


def save_grid(images: np.ndarray, path: Path, columns: int | None = None) -> Path:
    """Write images as one PNG file.

    Raises:
        UsageError: the name ends otherwise.
        StorageError: it cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path}: images are written as PNG", f"name it {path.stem}.png")
    return atomic.write(path, png(grid(images, columns)))


def save_each(images: np.ndarray, folder: Path, names: Sequence[str]) -> list[Path]:
    """Write every image as `folder/NAME.png`.

    Raises:
        UsageError: there is a file of the folder's name.
        StorageError: they cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file, not a folder", "name another folder")
    return [
        atomic.write(folder / f"{name}.png", png(image))
        for name, image in zip(names, images, strict=True)
    ]
