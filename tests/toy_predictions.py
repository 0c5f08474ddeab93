"""Predictions of a classifier that are given, and the cases that views of them must survive."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from toy_parts import parts_of_a_run

from glassnet.contract import Calibration, Modality, Split


@dataclass
class ToyData:
    """As much of `contract.Data` as views of predictions use."""

    test: Split
    class_names: tuple[str, ...]
    modality: Modality = Modality.IMAGES

    @property
    def train(self) -> Split:
        """The same examples."""
        return self.test


@dataclass
class ToyModel:
    """As much of `contract.Model` as views of predictions use."""

    predictions: dict[str, np.ndarray]
    calibration: Calibration = field(default_factory=Calibration)
    config: Any = field(default_factory=SimpleNamespace)


def predicting(
    labels: list[int], predicted: list[int], class_names: tuple[str, ...], confidence: float = 0.8
) -> Any:
    """The parts of a run that predicts these classes, each with the same confidence."""
    n, classes = len(labels), len(class_names)
    probabilities = np.full((n, classes), (1 - confidence) / max(classes - 1, 1), np.float32)
    probabilities[np.arange(n), predicted] = confidence
    images = np.arange(n, dtype=np.uint8)[:, None, None] + np.zeros((n, 2, 2), np.uint8)
    return parts_of_a_run(
        data=ToyData(Split(images, np.array(labels), np.arange(n) + 100), class_names),
        model=ToyModel({"probabilities": probabilities}),
    )


#                 truth 0: five, one taken for 1; truth 1: three, two taken for 2; truth 2: two
SOME = predicting([0, 0, 0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 0, 0, 1, 1, 2, 2, 2, 2], ("a", "b", "c"))

CASES = {
    "no mistakes": predicting([0, 1, 2], [0, 1, 2], ("a", "b", "c")),
    "all wrong": predicting([0, 1, 2], [1, 2, 0], ("a", "b", "c")),
    "a class without examples": predicting([0, 0, 2], [0, 2, 2], ("a", "b", "c")),
    "a class that is never guessed": predicting([0, 1, 2], [0, 0, 2], ("a", "b", "c")),
    "guessed but never there": predicting([0, 0, 2], [0, 1, 2], ("a", "b", "c")),
    "two classes": predicting([0, 1, 1], [1, 1, 0], ("no", "yes")),
    "one example": predicting([1], [1], ("no", "yes")),
    "one class": predicting([0, 0], [0, 0], ("all",), confidence=1.0),
}
