"""PNG encoding of image arrays: single images, grids, data URIs and files."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import atomic
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from PIL import Image

GAP = 2
"""Pixels between the images of a grid."""


MAX_SMALLEST = 1_000_000
"""Pixels of an image up to which it is compressed as far as possible. 10,000 thumbnails are
compressed seven times as fast otherwise, and take 5 % more space."""


def encode(image: np.ndarray, opaque: np.ndarray | None = None, levels: int = 255) -> bytes:
    """Encode an image as PNG; equal images give equal bytes.

    Args:
        image: (height, width) or (height, width, 3) uint8.
        opaque: (height, width) bool; pixels where it is false are transparent. A grey image stays
            one byte per pixel.
        levels: number of brightness levels, at most 255; only used together with `opaque`.
    """
    from PIL import Image

    buffer = io.BytesIO()
    small = image.shape[0] * image.shape[1] <= MAX_SMALLEST
    effort: dict[str, Any] = {"optimize": True} if small else {"compress_level": 7}
    if opaque is None:
        Image.fromarray(image).save(buffer, format="PNG", **effort)
    else:
        transparent, options = _with_transparency(image, opaque, levels)
        transparent.save(buffer, format="PNG", **effort, **options)
    return buffer.getvalue()


def _with_transparency(
    image: np.ndarray, opaque: np.ndarray, levels: int
) -> tuple[Image.Image, dict[str, Any]]:
    """Make pixels transparent: with a palette entry if grey, with an alpha channel if in colour."""
    from PIL import Image

    indices = np.rint(image.astype(float) * (levels - 1) / 255).astype(np.uint8)
    greys = np.rint(np.arange(levels) * 255 / (levels - 1)).astype(np.uint8)
    if image.ndim == 3:
        colours = image if levels == 255 else greys[indices]
        return Image.fromarray(np.dstack([colours, opaque * np.uint8(255)])), {}
    indices = np.where(opaque, indices, np.uint8(levels))
    palette_image = Image.frombytes("P", indices.shape[::-1], indices.tobytes())
    palette_image.putpalette([*greys.repeat(3).tolist(), 0, 0, 0])
    return palette_image, {"transparency": levels}


def data_uri(image: np.ndarray, opaque: np.ndarray | None = None, levels: int = 255) -> str:
    """Encode an image as a `data:` URI for a web page; the arguments are those of `encode`."""
    content = base64.b64encode(encode(image, opaque, levels)).decode("ascii")
    return f"data:image/png;base64,{content}"


def grid(images: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Arrange images in a grid on black, `GAP` pixels apart.

    Args:
        images: (n, H, W) or (n, H, W, 3) uint8.
        columns: images per row; by default the grid is as close to a square as possible.

    Returns:
        (rows * (H + 2) - 2, columns * (W + 2) - 2) uint8, with the same channels as the images.

    Example:
        >>> grid(np.zeros((5, 28, 28), np.uint8)).shape
        (58, 88)
    """
    columns = columns or math.ceil(math.sqrt(len(images)))
    rows = -(-len(images) // columns)
    height, width = images.shape[1] + GAP, images.shape[2] + GAP
    canvas = np.zeros((rows * height, columns * width, *images.shape[3:]), np.uint8)
    for index, image in enumerate(images):
        top, left = index // columns * height, index % columns * width
        canvas[top : top + height - GAP, left : left + width - GAP] = image
    return canvas[:-GAP, :-GAP]


def save_grid(images: np.ndarray, path: Path, columns: int | None = None) -> Path:
    """Write images as a grid to one PNG file.

    Raises:
        UsageError: the file name does not end in `.png`.
        StorageError: the file cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise UsageError(f"{path}: images are written as PNG", f"name it {path.stem}.png")
    return atomic.write(path, encode(grid(images, columns)))


def save_images(images: np.ndarray, folder: Path, names: Sequence[str]) -> list[Path]:
    """Write every image to `folder/NAME.png`.

    Raises:
        UsageError: `folder` is an existing file.
        StorageError: an image cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file, not a folder", "choose another folder")
    return [
        atomic.write(folder / f"{name}.png", encode(image))
        for name, image in zip(names, images, strict=True)
    ]
