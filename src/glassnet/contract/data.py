"""Data as the engines know them: examples in memory, and what a network must know of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """Examples held whole in memory.

    Attributes:
        inputs: (n, height, width) or (n, height, width, channels) for images, uint8 or float32 in
            [0, 1]; (n,) strings (NumPy's StringDType) for texts.
        labels: (n,) int64 class numbers.
        ids: (n,) int64, each example's position in the file or folder that it came from.
        weights: (n,) float64, how much each example counts; None where all count the same.
    """

    inputs: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, where: np.ndarray) -> Split:
        """The examples at these positions, in this order."""
        weights = None if self.weights is None else self.weights[where]
        return Split(self.inputs[where], self.labels[where], self.ids[where], weights)


@dataclass(frozen=True, eq=False)
class Splits:
    """A data set in three parts that share no example.

    Attributes:
        name: the catalogue's name, or the path that it was read from.
        train, valid, test: the parts; `valid` is held out of the training set.
        class_names: one name per class, in the order of the class numbers.
        fingerprint: SHA-256 over the content, as hex: the same content has the same fingerprint.
    """

    name: str
    train: Split
    valid: Split
    test: Split
    class_names: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True)
class Signature:
    """What a network must know of its data.

    Attributes:
        input_shape: one input's shape, as its task gives it to the network.
        class_names: one name per class, in the order of the class numbers.
        vocabulary: for texts, the tokenizer that turns them into numbers, as its standard JSON;
            learned from the training texts alone. Empty for images.
        words: for texts, the number of words in all training texts together.
    """

    input_shape: tuple[int, ...]
    class_names: tuple[str, ...]
    vocabulary: str = ""
    words: int = 0
