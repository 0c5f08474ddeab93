"""Data types: splits of examples in memory, and the signature of a network's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch
    from torch import Tensor

ValueRanges = Mapping[str, tuple[float, float]]
"""Kind of values -> those that become 0 and 255, for images of more than 8 bits per channel."""


class Rows(Protocol):
    """One row per example: a tensor, or a `RaggedTensor` if the examples differ in length."""

    def __len__(self) -> int:
        """Number of examples."""

    def __getitem__(self, positions: Any, /) -> Tensor:
        """A batch, padded to the longest example in it; `[:]` has all examples."""

    def to(self, device: torch.device | str, /) -> Rows:
        """The same on a device."""


@dataclass(frozen=True, eq=False)
class Split:
    """Examples in memory.

    Attributes:
        inputs: (n, height, width) or (n, height, width, channels) for images, uint8 or float32 in
            [0, 1]; (n,) strings (NumPy's StringDType) for texts.
        labels: (n,) int64 class numbers.
        ids: (n,) int64, each example's position in its file or folder.
        weights: (n,) float64 weight of each example; None if all are equal.
        groups: (n,) int64 number of each example's group, which no split or fold divides; None
            without groups.
    """

    inputs: np.ndarray
    labels: np.ndarray
    ids: np.ndarray
    weights: np.ndarray | None = None
    groups: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, positions: np.ndarray) -> Split:
        """The examples at these positions, in this order."""
        weights, groups = (
            None if values is None else values[positions] for values in (self.weights, self.groups)
        )
        return Split(
            self.inputs[positions], self.labels[positions], self.ids[positions], weights, groups
        )


@dataclass(frozen=True, eq=False)
class Splits:
    """A data set in three disjoint splits.

    Attributes:
        name: its name in the catalogue, or its path.
        train, valid, test: the splits; `valid` is held out of the training set.
        class_names: one name per class, in the order of the class numbers.
        fingerprint: SHA-256 of the content, as hex.
        value_ranges: for images of more than 8 bits per channel, how they are scaled; else empty.
        unlabelled: examples to learn from without labels, the training split's among them, all of
            class 0; None where nothing is learned so.
    """

    name: str
    train: Split
    valid: Split
    test: Split
    class_names: tuple[str, ...]
    fingerprint: str
    value_ranges: ValueRanges = field(default_factory=dict)
    unlabelled: Split | None = None


def ranges_from(description: Mapping[str, Any]) -> ValueRanges:
    """Read the value ranges of a description in JSON; empty if it has none."""
    stored = description.get("value_ranges", {})
    return {kind: (float(low), float(high)) for kind, (low, high) in stored.items()}


@dataclass(frozen=True)
class Signature:
    """What a network needs to know of its data.

    Attributes:
        input_shape: shape of one input, as `Task.tensors` gives it.
        class_names: one name per class, in the order of the class numbers.
        vocabulary: for texts, the tokenizer as its standard JSON, learned from the training texts
            alone; empty for images.
        n_ngrams: for n-gram tables, the number of different n-grams in the training texts, of the
            length that has most of them.
        value_ranges: as in `Splits`.
    """

    input_shape: tuple[int, ...]
    class_names: tuple[str, ...]
    vocabulary: str = ""
    n_ngrams: int = 0
    value_ranges: ValueRanges = field(default_factory=dict)

    @classmethod
    def from_description(cls, data: Mapping[str, Any], vocabulary: str) -> Signature:
        """The signature that a run.json or config.json describes.

        Args:
            data: its section `data`.
            vocabulary: the content of the tokenizer's file.
        """
        return cls(
            input_shape=tuple(data["input_shape"]),
            class_names=tuple(data["class_names"]),
            vocabulary=vocabulary,
            n_ngrams=data["n_ngrams"],
            value_ranges=ranges_from(data),
        )
