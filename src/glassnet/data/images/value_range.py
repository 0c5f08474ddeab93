"""Value ranges: what becomes black and white in images of more than 8 bits per channel."""

from collections.abc import Sequence

import numpy as np

from glassnet.contract import ValueRanges
from glassnet.data.problems.problem import REFUSAL, Problem

INTEGERS, FLOATS = "integers", "floats"
"""The kinds of values, each of which has a range of its own."""

Range = tuple[float, float]
"""The values that become 0 and 255."""

BIT_DEPTHS = (8, 10, 12, 14, 16)
"""The usual numbers of bits per channel."""

MAX_RATIO = 50
"""Splits whose largest values differ by more than this factor are refused."""


def choose(low: float, high: float, kind: str) -> Range:
    """The range for images of a data set whose values go from `low` to `high`.

    Values from 0 to 1 are fractions and values from 0 to 255 have 8 bits, if they use more than
    half of that; all others are scaled by the largest one. Black is 0, unless there are negative
    values or only such that lie in the upper half: then it is the smallest value.

    Args:
        low, high: the smallest and largest value.
        kind: `INTEGERS` or `FLOATS`.

    Example:
        >>> choose(0, 4095, INTEGERS), choose(0.1, 0.8, FLOATS), choose(-1024, 3071, INTEGERS)
        ((0.0, 4095.0), (0.0, 1.0), (-1024.0, 3071.0))
    """
    black = low if low < 0 or high / 2 < low < high else 0
    for usual in (1, 255) if kind == FLOATS else (255,):
        if black == 0 and usual / 2 < high <= usual:
            return 0.0, float(usual)
    white = high if high > black else black + 1
    return float(black), float(white)


def choose_alone(low: float, high: float, kind: str) -> Range:
    """The range for one image of which no data set is known: that of the usual bit depths.

    Example:
        >>> choose_alone(0, 3000, INTEGERS), choose_alone(0, 0.2, FLOATS)
        ((0.0, 4095.0), (0.0, 1.0))
    """
    usual = [2.0**bits - 1 for bits in BIT_DEPTHS]
    white = next((one for one in [1.0] * (kind == FLOATS) + usual if high <= one), float(high))
    return (0.0, white) if low >= 0 else choose(low, high, kind)


def choose_for(low: float, high: float, kind: str, ranges: ValueRanges) -> tuple[Range, str]:
    """The range for one image to predict, and why its prediction is doubtful; empty if it is not.

    Args:
        low, high: its smallest and largest value.
        kind: of its values.
        ranges: those of the training images; a kind that is not in it is scaled by the image's own
            bit depth.

    Example:
        >>> choose_for(0, 4095, INTEGERS, {INTEGERS: (0, 3000)})
        ((0, 3000), 'with values outside the range of the training images')
    """
    if kind not in ranges:
        warning = f"with values ({kind}) unlike the training images, scaled by their own bit depth"
        return choose_alone(low, high, kind), warning
    black, white = ranges[kind]
    is_outside = low < black or high > white
    warning = "with values outside the range of the training images" if is_outside else ""
    return ranges[kind], warning


def to_bytes(values: np.ndarray, value_range: Range) -> np.ndarray:
    """Scale values of any shape to uint8; those outside of the range are clipped.

    Example:
        >>> to_bytes(np.array([0, 2048, 4095, 9999], np.uint16), (0, 4095)).tolist()
        [0, 128, 255, 255]
    """
    low, high = value_range
    values = values.astype(np.float64).clip(low, high)
    return np.rint((values - low) * 255 / (high - low)).astype(np.uint8)


def described(low: float, high: float, value_range: Range, capacity: float = 0) -> str:
    """What values there are and how they are scaled.

    Args:
        low, high: the smallest and largest value.
        value_range: how they are scaled.
        capacity: the largest value that the files could contain; 0 if that says nothing.

    Example:
        >>> described(0, 4095, (0, 4095), 65535), described(-1, 1, (-1, 1))
        ('values reach 4,095 of 65,535; scaled by 4,095', 'values from -1 to 1; scaled to 0 to 255')
    """
    black, white = value_range
    if black:
        return f"values from {formatted(low)} to {formatted(high)}; scaled to 0 to 255"
    of = f" of {formatted(capacity)}" if capacity else ""
    return f"values reach {formatted(high)}{of}; scaled by {formatted(white)}"


def formatted(value: float) -> str:
    """A value as text.

    Example:
        >>> formatted(65535.0), formatted(0.8312345)
        ('65,535', '0.8312')
    """
    return f"{int(value):,}" if value == int(value) else f"{value:,.4g}"


def differing_splits(
    where: str, splits: Sequence[str], highs: np.ndarray, kind: str
) -> tuple[Problem, ...]:
    """The refusal of splits that are scaled differently, if there are such.

    Args:
        where: begins the message.
        splits: n splits, of each image or array.
        highs: (n,) the largest absolute value of each.
        kind: of their values.
    """
    largest = dict.fromkeys(splits, 0.0)
    for split, high in zip(splits, highs.tolist(), strict=True):
        largest[split] = max(largest[split], high)
    dark, light = min(largest, key=largest.__getitem__), max(largest, key=largest.__getitem__)
    if largest[light] <= MAX_RATIO * largest[dark]:
        return ()
    text = (
        f"{where}: the values ({kind}) of the {dark} images reach {formatted(largest[dark])}, "
        f"those of the {light} images {formatted(largest[light])}"
    )
    hint = "write the images of all splits in one scale"
    return (Problem("differing-splits", REFUSAL, text, hint, ((dark,), (light,))),)
