"""Drawings and photos of handwriting, brought into the form of a data set of centred digits.

MNIST's digits were scaled to fit a box of 20 x 20 pixels, with their aspect ratio, and moved so
that their centre of mass is the centre of 28 x 28 (LeCun et al. 1998, "Gradient-based learning
applied to document recognition"). A network that learned such digits needs a drawing to be treated
as they were.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

INK = 32
"""Smallest value of a pixel that counts as ink, of 255."""

MAX_SPREAD = 2.0
"""Pixels between the quartiles of the sides of the boxes around the ink, at most."""

CENTRED = 0.9
"""Share of the images whose border is empty and whose centre of mass is in the middle."""

LEVELS = (0.25, 0.6)
"""Contrast of ink from which a pixel is no background, and from which it is full ink; shares of the
darkest ink. What is below is paper, shadow and noise."""

MIN_CONTRAST = 24
"""Contrast of the ink, of 255, below which there is none."""


def drawing_box(images: np.ndarray) -> int | None:
    """Measure the box that all images of a data set were scaled to.

    Args:
        images: (n, H, W) uint8, bright ink on black.

    Returns:
        The longer side of the box in pixels; None if the images were not scaled to a box and
        centred by their mass: if they have colour, content at the border, or boxes of different
        sizes.
    """
    if images.ndim != 3 or not len(images):
        return None
    ink = images >= INK
    has_ink = ink.any(axis=(1, 2))
    if (has_ink & ~_at_border(ink)).mean() < CENTRED:
        return None
    images, ink = images[has_ink], ink[has_ink]
    sides = _sides(ink)
    low, middle, high = np.percentile(sides, (25, 50, 75))
    if high - low > MAX_SPREAD or (_off_centre(images) <= 1).mean() < CENTRED:
        return None
    return int(middle)


def is_centred(image: np.ndarray, box: int) -> bool:
    """Whether an image is in the form of such a data set already.

    Args:
        image: (H, W) uint8.
        box: as `drawing_box` gives it.
    """
    ink = image[None] >= INK
    return bool(
        ink.any()
        and not _at_border(ink)[0]
        and abs(_sides(ink)[0] - box) <= MAX_SPREAD
        and _off_centre(image[None])[0] <= 1
    )


def centred(drawing: np.ndarray, box: int, shape: tuple[int, int]) -> np.ndarray | None:
    """Scale ink to a box and move its centre of mass to the centre of an image.

    Args:
        drawing: (h, w) uint8, of any size: bright ink on a dark ground, or dark ink on paper.
        box: the longer side of the ink in the result, in pixels.
        shape: (H, W) of the result, at least `box` each.

    Returns:
        (H, W) uint8, bright ink on black; None if there is no ink.
    """
    ink = _ink(drawing)
    rows, columns = (np.flatnonzero((ink >= INK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = box / max(cut.shape)
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    scaled = Image.fromarray(cut).resize((width, height), Image.Resampling.BOX)
    values = np.asarray(scaled, np.float64)
    result = np.zeros(shape, np.uint8)
    places = []
    for axis, side in enumerate(values.shape):
        mass = values.sum(axis=1 - axis)
        middle = float((mass * np.arange(side)).sum() / mass.sum())
        start = round(shape[axis] / 2 - middle)
        places.append(min(max(start, 0), shape[axis] - side))
    top, left = places
    result[top : top + height, left : left + width] = values.astype(np.uint8)
    return result


def _ink(drawing: np.ndarray) -> np.ndarray:
    """(h, w) uint8: the ink of each pixel, whether it is brighter or darker than the ground."""
    values = drawing.astype(np.float64)
    ground = np.median(np.concatenate([values[[0, -1]].ravel(), values[:, [0, -1]].ravel()]))
    darkest, brightest = np.percentile(values, (0.05, 99.95))
    contrast = values - ground if brightest - ground >= ground - darkest else ground - values
    full = max(abs(brightest - ground), abs(darkest - ground))
    if full < MIN_CONTRAST:
        return np.zeros(drawing.shape, np.uint8)
    low, high = LEVELS
    return (((contrast / full - low) / (high - low)).clip(0, 1) * 255).astype(np.uint8)


def _at_border(ink: np.ndarray) -> np.ndarray:
    """(n,) bool: images with ink in their first or last row or column."""
    rows = ink[:, [0, -1]].reshape(len(ink), -1)
    return np.asarray(np.concatenate([rows, ink[..., 0], ink[..., -1]], 1).any(axis=1))


def _sides(ink: np.ndarray) -> np.ndarray:
    """(n,) longer sides of the boxes around the ink."""
    return np.maximum(_extent(ink, axis=1), _extent(ink, axis=2))


def _extent(ink: np.ndarray, axis: int) -> np.ndarray:
    """(n,) lengths from the first to the last column with ink, or row if `axis` is 2."""
    filled = np.asarray(ink.any(axis=axis))
    side = filled.shape[1]
    return side - filled[:, ::-1].argmax(axis=1) - filled.argmax(axis=1)


def _off_centre(images: np.ndarray) -> np.ndarray:
    """(n,) distances in pixels, along the worse axis, of the centres of mass from the centre."""
    mass = images.astype(np.float64)
    offsets = [
        (mass.sum(axis=3 - axis) * (np.arange(side) - (side - 1) / 2)).sum(axis=1)
        / mass.sum(axis=(1, 2))
        for axis, side in zip((1, 2), images.shape[1:], strict=True)
    ]
    return np.abs(offsets).max(axis=0)
