"""Pixel differences within and between sets of images."""

from __future__ import annotations

import numpy as np


def rms_pairwise_difference(images: np.ndarray) -> float:
    return float(np.sqrt(2 * images.astype(np.float32).var(axis=0, ddof=1).mean()))


def mean_squared_difference(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n,) mean squared pixel difference of each image from its counterpart."""
    gaps = images.astype(np.float32) - others
    return (gaps**2).reshape(len(images), -1).mean(axis=1)
