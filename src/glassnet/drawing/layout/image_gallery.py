"""What paper and screen share of images: which bars stand under one, and PNG bytes."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from glassnet.findings import ImageGallery

BARS = 3
"""How many classes are shown under an image."""


@dataclass(frozen=True)
class Bar:
    """One class's probability; `role` is `true`, `predicted` or empty."""

    name: str
    probability: float
    role: str


def bars(finding: ImageGallery, index: int) -> list[Bar]:
    """Choose the likeliest classes of one image, likeliest first; the true class is among them."""
    if finding.probabilities is None:
        return []
    row = finding.probabilities[index]
    true = None if finding.labels is None else int(finding.labels[index])
    predicted = None if finding.predicted is None else int(finding.predicted[index])
    chosen = [int(number) for number in np.argsort(-row, kind="stable")[:BARS]]
    if true is not None and true not in chosen:
        chosen[-1] = true
    roles = {predicted: "predicted"} | {true: "true"}
    names = finding.class_names or tuple(map(str, range(len(row))))
    return [Bar(names[number], float(row[number]), roles.get(number, "")) for number in chosen]


def enlarged(image: np.ndarray, least: int = 112) -> np.ndarray:
    """Repeat the pixels of a small image until its longer side is about `least`.

    Some viewers smooth what they enlarge themselves; whole pixels stay whole this way.
    """
    factor = max(1, least // max(image.shape[:2]))
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def png(image: np.ndarray, solid: np.ndarray | None = None, levels: int = 255) -> bytes:
    """Encode (height, width) or (height, width, 3) uint8 as PNG; equal images, equal bytes.

    Args:
        image: the pixels.
        solid: (height, width) bool; where it is false, the ground is seen through. A grey image
            stays one byte a pixel.
        levels: how many steps of brightness are kept where `solid` is given, 255 at most.
    """
    buffer = io.BytesIO()
    drawn, options = (Image.fromarray(image), {}) if solid is None else _cut(image, solid, levels)
    drawn.save(buffer, format="PNG", optimize=True, **options)
    return buffer.getvalue()


def _cut(image: np.ndarray, solid: np.ndarray, levels: int) -> tuple[Image.Image, dict[str, Any]]:
    """Make what is not solid transparent: by a palette if grey, by a channel if in colour."""
    steps = np.rint(image.astype(float) * (levels - 1) / 255).astype(np.uint8)
    greys = np.rint(np.arange(levels) * 255 / (levels - 1)).astype(np.uint8)
    if image.ndim == 3:
        colours = image if levels == 255 else greys[steps]
        return Image.fromarray(np.dstack([colours, solid * np.uint8(255)])), {}
    places = np.where(solid, steps, np.uint8(levels))
    drawn = Image.frombytes("P", places.shape[::-1], places.tobytes())
    drawn.putpalette([*greys.repeat(3).tolist(), 0, 0, 0])
    return drawn, {"transparency": levels}


def data_uri(image: np.ndarray, solid: np.ndarray | None = None, levels: int = 255) -> str:
    """Encode an image as a `data:` address that a page can show; see `png`."""
    return "data:image/png;base64," + base64.b64encode(png(image, solid, levels)).decode("ascii")
