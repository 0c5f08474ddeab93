"""Scaling rows of numbers to images and back."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.errors import ArgumentError

MIN_SIDE = 8
"""Smallest side of an image whose shape is inferred from the number of features."""

MAX_TABULAR = 255
"""Most features of a row that is inferred to be tabular."""

ROWS = 5_000
"""Rows per block, which bounds the memory for intermediate values."""


@dataclass(frozen=True, eq=False)
class PixelScaler:
    """The fitted conversion of rows to images.

    Attributes:
        shape: of one image, (H, W) or (H, W, channels); tabular features have H = 1.
        flat: whether X has rows (n, features) rather than images.
        dtype: of X.
        low, high: values that become 0 and 1, float64: two numbers for images, two per feature for
            tabular features.
    """

    shape: tuple[int, ...]
    flat: bool
    dtype: str
    low: np.ndarray
    high: np.ndarray

    def to_images(self, X: np.ndarray) -> np.ndarray:
        """Scale rows (n, features) to images (n, *shape): float32, or uint8 if they are 8-bit.

        Values outside of the fitted range are outside of [0, 1].
        """
        if self._is_8_bit(X):
            images = np.require(X, np.uint8, ["C", "W"])  # torch warns of arrays that are not
            return images.reshape(len(X), *self.shape)
        scaled = np.empty(X.shape, np.float32)
        for start in range(0, len(X), ROWS):
            block = X[start : start + ROWS].astype(np.float64)
            scaled[start : start + ROWS] = (block - self.low) / self._span
        return scaled.reshape(len(X), *self.shape)

    def to_8_bit(self, X: np.ndarray) -> np.ndarray:
        """Scale rows to uint8 images, rounded to 256 levels and clipped to the fitted range."""
        images = self.to_images(X)
        if images.dtype == np.uint8:
            return images
        return np.rint(images.clip(0, 1) * 255).astype(np.uint8)

    def inverse(self, images: np.ndarray) -> np.ndarray:
        """Scale images (n, C, H, W) float32 in [0, 1] back to the shape and scale of X."""
        n = len(images)
        X = np.moveaxis(images, 1, -1).reshape(n, -1).astype(np.float64) * self._span + self.low
        dtype = np.dtype(self.dtype)
        if dtype == np.uint8:
            X = np.rint(X).astype(dtype)
        else:
            X = X.astype(dtype if dtype.kind == "f" else np.float64)
        return X if self.flat else X.reshape(n, *self.shape)

    @property
    def _span(self) -> np.ndarray:
        return np.where(self.high > self.low, self.high - self.low, 1.0)

    def _is_8_bit(self, X: np.ndarray) -> bool:
        if self.low.ndim or self.low != 0 or self.high != 255:
            return False
        if X.dtype == np.uint8:
            return True
        return X.dtype.kind in "iu" and X.min() >= 0 and X.max() <= 255


def fit_scaler(X: np.ndarray, shape: tuple[int, ...], flat: bool) -> PixelScaler:
    """Fit the scale on training rows.

    8-bit images and images in [0, 1] keep their scale. Other images are scaled from their minimum
    to their maximum; tabular features are scaled separately.

    Args:
        X: (n, features) of any numeric type.
        shape: of one image, from `infer_shape`.
        flat: whether X was given as rows.

    Example:
        >>> scaler = fit_scaler(np.array([[1.0, 300.0], [3.0, 100.0]]), (1, 2), flat=True)
        >>> scaler.to_images(np.array([[2.0, 300.0]])).tolist()
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
    low, high = np.array(low, np.float64), np.array(high, np.float64)
    return PixelScaler(shape, flat, str(X.dtype), low, high)


def infer_shape(
    n_features: int, image_shape: Any, input_shape: tuple[int, ...] | None
) -> tuple[int, ...]:
    """Infer the shape of one image.

    Args:
        n_features: numbers per row.
        image_shape: the estimator's parameter, or None.
        input_shape: shape of the images in X; None if X has rows.

    Raises:
        ArgumentError: `image_shape` is invalid or does not fit, or it is needed and missing.

    Example:
        >>> infer_shape(784, None, None), infer_shape(4, None, None)
        ((28, 28), (1, 4))
    """
    if image_shape is not None:
        return _checked_shape(n_features, image_shape, input_shape)
    if input_shape is not None:
        return input_shape
    side = math.isqrt(n_features)
    if side * side == n_features and side >= MIN_SIDE:
        return (side, side)
    if n_features > MAX_TABULAR:
        raise ArgumentError(
            f"rows of {n_features:,} numbers are not square images",
            "give image_shape=(height, width) or (height, width, channels); for tabular features "
            f"(1, {n_features})",
        )
    return (1, n_features)


def _checked_shape(
    n_features: int, image_shape: Any, input_shape: tuple[int, ...] | None
) -> tuple[int, ...]:
    sides = tuple(image_shape) if isinstance(image_shape, list | tuple) else ()
    valid = all(isinstance(side, int | np.integer) and side > 0 for side in sides)
    if len(sides) not in (2, 3) or not valid:
        raise ArgumentError(
            f"image_shape = {image_shape!r} is not a shape",
            "give (height, width) or (height, width, 3)",
        )
    shape = tuple(int(side) for side in sides)
    if math.prod(shape) != n_features or input_shape not in (None, shape):
        size = " x ".join(map(str, input_shape)) if input_shape else ""
        actual = f"images of {size}" if input_shape else f"{n_features:,} numbers"
        raise ArgumentError(
            f"image_shape = {shape} does not fit {actual}",
            "give the shape of one image, or omit image_shape",
        )
    return shape
