"""Image files as arrays of one shape."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from glassnet.errors import DataError

MAX_PIXELS = 64_000_000
"""Larger images are refused before they are decoded."""

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
"""The decoders that files may reach; some of Pillow's others start programs."""

ENDINGS = {".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".pgm"}
"""What the names of such files end in, in lower case."""

GREY_MODES = frozenset({"1", "L", "LA", "La", "F"})
NEARLY_WHITE = 230
"""The mean lightness of what can be seen from which on white would hide it."""

UNREADABLE = "cannot be read as an image"

DEEP = ("I", "F")
"""What the modes of images begin with that have more than 8 bits."""

GAP = 2.0
"""Large images are first reduced fast to this many times the size that is wanted."""


@dataclass(frozen=True)
class Look:
    """What an image's header says.

    Attributes:
        width, height: in pixels, upright.
        grey: whether it has no colour.
        animated: whether it has several pictures, of which the first is read.
        transparent: whether it can be seen through, which is laid on a ground.
        deep: whether it has more than 8 bits a channel, which are brought to 8.
    """

    width: int
    height: int
    grey: bool
    animated: bool = False
    transparent: bool = False
    deep: bool = False


def read_as(paths: Sequence[Path], shape: tuple[int, ...]) -> np.ndarray:
    """Read image files in the shape that a network takes, each as `read` does.

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
    with unwarned():
        for index, path in enumerate(paths):
            result[index] = read(path, shape).reshape(height, width, channels)
    return result[..., 0] if channels == 1 else result


def read(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read the first picture of an image file, turned as its EXIF says, and `fit` it.

    Args:
        path: the file.
        shape: (C, H, W), C being 1 or 3.

    Returns:
        (H, W) uint8 for one channel, (H, W, 3) for three.

    Raises:
        DataError: it is missing, no image, damaged, or larger than `MAX_PIXELS`.
    """
    side = int(GAP * max(shape[1:]))
    with _opened(path) as image:
        image.draft(None, (side, side))  # a JPEG decodes faster to an eighth than whole
        return fit(ImageOps.exif_transpose(image), shape)


def look(path: Path) -> Look:
    """Read an image file's header; none but a paletted one is decoded.

    Raises:
        DataError: as `read`, save for damage behind the header.
    """
    with _opened(path) as image:
        width, height = image.size
        # Asking a PNG without EXIF for it would decode the whole of it.
        if "exif" in image.info:
            turn = image.getexif().get(ExifTags.Base.Orientation)
            width, height = (height, width) if turn in (5, 6, 7, 8) else (width, height)
        return Look(
            width,
            height,
            grey=_is_grey(image),
            animated=bool(getattr(image, "is_animated", False)),
            transparent=image.has_transparency_data,
            deep=image.mode.startswith(DEEP),
        )


def fit(image: Image.Image, shape: tuple[int, ...]) -> np.ndarray:
    """Bring an image to a shape: scaled, its aspect kept, and what is too much cut off evenly.

    Colour becomes grey for one channel; transparency is laid on white, or on black where what can
    be seen is nearly white itself.

    Args:
        image: of any mode that Pillow can turn into grey or RGB.
        shape: (C, H, W), C being 1 or 3.

    Returns:
        (H, W) uint8 for one channel, (H, W, 3) for three.
    """
    channels, height, width = shape
    image = _flat(image).convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        scale = min(image.width / width, image.height / height)
        left = max(0.0, (image.width - width * scale) / 2)
        top = max(0.0, (image.height - height * scale) / 2)
        box = (left, top, image.width - left, image.height - top)
        image = image.resize((width, height), Image.Resampling.LANCZOS, box, GAP)
    return np.asarray(image, dtype=np.uint8)


@contextmanager
def unwarned() -> Iterator[None]:
    """No warnings from Pillow: what is wrong with a file is an error or does not matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise DataError(
                    f"{path}: {image.width} x {image.height} pixels are too many",
                    f"make it smaller than {MAX_PIXELS:,} pixels",
                )
            yield image
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file", "check the path") from None
    except Exception as error:  # a damaged file brings about whatever a parser can stumble over
        raise DataError(
            f"{path}: {UNREADABLE} ({_reason(path, error)})",
            "give a PNG, JPEG, WebP, BMP, GIF or TIFF file",
        ) from None


def _is_grey(image: Image.Image) -> bool:
    if image.mode == "P":
        palette = image.getpalette() or []
        return palette[0::3] == palette[1::3] == palette[2::3]
    return image.mode in GREY_MODES or image.mode.startswith("I")


def _reason(path: Path, error: Exception) -> str:
    """Why a file is no image, in words."""
    with suppress(OSError):
        if not path.stat().st_size:
            return "it is empty"
    if isinstance(error, UnidentifiedImageError):
        return "it is of no known kind"
    if isinstance(error, Image.DecompressionBombError):
        return "it has too many pixels"
    words = " ".join(str(error).split())
    return words[:100] if isinstance(error, OSError) and words else type(error).__name__


def _flat(image: Image.Image) -> Image.Image:
    """Without transparency, which is laid on a ground, and with 8 bits per channel."""
    if image.mode.startswith(DEEP):
        top = 65535 if image.mode.startswith("I") else 255  # Pillow's integers hold 16 bits
        values = np.asarray(image, dtype=np.float64).clip(0, top) * 255 / top
        return Image.fromarray(values.round().astype(np.uint8))
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, _ground(seen)), seen)
    return image


def _ground(image: Image.Image) -> tuple[int, int, int, int]:
    """What an RGBA image is laid on: white, as in a viewer, or black if it is drawn in white."""
    cover = np.asarray(image.getchannel("A"), np.float64)
    light = np.asarray(image.convert("RGB").convert("L"), np.float64)
    total = cover.sum()
    white = not total or (light * cover).sum() / total < NEARLY_WHITE
    return (255, 255, 255, 255) if white else (0, 0, 0, 255)
