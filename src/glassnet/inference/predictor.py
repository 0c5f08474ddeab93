"""The interface of trained networks from runs, model folders and ONNX files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.contract import Family, Modality, ValueRanges
from glassnet.data.images.image_files import read_images
from glassnet.data.inputs import Inputs
from glassnet.errors import UsageError, suggest

if TYPE_CHECKING:
    from glassnet.data.texts.vocabulary import Vocabulary

OUTPUTS = {
    "probabilities": ("does not predict classes", "a classifier"),
    "reconstruction": ("does not reconstruct images", "an image generator"),
}
"""Output -> what a network without it does not do, and the kind of network that has it."""


class Predictor(ABC):
    """A trained network with everything that its predictions need.

    Example:
        >>> model = gn.load("digits.onnx")  # doctest: +SKIP
        >>> model.predict_proba(images).shape  # doctest: +SKIP
        (3, 10)
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """The name of its folder or file."""

    @property
    @abstractmethod
    def task_name(self) -> str:
        """The name of its task, for example `cnn`."""

    @property
    @abstractmethod
    def family(self) -> Family:
        """Whether it classifies or generates."""

    @property
    @abstractmethod
    def modality(self) -> Modality:
        """Whether its inputs are images or texts."""

    @property
    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """The class names, in the order of `predict_proba`'s columns."""

    @property
    @abstractmethod
    def output_names(self) -> frozenset[str]:
        """The names of its outputs."""

    @property
    @abstractmethod
    def vocabulary(self) -> Vocabulary:
        """The tokenizer and vocabulary of a network that takes texts."""

    @property
    @abstractmethod
    def false_positive_rate(self) -> float | None:
        """The share of in-distribution inputs whose OOD score is above 1; None if not known."""

    @abstractmethod
    def outputs(self, inputs: Inputs, *, ood_scores: bool = False) -> dict[str, np.ndarray]:
        """Compute all outputs, by name, one row per input."""

    @property
    @abstractmethod
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input: (channels, height, width) of images, (length,) of texts."""

    @property
    @abstractmethod
    def value_ranges(self) -> ValueRanges:
        """How images of more than 8 bits per channel are scaled, as in `contract.Splits`."""

    def read_input(self, path: Path) -> np.ndarray:
        """Read an image file and resize it to the network's input: (1, H, W[, channels]) uint8.

        Raises:
            DataError: the file cannot be read.
        """
        return read_images([path], self.input_shape, self.value_ranges)

    def predict_proba(self, inputs: Inputs) -> np.ndarray:
        """Predict class probabilities.

        Args:
            inputs: images or texts, as for `outputs`.

        Returns:
            (n, classes) float32; each row sums to 1.

        Raises:
            UsageError: the inputs have another shape or type, or the network is no classifier.
        """
        self.require("probabilities")
        return self.outputs(inputs)["probabilities"]

    def predict(self, inputs: Inputs) -> np.ndarray:
        """Predict the most probable class of each input: (n,) int64 class numbers."""
        return self.predict_proba(inputs).argmax(axis=1)

    def class_number(self, label: str | None) -> int | None:
        """The number of the class with this name; None for None.

        Raises:
            UsageError: there is no such class; the error suggests the nearest name.
        """
        if label is None:
            return None
        if label not in self.class_names:
            raise UsageError(
                f"{self.name} has no class {label!r}", suggest(label, self.class_names)
            )
        return self.class_names.index(label)

    def require(self, output: str) -> None:
        """Check that the network has an output of this name.

        Raises:
            UsageError: it does not.
        """
        if output not in self.output_names:
            missing, kind = OUTPUTS[output]
            raise UsageError(f"{self.name} ({self.task_name}) {missing}", f"use {kind}")
