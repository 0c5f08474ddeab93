"""Image files as arrays of one shape."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from glassnet.errors import DataError

MAX_PIXELS = 64_000_000
"""Larger images are refused before they are decoded."""


def read_as(paths: Sequence[Path], shape: tuple[int, ...]) -> np.ndarray:
    """Read image files, turned as their EXIF says, in the shape that a network takes.

    Colour becomes grey for a network of one channel; another size is resampled.

    Args:
        paths: the files.
        shape: (C, H, W), C being 1 or 3.

    Returns:
        (n, H, W) uint8 for one channel, (n, H, W, 3) for three.

    Raises:
        DataError: a file is missing, no image, damaged, or larger than `MAX_PIXELS`.
    """
    channels, height, width = shape
    result = np.empty((len(paths), height, width, channels), np.uint8)
    with warnings.catch_warnings():  # MAX_PIXELS is the bound, whatever Pillow thinks of it
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        for index, path in enumerate(paths):
            result[index] = _read(path, shape).reshape(height, width, channels)
    return result[..., 0] if channels == 1 else result


def _read(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    channels, height, width = shape
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise DataError(
                    f"{path}: {opened.width} x {opened.height} pixels are too many",
                    f"make it smaller than {MAX_PIXELS:,} pixels",
                )
            image = _flat(ImageOps.exif_transpose(opened)).convert("L" if channels == 1 else "RGB")
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file", "check the path") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(
            f"{path}: cannot be read as an image ({type(error).__name__})",
            "give a PNG, JPEG, WebP, BMP or TIFF file",
        ) from None
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image, dtype=np.uint8)


def _flat(image: Image.Image) -> Image.Image:
    """Without transparency (laid on black, as MNIST's ground is) and with 8 bits per channel."""
    if image.mode.startswith(("I", "F")):
        top = 65535 if image.mode.startswith("I") else 255  # Pillow's integers hold 16 bits
        values = np.asarray(image, dtype=np.float64).clip(0, top) * 255 / top
        return Image.fromarray(values.round().astype(np.uint8))
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, (0, 0, 0, 255))
        return Image.alpha_composite(ground, image.convert("RGBA"))
    return image
