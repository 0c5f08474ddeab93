"""Brightness, contrast and roughness of images, and how far they are from the training images'."""

import numpy as np
import torch
from torch import Tensor

MIN_CONTRAST = 0.5 / 255
"""Added to the contrast, so that an image of one colour has a finite logarithm."""

TAIL = 1.0
"""Per cent of the images on either side of the limits that measure a distance."""

MIN_RANGE = 0.02
"""The least distance between the median and a limit, about five grey levels."""


def pixel_statistics(images: Tensor) -> Tensor:
    """Measure images (n, C, H, W), uint8 or floats in [0, 1]: (n, 3) float64.

    The columns are the mean, the logarithm of the standard deviation, and the logarithm of the mean
    difference between neighbouring pixels, all of values in [0, 1].

    Example:
        >>> black, noise = torch.zeros(1, 1, 8, 8), torch.rand(1, 1, 8, 8)
        >>> (pixel_statistics(noise) > pixel_statistics(black)).tolist()
        [[True, True, True]]
    """
    values = images.double() / (255 if images.dtype == torch.uint8 else 1)
    axes = (1, 2, 3)
    mean = values.mean(axes, keepdim=True)
    deviation = (values - mean).square().mean(axes).sqrt()
    steps = (
        values[:, :, 1:] - values[:, :, :-1],
        values[:, :, :, 1:] - values[:, :, :, :-1],
    )
    # A sum, since an image of one row has no step down and no mean of it.
    down, right = (step.abs().sum(axes) / max(1, step[0].numel()) for step in steps)
    contrast, roughness = deviation + MIN_CONTRAST, (down + right) / 2 + MIN_CONTRAST
    return torch.stack([mean.flatten(), contrast.log(), roughness.log()], dim=1)


def limits_of(statistics: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The medians of statistics (n, k), and the distances to a low and a high percentile: (k,)."""
    low, median, high = np.percentile(statistics, [TAIL, 50, 100 - TAIL], axis=0)
    return median, (median - low).clip(MIN_RANGE), (high - median).clip(MIN_RANGE)


def distance(statistics: Tensor, median: Tensor, below: Tensor, above: Tensor) -> Tensor:
    """The largest distance of statistics (n, k) from their medians, in units of the limits: (n,).

    Example:
        >>> one = torch.ones(1)
        >>> distance(torch.tensor([[3.0], [-1.0]]), one, one, one).tolist()
        [2.0, 2.0]
    """
    beyond = torch.maximum((statistics - median) / above, (median - statistics) / below)
    return beyond.amax(1)
