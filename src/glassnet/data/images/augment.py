"""Image augmentation of whole batches, on their device."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def affine(images: Tensor, rotate: float, scale: float, shift: float) -> Tensor:
    """Rotate, scale and shift each image by a random amount, in one bilinear resampling.

    Random numbers come from torch's global generator. It costs about as much as a small
    convolution.

    Args:
        images: (B, C, H, W) float.
        rotate: maximum rotation in either direction, in degrees.
        scale: maximum relative change of size in either direction.
        shift: maximum shift in either direction along each axis, in pixels.

    Returns:
        (B, C, H, W) float; pixels from outside the image repeat the border.
    """
    if not (rotate or scale or shift):
        return images
    count, _, height, width = images.shape
    random = torch.rand(4, count, device=images.device) * 2 - 1
    angle = random[0] * math.radians(rotate)
    size = 1 + random[1] * scale
    cos, sin = size * angle.cos(), size * angle.sin()
    right, down = random[2] * 2 * shift / width, random[3] * 2 * shift / height  # grid: -1 to 1
    theta = torch.stack(
        [torch.stack([cos, -sin, right], 1), torch.stack([sin, cos, down], 1)], 1
    )  # (B, 2, 3)
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)  # (B, H, W, 2)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)
