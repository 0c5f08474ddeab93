"""Pixel differences within and between sets of images."""

import numpy as np


def mean_squared_difference(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the mean squared pixel difference of each image from its counterpart.

    Args:
        images: (n, ...) uint8.
        others: (n, ...) or one image that is compared with all of them.

    Returns:
        (n,) float32.
    """
    return ((images.astype(np.float32) - others) ** 2).reshape(len(images), -1).mean(axis=1)


def rms_pairwise_difference(images: np.ndarray) -> float:
    """Return the root mean square pixel difference between any two of (n, ...) uint8 images.

    Example:
        >>> rms_pairwise_difference(np.array([[[0]], [[10]]], np.uint8))
        10.0
    """
    return float(np.sqrt(2 * images.astype(np.float32).var(axis=0, ddof=1).mean()))


def rms_neighbour_difference(frames: np.ndarray) -> tuple[float, float]:
    """Return the root mean square pixel difference of adjacent images, and of any two images.

    Args:
        frames: (frames, rows, columns, ...) uint8, grids of images.
    """
    pixels = frames.astype(np.float32)
    adjacent = [(np.diff(pixels, axis=axis) ** 2).mean() for axis in (1, 2)]
    any_two = 2 * pixels.var(axis=(1, 2), ddof=1).mean()
    return float(np.sqrt(np.mean(adjacent))), float(np.sqrt(any_two))
