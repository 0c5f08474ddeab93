"""Predictions of a classifier that was never trained, for views of its mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from glassnet.contract import Split
from glassnet.findings import Provenance


@dataclass
class ToyPredictions:
    """As much of `contract.Evidence` as these views look at."""

    labels: list[int]
    predicted: list[int]
    class_names: tuple[str, ...]
    confidence: float = 0.8

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        n, classes = len(self.labels), len(self.class_names)
        probabilities = np.full((n, classes), (1 - self.confidence) / max(classes - 1, 1))
        probabilities[np.arange(n), self.predicted] = self.confidence
        return {"probabilities": probabilities.astype(np.float32)}

    @cached_property
    def test(self) -> Split:
        n = len(self.labels)
        images = np.arange(n, dtype=np.uint8)[:, None, None] + np.zeros((n, 2, 2), np.uint8)
        return Split(images, np.array(self.labels), np.arange(n) + 100)

    def provenance(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        return Provenance(run="r", checkpoint="best", split=split, n=n, seed=seed, command="c")


#                 truth 0: five, one taken for 1; truth 1: three, two taken for 2; truth 2: two
SOME = ToyPredictions(
    [0, 0, 0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 0, 0, 1, 1, 2, 2, 2, 2], ("a", "b", "c")
)

CASES = {
    "no mistakes": ToyPredictions([0, 1, 2], [0, 1, 2], ("a", "b", "c")),
    "all wrong": ToyPredictions([0, 1, 2], [1, 2, 0], ("a", "b", "c")),
    "a class without examples": ToyPredictions([0, 0, 2], [0, 2, 2], ("a", "b", "c")),
    "a class that is never guessed": ToyPredictions([0, 1, 2], [0, 0, 2], ("a", "b", "c")),
    "guessed but never there": ToyPredictions([0, 0, 2], [0, 1, 2], ("a", "b", "c")),
    "two classes": ToyPredictions([0, 1, 1], [1, 1, 0], ("no", "yes")),
    "one example": ToyPredictions([1], [1], ("no", "yes")),
    "one class": ToyPredictions([0, 0], [0, 0], ("all",), confidence=1.0),
}
