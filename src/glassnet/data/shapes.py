"""Shapes: the one size and colour that all images of a data set are brought to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.errors import DataError, UsageError, suggest

LARGEST = 64
"""Longest side in pixels of images whose size nobody chose."""

MAX_BYTES = 8 << 30
"""The most that the decoded images of a data set may take."""

CHANNELS = {"grey": 1, "rgb": 3}

Shape = tuple[int, int, int]
"""Channels, height, width."""

Sizes = Sequence[tuple[int, int]]
"""Each image's width and height."""


def check_request(size: int | None, colour: str | None) -> None:
    """Refuse a size or a colour that there is not.

    Raises:
        UsageError: the size is below 1, or the colour neither `grey` nor `rgb`.
    """
    if size is not None and size < 1:
        raise UsageError(f"the size is {size}", "give the side in pixels, as 32")
    if colour is not None and colour not in CHANNELS:
        raise UsageError(f"there is no colour {colour!r}", suggest(colour, CHANNELS))


def choose(sizes: Sizes, grey: bool, size: int | None, colour: str | None) -> Shape:
    """The shape for images of these sizes.

    A size that all share is kept up to `LARGEST`; else they become squares of `LARGEST`, or smaller
    where the shorter sides mostly are.

    Args:
        sizes: at least one.
        grey: whether no image has colour.
        size: the side of a square that was asked for.
        colour: `grey` or `rgb` if that was asked for.

    Raises:
        DataError: images of this shape would take more than `MAX_BYTES`.

    Example:
        >>> choose([(28, 20), (28, 20)], True, None, None)
        (1, 20, 28)
        >>> choose([(640, 480), (320, 240)], False, None, None)
        (3, 64, 64)
    """
    channels = CHANNELS[colour] if colour else 1 if grey else 3
    height, width = (size, size) if size else _kept(sizes)
    needed = len(sizes) * channels * height * width
    if needed > MAX_BYTES:
        raise DataError(
            f"{len(sizes):,} images of {width} x {height} pixels take {needed / 2**30:.1f} GiB, "
            f"more than {MAX_BYTES / 2**30:.0f}",
            "choose a smaller --size",
        )
    return channels, height, width


def change(sizes: Sizes, shape: Shape, size: int | None) -> tuple[str, ...]:
    """One line for the person, if images of these sizes are changed into this shape.

    Example:
        >>> change([(640, 480)] * 1200, (3, 64, 64), None)[0]
        '1,200 images of 640 x 480 brought to 64 x 64 pixels (scaled, edges cut); --size changes it'
    """
    _, height, width = shape
    kinds = set(sizes)
    if kinds == {(width, height)}:
        return ()
    before = "{} x {}".format(*sizes[0]) if len(kinds) == 1 else f"{len(kinds):,} sizes"
    ratios = {w * height == h * width for w, h in kinds}
    how = "scaled" if ratios == {True} else "scaled, edges cut"
    hint = "" if size else "; --size changes it"
    return (
        f"{len(sizes):,} images of {before} brought to {width} x {height} pixels ({how}){hint}",
    )


def _kept(sizes: Sizes) -> tuple[int, int]:
    width, height = sizes[0]
    if len(set(sizes)) == 1 and max(width, height) <= LARGEST:
        return height, width
    side = min(LARGEST, int(np.median([min(size) for size in sizes])))
    return side, side
