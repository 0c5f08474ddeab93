"""From rows of numbers to images and back, by a scale that is learned in fit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.errors import ArgumentError

SQUARE = 8
"""The least side of an image that a row is taken for by itself."""

LONGEST_STRIP = 256
"""Features from which on a row that makes no square is not taken for a strip by itself."""

ROWS = 5_000
"""Rows that are scaled at once, which bounds the memory of what comes between."""


@dataclass(frozen=True, eq=False)
class Pixels:
    """How rows become images.

    Attributes:
        shape: of one image, (H, W) or (H, W, channels); a strip has H = 1.
        rows: whether X came as rows, and goes back as rows.
        kind: the type of the numbers in X.
        low, high: what becomes 0 and what becomes 1: for images two numbers, for strips two per
            feature, float64.
    """

    shape: tuple[int, ...]
    rows: bool
    kind: str
    low: np.ndarray
    high: np.ndarray

    @property
    def strip(self) -> bool:
        """Whether the features stand in a row and are no image."""
        return self.shape[0] == 1

    def images(self, X: np.ndarray) -> np.ndarray:
        """Rows (n, features) to (n, *shape): uint8 where they are that already, else float32.

        Values outside of what fit has seen lie outside of [0, 1].
        """
        if self._eight_bits_already(X):
            whole = np.require(X, np.uint8, ["C", "W"])  # torch warns of arrays that are not
            return whole.reshape(len(X), *self.shape)
        scaled = np.empty(X.shape, np.float32)
        for start in range(0, len(X), ROWS):
            part = X[start : start + ROWS].astype(np.float64)
            scaled[start : start + ROWS] = (part - self.low) / self._span
        return scaled.reshape(len(X), *self.shape)

    def eight_bits(self, X: np.ndarray) -> np.ndarray:
        """The same rounded to the nearest of 256 levels, uint8; what lies outside is cut off."""
        images = self.images(X)
        if images.dtype == np.uint8:
            return images
        return np.rint(images.clip(0, 1) * 255).astype(np.uint8)

    def back(self, images: np.ndarray) -> np.ndarray:
        """Images (n, C, H, W) float32 in [0, 1] to what X was like, on its scale."""
        n = len(images)
        X = np.moveaxis(images, 1, -1).reshape(n, -1).astype(np.float64) * self._span + self.low
        kind = np.dtype(self.kind)
        X = np.rint(X).astype(kind) if kind == np.uint8 else X.astype(_floats(kind))
        return X if self.rows else X.reshape(n, *self.shape)

    @property
    def _span(self) -> np.ndarray:
        return np.where(self.high > self.low, self.high - self.low, 1.0)

    def _eight_bits_already(self, X: np.ndarray) -> bool:
        if self.low.ndim or self.low != 0 or self.high != 255:
            return False
        if X.dtype == np.uint8:
            return True
        return X.dtype.kind in "iu" and X.min() >= 0 and X.max() <= 255


def learn(X: np.ndarray, shape: tuple[int, ...], rows: bool) -> Pixels:
    """Learn the scale from training rows.

    Eight-bit images and images in [0, 1] keep their scale. All others go from the least to the
    largest value that is seen; of a strip each feature does so by itself.

    Args:
        X: (n, features) of any numbers.
        shape: of one image, as `image_shape` gives it.
        rows: whether X came as rows.

    Example:
        >>> tables = learn(np.array([[1.0, 300.0], [3.0, 100.0]]), (1, 2), rows=True)
        >>> tables.images(np.array([[2.0, 300.0]])).tolist()
        [[[0.5, 1.0]]]
    """
    if shape[0] == 1:
        low, high = X.min(axis=0), X.max(axis=0)
    else:
        low, high = X.min(), X.max()
        if X.dtype == np.uint8:
            low, high = 0, 255
        elif X.dtype.kind in "bf" and low >= 0 and high <= 1:
            low, high = 0, 1
    return Pixels(shape, rows, str(X.dtype), np.array(low, np.float64), np.array(high, np.float64))


def image_shape(features: int, asked: Any, given: tuple[int, ...] | None) -> tuple[int, ...]:
    """The shape of one image.

    Args:
        features: numbers in each row.
        asked: the parameter `image_shape`.
        given: the images' own shape, where X came as images.

    Raises:
        ArgumentError: rows cannot be images of the shape that is asked for, or make none that can
            be told.

    Example:
        >>> image_shape(784, None, None), image_shape(4, None, None)
        ((28, 28), (1, 4))
    """
    if asked is not None:
        return _asked(features, asked, given)
    if given is not None:
        return given
    side = math.isqrt(features)
    if side * side == features and side >= SQUARE:
        return (side, side)
    if features >= LONGEST_STRIP:
        raise ArgumentError(
            f"rows of {features:,} numbers make no square image",
            "say image_shape=(height, width) or (height, width, channels); where the numbers are "
            f"no image, (1, {features})",
        )
    return (1, features)


def _asked(features: int, asked: Any, given: tuple[int, ...] | None) -> tuple[int, ...]:
    sides = tuple(asked) if isinstance(asked, list | tuple) else ()
    whole = all(isinstance(side, int | np.integer) and side > 0 for side in sides)
    if len(sides) not in (2, 3) or not whole:
        raise ArgumentError(
            f"image_shape = {asked!r} is no shape", "give (height, width) or (height, width, 3)"
        )
    shape = tuple(int(side) for side in sides)
    if math.prod(shape) != features or given not in (None, shape):
        held = "images of " + " x ".join(map(str, given)) if given else f"{features:,} numbers"
        raise ArgumentError(
            f"image_shape = {shape} does not fit {held}",
            "give the shape of one image, or leave it out",
        )
    return shape


def _floats(kind: np.dtype) -> np.dtype:
    return kind if kind.kind == "f" else np.dtype(np.float64)
