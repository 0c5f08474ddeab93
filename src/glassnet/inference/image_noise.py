"""Noise that depends on an image alone, so that equal images are always binarised equally."""

import torch
from torch import Tensor

BATCH = 500
"""Images at a time, which bounds the memory for 64-bit integers."""

INCREMENT = 0x9E3779B97F4A7C15 - 2**64
MULTIPLIERS = 0xBF58476D1CE4E5B9 - 2**64, 0x94D049BB133111EB - 2**64


def image_noise(pixels: Tensor, seed: int) -> Tensor:
    """Draw uniform noise for each image, whatever the order and the number of the images.

    The generator is SplitMix64, which numbers its values, so that all of them are computed at
    once, with the same result on every device; it starts from a hash of the image and the seed.
    Source: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators".

    Args:
        pixels: (n, ...) uint8.
        seed: equal seeds give equal noise.

    Returns:
        float32 in [0, 1), of the shape of `pixels`.

    Example:
        >>> images = torch.arange(12, dtype=torch.uint8).reshape(3, 4)
        >>> bool((image_noise(images, 0)[2:] == image_noise(images[2:], 0)).all())
        True
    """
    noise = torch.empty(pixels.shape, device=pixels.device)
    positions = torch.arange(1, pixels[:1].numel() + 1, device=pixels.device)
    weights = _mixed(positions * INCREMENT)
    start_of_seed = _mixed(torch.tensor(seed, device=pixels.device) * INCREMENT)
    for start in range(0, len(pixels), BATCH):
        part = slice(start, start + BATCH)
        hashes = (pixels[part].flatten(1) * weights).sum(1, keepdim=True) + start_of_seed
        bits = _mixed(_mixed(hashes) + positions * INCREMENT)
        noise[part] = (_shifted(bits, 40).float() / 2**24).reshape(noise[part].shape)
    return noise


def _mixed(values: Tensor) -> Tensor:
    """The output function of SplitMix64, elementwise on int64."""
    for shift, multiplier in zip((30, 27), MULTIPLIERS, strict=True):
        values = (values ^ _shifted(values, shift)) * multiplier
    return values ^ _shifted(values, 31)


def _shifted(values: Tensor, bits: int) -> Tensor:
    """Shift int64 to the right and fill with zeros."""
    return (values >> bits) & (2 ** (64 - bits) - 1)
