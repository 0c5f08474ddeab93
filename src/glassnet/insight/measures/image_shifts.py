"""Altered copies of images: rotated, noisy, blurred, partly covered, and with less contrast.

The corruptions are of the kinds of MNIST-C (Mu & Gilmer 2019, "MNIST-C: a robustness benchmark for
computer vision") and ImageNet-C (Hendrycks & Dietterich 2019, "Benchmarking neural network
robustness to common corruptions and perturbations"), each in five strengths. They are made here, so
results on them cannot be compared with published ones.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

STRENGTHS = (1, 2, 3, 4, 5)

SETTINGS: dict[str, tuple[float, ...]] = {
    "rotation": (8.0, 16.0, 24.0, 35.0, 50.0),
    "noise": (0.06, 0.12, 0.2, 0.3, 0.45),
    "blur": (0.02, 0.035, 0.05, 0.075, 0.11),
    "occlusion": (0.2, 0.3, 0.4, 0.5, 0.6),
    "contrast": (0.7, 0.5, 0.35, 0.2, 0.1),
}
"""Corruption -> setting of each strength: degrees in either direction; standard deviation of
Gaussian noise, of a range of 1; standard deviation of a Gaussian as a share of the side; side of a
grey square as a share of the image's; factor of the distance from an image's mean."""

UNITS = {
    "rotation": "{:.0f}°",
    "noise": "σ = {:g}",
    "blur": "σ = {:g} sides",
    "occlusion": "{:g} of the side",
    "contrast": "× {:g}",
}
"""Corruption -> how a setting is written."""

BATCH = 1000
"""Images altered at a time: 100 MB as floats of 224 × 224 in colour would be six times as many."""


def alter(images: np.ndarray, kind: str, strength: int, seed: int) -> np.ndarray:
    """Alter images; equal images, strengths and seeds give equal results.

    Args:
        images: (n, H, W) or (n, H, W, 3), uint8 or float32 in [0, 1].
        kind: one of `SETTINGS`.
        strength: 1 to 5; 0 returns the images as they are.
        seed: of noise, directions and places.

    Returns:
        Images of the same shape and type.

    Example:
        >>> int(alter(np.full((1, 4, 4), 255, np.uint8), "contrast", 5, 0).max())
        255
    """
    if not strength:
        return images
    rng = np.random.default_rng([seed, list(SETTINGS).index(kind), strength])
    setting, function = SETTINGS[kind][strength - 1], FUNCTIONS[kind]
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    altered = np.empty_like(images)
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        values = function(images[part].astype(np.float32) / scale, setting, rng).clip(0, 1)
        altered[part] = np.rint(values * 255) if scale == 255 else values
    return altered


def _rotated(images: np.ndarray, degrees: float, rng: np.random.Generator) -> np.ndarray:
    """Each turned left or right by chance; what turns in from outside repeats the border."""
    left = rng.random(len(images)) < 0.5
    turned = np.empty_like(images)
    for chosen, angle in ((left, degrees), (~left, -degrees)):
        if chosen.any():
            turned[chosen] = ndimage.rotate(
                images[chosen], angle, axes=(2, 1), reshape=False, order=1, mode="nearest"
            )
    return turned


def _noisy(images: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    return images + deviation * rng.standard_normal(images.shape, np.float32)


def _blurred(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    sigma = share * min(images.shape[1:3])
    sigmas = (0.0, sigma, sigma, *(0.0,) * (images.ndim - 3))
    return np.asarray(ndimage.gaussian_filter(images, sigmas, mode="nearest"))


def _occluded(images: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """A grey square somewhere in each image."""
    height, width = images.shape[1:3]
    side = max(1, round(share * min(height, width)))
    tops = rng.integers(0, height - side + 1, len(images))
    lefts = rng.integers(0, width - side + 1, len(images))
    covered = images.copy()
    for image, top, left in zip(covered, tops, lefts, strict=True):
        image[top : top + side, left : left + side] = 0.5
    return covered


def _flattened(images: np.ndarray, factor: float, rng: np.random.Generator) -> np.ndarray:
    means = images.mean(axis=tuple(range(1, images.ndim)), keepdims=True)
    return np.asarray(means + factor * (images - means))


FUNCTIONS = {
    "rotation": _rotated,
    "noise": _noisy,
    "blur": _blurred,
    "occlusion": _occluded,
    "contrast": _flattened,
}
