"""Augmentation of whole batches of images, on the device that they lie on."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def affine(images: Tensor, rotate: float, scale: float, shift: float) -> Tensor:
    """Turn, scale and move every image by its own random amount, in one bilinear resampling.

    Draws from torch's current random state. The cost is about that of one small convolution.

    Args:
        images: (B, C, H, W) float.
        rotate: largest turn either way, in degrees.
        scale: largest change of size either way, as a share.
        shift: largest move either way along each axis, in pixels.

    Returns:
        (B, C, H, W) float; what comes in from outside continues the border.
    """
    if not (rotate or scale or shift):
        return images
    count, _, height, width = images.shape
    draw = torch.rand(4, count, device=images.device) * 2 - 1
    angle = draw[0] * math.radians(rotate)
    size = 1 + draw[1] * scale
    cos, sin = size * angle.cos(), size * angle.sin()
    right, down = draw[2] * 2 * shift / width, draw[3] * 2 * shift / height  # grid: -1 to 1
    theta = torch.stack(
        [torch.stack([cos, -sin, right], 1), torch.stack([sin, cos, down], 1)], 1
    )  # (B, 2, 3)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)  # (B, H, W, 2)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)
