"""Layout of image galleries: the most probable classes under each image."""

from dataclasses import dataclass

import numpy as np

from glassnet.findings import ImageGallery

N_CLASSES = 3
"""Number of classes shown under an image."""


@dataclass(frozen=True)
class ClassProbability:
    """One class's probability; `role` is `true`, `predicted` or empty."""

    name: str
    probability: float
    role: str


def top_classes(finding: ImageGallery, index: int) -> list[ClassProbability]:
    """Choose the most probable classes of one image, in falling order, the true class included."""
    if finding.probabilities is None:
        return []
    row = finding.probabilities[index]
    true = None if finding.labels is None else int(finding.labels[index])
    predicted = None if finding.predicted is None else int(finding.predicted[index])
    chosen = [int(number) for number in np.argsort(-row, kind="stable")[:N_CLASSES]]
    if true is not None and true not in chosen:
        chosen[-1] = true
    roles = {predicted: "predicted"} | {true: "true"}
    names = finding.class_names or tuple(map(str, range(len(row))))
    return [
        ClassProbability(names[number], float(row[number]), roles.get(number, ""))
        for number in chosen
    ]


def upscale(image: np.ndarray, min_size: int = 112) -> np.ndarray:
    """Repeat the pixels of a small image until its longer side is about `min_size`.

    Some viewers smooth images that they enlarge; repeated pixels stay sharp.
    """
    factor = max(1, min_size // max(image.shape[:2]))
    return image.repeat(factor, axis=0).repeat(factor, axis=1)
