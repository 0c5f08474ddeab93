"""Shapes: the one size and colour that all images of a data set are brought to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.data.listing import some
from glassnet.data.problems.problem import NOTE, WARNING, Problem, counted, single
from glassnet.errors import DataError, UsageError, suggest

LARGEST = 64
"""Longest side in pixels of images whose size nobody chose."""

MAX_BYTES = 8 << 30
"""The most that the decoded images of a data set may take."""

CHANNELS = {"grey": 1, "rgb": 3}

Shape = tuple[int, int, int]
"""Channels, height, width."""

MOST_ENLARGED = 2.0
"""Images that are enlarged more than this are told of."""

LEAST_KEPT = 0.5
"""Images of which less than this share of the area is kept, as the edges are cut, are told of."""


def check_request(size: int | None, colour: str | None) -> None:
    """Refuse a size or a colour that there is not.

    Raises:
        UsageError: the size is below 1, or the colour neither `grey` nor `rgb`.
    """
    if size is not None and size < 1:
        raise UsageError(f"the size is {size}", "give the side in pixels, as 32")
    if colour is not None and colour not in CHANNELS:
        raise UsageError(f"there is no colour {colour!r}", suggest(colour, CHANNELS))


def choose(sizes: np.ndarray, grey: bool, size: int | None, colour: str | None) -> Shape:
    """The shape for images of these sizes.

    A size that all share is kept up to `LARGEST`; else they become squares of `LARGEST`, or smaller
    where the shorter sides mostly are.

    Args:
        sizes: (n, 2), each image's width and height; at least one.
        grey: whether no image has colour.
        size: the side of a square that was asked for.
        colour: `grey` or `rgb` if that was asked for.

    Raises:
        DataError: images of this shape would take more than `MAX_BYTES`.

    Example:
        >>> choose(np.array([(28, 20), (28, 20)]), True, None, None)
        (1, 20, 28)
        >>> choose(np.array([(640, 480), (320, 240)]), False, None, None)
        (3, 64, 64)
    """
    channels = CHANNELS[colour] if colour else 1 if grey else 3
    height, width = (size, size) if size else _kept(sizes)
    needed = len(sizes) * channels * height * width
    if needed > MAX_BYTES:
        raise DataError(
            f"{len(sizes):,} images of {width} x {height} pixels take {needed / 2**30:.1f} GiB, "
            f"more than {MAX_BYTES / 2**30:.0f}",
            "choose a smaller --image-size",
        )
    return channels, height, width


def of(inputs: np.ndarray) -> Shape:
    """The shape of images (n, H, W) or (n, H, W, 3).

    Example:
        >>> of(np.zeros((5, 20, 30), np.uint8)), of(np.zeros((5, 20, 30, 3), np.uint8))
        ((1, 20, 30), (3, 20, 30))
    """
    _, height, width, *colours = inputs.shape
    return (*colours, 1)[0], height, width


def axes(shape: Shape) -> tuple[int, ...]:
    """The axes of one image of a shape: (H, W), or (H, W, 3).

    Example:
        >>> axes((1, 20, 30)), axes((3, 20, 30))
        ((20, 30), (20, 30, 3))
    """
    channels, height, width = shape
    return (height, width) if channels == 1 else (height, width, channels)


def change(
    sizes: np.ndarray, places: Sequence[str], shape: Shape, size: int | None
) -> list[Problem]:
    """What is told of images of these sizes that are brought to this shape.

    Args:
        sizes: (n, 2), each image's width and height.
        places: n names.
        shape: as `choose` gave it.
        size: the side that was asked for.

    Example:
        >>> change(np.array([(640, 480)] * 1200), [""] * 1200, (3, 64, 64), None)[0].text
        '1,200 images of 640 x 480 brought to 64 x 64 pixels (scaled, edges cut); --image-size changes it'
    """
    _, height, width = shape
    kinds = np.unique(sizes, axis=0)
    if len(kinds) == 1 and tuple(kinds[0]) == (width, height):
        return []
    small, *_, large = [f"{w} x {h}" for w, h in kinds[kinds.prod(axis=1).argsort()]] * 2
    before = small if len(kinds) == 1 else f"{len(kinds):,} sizes ({small} to {large})"
    cut = (kinds[:, 0] * height != kinds[:, 1] * width).any()
    how = "scaled, edges cut" if cut else "scaled"
    hint = "" if size else "; --image-size changes it"
    told = f"{counted(len(sizes), 'images')} of {before} brought to {width} x {height} pixels"
    scales = np.array([width, height]) / sizes
    kept = scales.min(axis=1) / scales.max(axis=1)
    problems = [Problem("sizes", NOTE, f"{told} ({how}){hint}")]
    for kind, what, which in (
        ("small", f"enlarged more than {MOST_ENLARGED:.0f} times", scales.max(1) > MOST_ENLARGED),
        (
            "odd-shapes",
            f"cut by more than {100 * (1 - LEAST_KEPT):.0f} % of the area",
            kept < LEAST_KEPT,
        ),
    ):
        names = [
            f"{places[k]} ({sizes[k, 0]} x {sizes[k, 1]})" for k in np.flatnonzero(which).tolist()
        ]
        if names:
            text = f"{counted(len(names), 'images')} {what}: {some(names)}"
            problems.append(Problem(kind, WARNING, text, places=single(names)))
    return problems


def _kept(sizes: np.ndarray) -> tuple[int, int]:
    width, height = sizes[0].tolist()
    if (sizes == sizes[0]).all() and max(width, height) <= LARGEST:
        return height, width
    side = min(LARGEST, int(np.median(sizes.min(axis=1))))
    return side, side
