"""Image shapes: the one size and number of channels that all images of a data set get."""

from collections.abc import Sequence

import numpy as np

from glassnet import formats
from glassnet.data.problems.problem import NOTE, WARNING, Problem, counted, first_few, ungrouped
from glassnet.errors import DataError, UsageError, suggest

MAX_SIDE = 64
"""Longest side in pixels where the user chooses no size."""

CHANNELS = {"grey": 1, "rgb": 3}

Shape = tuple[int, int, int]
"""Channels, height, width."""

MAX_ENLARGEMENT = 2.0
"""Images that are enlarged by more than this factor are reported."""

MIN_VISIBLE = 0.5
"""Images of which cropping leaves less than this share of the area are reported."""


def check_options(image_size: int | None, colour: str | None) -> None:
    """Refuse a size or colour that does not exist.

    Raises:
        UsageError: the size is below 1, or the colour is neither `grey` nor `rgb`.
    """
    if image_size is not None and image_size < 1:
        raise UsageError(f"--image-size is {image_size}", "give the side in pixels, such as 32")
    if colour is not None and colour not in CHANNELS:
        raise UsageError(f"there is no colour {colour!r}", suggest(colour, CHANNELS))


def choose(sizes: np.ndarray, grey: bool, image_size: int | None, colour: str | None) -> Shape:
    """The shape for images of these sizes.

    Without a chosen size, a size that all images share is kept up to `MAX_SIDE`; otherwise they
    become squares of `MAX_SIDE`, or of the median of their shorter sides if that is less.

    Args:
        sizes: (n, 2), width and height of each image; n is at least 1.
        grey: whether all images are grey.
        image_size: the side of the square that the user chose.
        colour: `grey` or `rgb` if the user chose it.

    Raises:
        DataError: images of this shape would take more than `formats.memory_limit`.

    Example:
        >>> choose(np.array([(28, 20), (28, 20)]), True, None, None)
        (1, 20, 28)
        >>> choose(np.array([(640, 480), (320, 240)]), False, None, None)
        (3, 64, 64)
    """
    channels = CHANNELS[colour] if colour else 1 if grey else 3
    height, width = (image_size, image_size) if image_size else _default_size(sizes)
    n_bytes = len(sizes) * channels * height * width
    if n_bytes > (limit := formats.memory_limit()):
        raise DataError(
            f"{len(sizes):,} images of {width} x {height} pixels take {n_bytes / 2**30:.1f} GiB, "
            f"more than half of this machine's memory ({limit / 2**30:.1f} GiB)",
            "choose a smaller --image-size",
        )
    return channels, height, width


def shape_of(inputs: np.ndarray) -> Shape:
    """The shape of images (n, H, W) or (n, H, W, 3).

    Example:
        >>> shape_of(np.zeros((5, 20, 30), np.uint8)), shape_of(np.zeros((5, 20, 30, 3), np.uint8))
        ((1, 20, 30), (3, 20, 30))
    """
    _, height, width, *channels = inputs.shape
    return (*channels, 1)[0], height, width


def array_shape(shape: Shape) -> tuple[int, ...]:
    """The array shape of one image: (H, W), or (H, W, 3).

    Example:
        >>> array_shape((1, 20, 30)), array_shape((3, 20, 30))
        ((20, 30), (20, 30, 3))
    """
    channels, height, width = shape
    return (height, width) if channels == 1 else (height, width, channels)


def resizing_problems(
    sizes: np.ndarray, locations: Sequence[str], shape: Shape, image_size: int | None
) -> list[Problem]:
    """The note that images are resized, and warnings of those that suffer from it.

    Args:
        sizes: (n, 2), width and height of each image.
        locations: n names.
        shape: the result of `choose`.
        image_size: the side that the user chose.

    Example:
        >>> sizes = np.array([(640, 480)] * 1200)
        >>> resizing_problems(sizes, [""] * 1200, (3, 64, 64), None)[0].text
        '1,200 images of 640 x 480 resized to 64 x 64 pixels and cropped; --image-size changes it'
    """
    _, height, width = shape
    distinct = np.unique(sizes, axis=0)
    if len(distinct) == 1 and tuple(distinct[0]) == (width, height):
        return []
    scales = np.array([width, height]) / sizes
    visible = scales.min(axis=1) / scales.max(axis=1)
    problems = [Problem("resized", NOTE, _resized(len(sizes), distinct, width, height, image_size))]
    for kind, what, affected in (
        (
            "enlarged",
            f"enlarged more than {MAX_ENLARGEMENT:.0f} times",
            scales.max(axis=1) > MAX_ENLARGEMENT,
        ),
        (
            "cropped",
            f"cropped by more than {100 * (1 - MIN_VISIBLE):.0f} % of the area",
            visible < MIN_VISIBLE,
        ),
    ):
        names = [
            f"{locations[k]} ({sizes[k, 0]} x {sizes[k, 1]})"
            for k in np.flatnonzero(affected).tolist()
        ]
        if names:
            text = f"{counted(len(names), 'images')} {what}: {first_few(names)}"
            problems.append(Problem(kind, WARNING, text, locations=ungrouped(names)))
    return problems


def _resized(n: int, distinct: np.ndarray, width: int, height: int, image_size: int | None) -> str:
    names = [f"{w} x {h}" for w, h in distinct[distinct.prod(axis=1).argsort()]]
    before = names[0] if len(names) == 1 else f"{len(names):,} sizes ({names[0]} to {names[-1]})"
    cropped = (distinct[:, 0] * height != distinct[:, 1] * width).any()
    text = f"{counted(n, 'images')} of {before} resized to {width} x {height} pixels"
    return (
        text
        + (" and cropped" if cropped else "")
        + ("" if image_size else "; --image-size changes it")
    )


def _default_size(sizes: np.ndarray) -> tuple[int, int]:
    width, height = sizes[0].tolist()
    if (sizes == sizes[0]).all() and max(width, height) <= MAX_SIDE:
        return height, width
    side = min(MAX_SIDE, int(np.median(sizes.min(axis=1))))
    return side, side
