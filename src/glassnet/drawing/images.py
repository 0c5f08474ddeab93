"""What paper and screen share of images: which bars stand under one, and PNG bytes."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np

from glassnet.findings import ImageGrid

BARS = 3
"""How many classes are shown under an image."""


@dataclass(frozen=True)
class Bar:
    """One class's probability; `role` is `true`, `predicted` or empty."""

    name: str
    probability: float
    role: str


def bars(finding: ImageGrid, index: int) -> list[Bar]:
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


def png(image: np.ndarray) -> bytes:
    """Encode (height, width) or (height, width, 3) uint8 as PNG; equal images, equal bytes."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def data_uri(image: np.ndarray) -> str:
    """Encode an image as a `data:` address that a page can show."""
    return "data:image/png;base64," + base64.b64encode(png(image)).decode("ascii")
