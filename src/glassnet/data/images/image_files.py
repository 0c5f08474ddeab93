"""Image files decoded to arrays of one shape, with Pillow."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from glassnet.contract import ValueRanges
from glassnet.data.images import deep_pixels, value_range
from glassnet.errors import DataError

MAX_PIXELS = 64_000_000
"""Larger images are refused before they are decoded."""

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
"""The decoders that are allowed; some of Pillow's others start programs."""

EXTENSIONS = {".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".pgm"}
"""The file extensions of images, in lower case."""

GREY_MODES = frozenset({"1", "L", "LA", "La", "F"})
NEARLY_WHITE = 230
"""Mean lightness of the visible pixels, 0 to 255, from which a white background would hide them."""

NO_RANGES: ValueRanges = {}
"""Of a data set whose images all have 8 bits per channel."""

REDUCING_GAP = 2.0
"""Large images are first reduced to this multiple of the final size, which is fast."""


@dataclass(frozen=True)
class Header:
    """What the header of an image file contains.

    Attributes:
        width, height: in pixels, after the rotation that EXIF asks for.
        grey: whether it has no colour.
        animated: whether it has several frames, of which the first is read.
        transparent: whether it has transparency, which is composited on a background.
        depth: with more than 8 bits per channel, the kind of its values; see `value_range`.
        capacity: the largest value that it could contain; 0 if not known.
    """

    width: int
    height: int
    grey: bool
    animated: bool = False
    transparent: bool = False
    depth: str = ""
    capacity: int = 0


def read_images(
    paths: Sequence[Path], shape: tuple[int, ...], ranges: ValueRanges = NO_RANGES
) -> np.ndarray:
    """Read image files in the input shape of a network, each as `read_image` does.

    Args:
        paths: the files.
        shape: (C, H, W), with C 1 or 3.
        ranges: as for `read_image`.

    Returns:
        (n, H, W) uint8 for one channel, (n, H, W, 3) for three.

    Raises:
        DataError: a file is missing, not an image, damaged, or larger than `MAX_PIXELS`.
    """
    channels, height, width = shape
    result = np.empty((len(paths), height, width, channels), np.uint8)
    with without_warnings():
        for index, path in enumerate(paths):
            result[index] = read_image(path, shape, ranges).reshape(height, width, channels)
    return result[..., 0] if channels == 1 else result


def read_image(path: Path, shape: tuple[int, ...], ranges: ValueRanges = NO_RANGES) -> np.ndarray:
    """Read the first frame of an image file, rotate it as its EXIF asks, and `fit` it.

    Args:
        path: the file.
        shape: (C, H, W), with C 1 or 3.
        ranges: how values of more than 8 bits per channel are scaled; a kind that is not in it is
            scaled by the file's own bit depth.

    Returns:
        (H, W) uint8 for one channel, (H, W, 3) for three.

    Raises:
        DataError: it is missing, not an image, damaged, or larger than `MAX_PIXELS`.
    """
    return read_with_warning(path, shape, ranges)[0]


def read_with_warning(
    path: Path, shape: tuple[int, ...], ranges: ValueRanges
) -> tuple[np.ndarray, str]:
    """Read an image as `read_image` does, with the warning of `value_range.choose_for`.

    Example:
        >>> read_with_warning(Path("scan.png"), (1, 28, 28), {})[1]  # doctest: +SKIP
        'with values (integers) unlike the training images, scaled by their own bit depth'
    """
    side = int(REDUCING_GAP * max(shape[1:]))
    with _opened(path) as image:
        if kind := deep_pixels.kind_of(image):
            values = deep_pixels.read(path, image)
            chosen, warning = value_range.choose_for(*deep_pixels.extent(values), kind, ranges)
            return fit(deep_pixels.to_8_bits(values, chosen), shape), warning
        image.draft(None, (side, side))  # a JPEG is decoded at reduced size, which is faster
        return fit(ImageOps.exif_transpose(image), shape), ""


def read_extent(path: Path) -> value_range.Range:
    """The smallest and largest value of an image of more than 8 bits per channel.

    Raises:
        DataError: as `read_image`; or it contains values that are not finite.
    """
    with _opened(path) as image:
        return deep_pixels.extent(deep_pixels.read(path, image))


def read_header(path: Path) -> Header:
    """Read the header of an image file; only the pixels of paletted images are decoded.

    Raises:
        DataError: as `read_image`, except for damage behind the header.
    """
    with _opened(path) as image:
        width, height = image.size
        # `getexif` decodes the whole image if a PNG has no EXIF.
        if "exif" in image.info:
            orientation = image.getexif().get(ExifTags.Base.Orientation)
            width, height = (height, width) if orientation in (5, 6, 7, 8) else (width, height)
        return Header(
            width,
            height,
            grey=_is_grey(image),
            animated=bool(getattr(image, "is_animated", False)),
            transparent=image.has_transparency_data,
            depth=deep_pixels.kind_of(image),
            capacity=deep_pixels.capacity_of(image),
        )


def fit(image: Image.Image, shape: tuple[int, ...]) -> np.ndarray:
    """Scale an image to a shape, keeping its aspect ratio, and crop it around its centre.

    Colour becomes grey for one channel. Transparency is composited on white, or on black where the
    visible pixels are nearly white.

    Args:
        image: of any mode with 8 bits per channel.
        shape: (C, H, W), with C 1 or 3.

    Returns:
        (H, W) uint8 for one channel, (H, W, 3) for three.
    """
    channels, height, width = shape
    image = _opaque(image).convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        scale = min(image.width / width, image.height / height)
        left = max(0.0, (image.width - width * scale) / 2)
        top = max(0.0, (image.height - height * scale) / 2)
        box = (left, top, image.width - left, image.height - top)
        image = image.resize((width, height), Image.Resampling.LANCZOS, box, REDUCING_GAP)
    return np.asarray(image, dtype=np.uint8)


@contextmanager
def without_warnings() -> Iterator[None]:
    """Ignore Pillow's warnings: a fault of a file is an error, or does not matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise DataError(
                    f"{image.width} x {image.height} pixels are too many",
                    f"scale it down to at most {MAX_PIXELS:,} pixels",
                    path,
                )
            yield image
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError("there is no such file", "check the path", path) from None
    except Exception as error:  # a damaged file can raise anything
        hint = "give a PNG, JPEG, WebP, BMP, GIF or TIFF file"
        raise DataError(_cause(path, error), hint, path) from None


def _is_grey(image: Image.Image) -> bool:
    if image.mode == "P":
        palette = image.getpalette() or []
        return palette[0::3] == palette[1::3] == palette[2::3]
    return image.mode in GREY_MODES or image.mode.startswith("I")


def _cause(path: Path, error: Exception) -> str:
    """Why a file cannot be read as an image."""
    with suppress(OSError):
        if not path.stat().st_size:
            return "empty file"
    if isinstance(error, UnidentifiedImageError):
        return deep_pixels.unreadable_type(path) or "unknown image format"
    if isinstance(error, Image.DecompressionBombError):
        return "too many pixels"
    message = " ".join(str(getattr(error, "strerror", None) or error).split())
    is_clear = isinstance(error, OSError) and message
    return message[:100] if is_clear else f"damaged ({type(error).__name__})"


def _opaque(image: Image.Image) -> Image.Image:
    """The image with its transparency composited on a background."""
    if image.has_transparency_data:
        visible = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, _background(visible)), visible)
    return image


def _background(image: Image.Image) -> tuple[int, int, int, int]:
    """The background of an RGBA image: white, as in a viewer, or black if it is drawn in white."""
    alpha = np.asarray(image.getchannel("A"), np.float64)
    lightness = np.asarray(image.convert("RGB").convert("L"), np.float64)
    total = alpha.sum()
    white = not total or (lightness * alpha).sum() / total < NEARLY_WHITE
    return (255, 255, 255, 255) if white else (0, 0, 0, 255)
