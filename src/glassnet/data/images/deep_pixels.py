"""Pixels of image files with more than 8 bits per channel, which Pillow reads in part only."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin

from glassnet.data.images import value_range
from glassnet.data.images.value_range import FLOATS, INTEGERS, Range
from glassnet.errors import DataError

MAX_16_BITS = 65_535

OTHER_BYTE = {
    "RGB;16B": "RGB;16L",
    "RGB;16L": "RGB;16B",
    "RGBA;16B": "RGBA;16L",
    "RGBA;16L": "RGBA;16B",
    "LA;16B": "RGBA",
}
"""Layout of 16-bit colours -> the layout under which Pillow reads the bytes that it drops.

Pillow reads the upper byte of each channel. `LA;16B` read as RGBA gives all four bytes of a pixel.
"""

NATIVE = {"N": "L" if sys.byteorder == "little" else "B"}

TYPES = {1: "unsigned integers", 2: "integers", 3: "floats"}
"""The tag SampleFormat of a TIFF file -> what its values are."""


def kind_of(image: Image.Image) -> str:
    """The kind of the values of an image that is opened; empty with 8 bits per channel or less."""
    if image.mode == "F":
        return FLOATS
    return INTEGERS if image.mode.startswith("I") or _has_other_byte(image) else ""


def capacity_of(image: Image.Image) -> int:
    """The largest value that an image of unsigned 16-bit integers can contain; 0 for others."""
    is_16_bit = image.mode.startswith("I;16") or _has_other_byte(image)
    return MAX_16_BITS if is_16_bit else 0


def read(path: Path, image: Image.Image) -> np.ndarray:
    """Read the values, rotated as the EXIF asks: (H, W), (H, W, 2) with alpha, or (H, W, 3 or 4).

    Args:
        path: the file.
        image: the file opened; its pixels must not have been read yet.

    Raises:
        DataError: some are not finite.
    """
    if _has_other_byte(image):
        layout = _layout(image)
        other = _read_as(path, OTHER_BYTE[layout]).astype(np.uint16)
        if layout == "LA;16B":
            return other[..., 0::2] << 8 | other[..., 1::2]
        return np.asarray(ImageOps.exif_transpose(image)).astype(np.uint16) << 8 | other
    values = np.asarray(ImageOps.exif_transpose(image))
    if n_bad := int(values.size - np.isfinite(values).sum()):
        raise DataError(
            f"{n_bad:,} of {values.size:,} pixels are NaN or infinite",
            "replace them by numbers, or leave the image out",
            path,
        )
    return values


def extent(values: np.ndarray) -> Range:
    """The smallest and largest visible value, without the alpha channel.

    Args:
        values: as `read` gives them.
    """
    colours, alpha = _without_alpha(values)
    if alpha is not None and alpha.any():
        colours = colours[alpha > 0]
    return float(colours.min()), float(colours.max())


def to_8_bits(values: np.ndarray, chosen: Range) -> Image.Image:
    """Scale values to an image of mode L, LA, RGB or RGBA; alpha keeps its scale.

    Args:
        values: as `read` gives them.
        chosen: the values that become 0 and 255.
    """
    colours, alpha = _without_alpha(values)
    pixels = value_range.to_bytes(colours, chosen)
    if alpha is not None:
        opacity = value_range.to_bytes(alpha, (0, MAX_16_BITS))
        pixels = np.concatenate([pixels, opacity[..., np.newaxis]], axis=2)
    return Image.fromarray(pixels)


def unreadable_type(path: Path) -> str:
    """The type of the values of a TIFF file that Pillow cannot read; empty for other files."""
    with suppress(Exception), path.open("rb") as stream:  # damaged in any way
        header = stream.read(8)
        if header[:4] not in (b"II*\0", b"MM\0*"):
            return ""
        tags = TiffImagePlugin.ImageFileDirectory_v2(header)
        stream.seek(tags.next)
        tags.load(stream)
        bits = tags[TiffImagePlugin.BITSPERSAMPLE]
        kind = TYPES[tags.get(TiffImagePlugin.SAMPLEFORMAT, (1,))[0]]
        channels = f" in {len(bits)} channels" if len(bits) > 1 else ""
        return f"a TIFF file of {bits[0]}-bit {kind}{channels}, which Pillow cannot read"
    return ""


def _without_alpha(values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    if values.ndim == 3 and values.shape[2] in (2, 4):
        return values[..., :-1], values[..., -1]
    return values, None


def _has_other_byte(image: Image.Image) -> bool:
    layout = _layout(image)  # before version 12, Pillow opens LA;16B in a mode that has no RGBA
    return layout in OTHER_BYTE and (layout != "LA;16B" or image.mode == "RGBA")


def _layout(image: Image.Image) -> str:
    """How a file stores the pixels, in Pillow's words, such as `RGB;16B`; empty if not known."""
    tiles: list[Any] = getattr(image, "tile", None) or []
    arguments = tiles[0].args if tiles else ""
    layout = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return layout[:-1] + NATIVE.get(layout[-1:], layout[-1:]) if isinstance(layout, str) else ""


def _read_as(path: Path, layout: str) -> np.ndarray:
    """Read the pixels of a file as if they were stored in another layout."""
    with Image.open(path) as image:
        tiles = []
        for tile in image.tile:
            rest = tile.args[1:] if isinstance(tile.args, tuple) else None
            tiles.append(tile._replace(args=layout if rest is None else (layout, *rest)))
        image.tile = tiles
        return np.asarray(ImageOps.exif_transpose(image))
