"""Asking: what can be asked about images or texts, be it a run's network or an exported one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.data.inputs import Inputs
from glassnet.errors import UsageError, suggest

if TYPE_CHECKING:
    from glassnet.data.texts.vocabulary import Vocabulary

WANTED = {"probabilities": "classifier", "reconstruction": "generator"}
"""Which kind of network gives an answer."""


class Predictor(ABC):
    """A network with all that is needed to ask it."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What an error calls it."""

    @property
    @abstractmethod
    def task_name(self) -> str:
        """The name of its task."""

    @property
    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """The classes' names, in the order of `predict_proba`'s columns."""

    @property
    @abstractmethod
    def output_names(self) -> frozenset[str]:
        """The names of its answers."""

    @property
    @abstractmethod
    def vocabulary(self) -> Vocabulary | None:
        """How texts become words and numbers; None where it reads none."""

    @property
    @abstractmethod
    def false_positive_rate(self) -> float | None:
        """The share of inputs like the training data whose `distance` is above 1 all the same."""

    @abstractmethod
    def outputs(self, inputs: Inputs, *, ood_scores: bool = False) -> dict[str, np.ndarray]:
        """Everything that it answers to inputs, by name, a row per input."""

    @abstractmethod
    def read_input(self, path: Path) -> np.ndarray:
        """The user's file as an input, brought to the network's size: (1, ...).

        Raises:
            DataError: it cannot be read.
        """

    def predict_proba(self, inputs: Inputs) -> np.ndarray:
        """Probabilities of the classes.

        Args:
            inputs: images or texts, as for `outputs`.

        Returns:
            (n, classes) float32; each row sums to 1.

        Raises:
            UsageError: the inputs have another shape or type, or the network names no classes.
        """
        self.require("probabilities", "names no classes")
        return self.outputs(inputs)["probabilities"]

    def predict(self, inputs: Inputs) -> np.ndarray:
        """(n,) int64 class numbers, the most probable ones."""
        return self.predict_proba(inputs).argmax(axis=1)

    def class_number(self, label: str | None) -> int | None:
        """The number of the class of this name; None stays None.

        Raises:
            UsageError: there is no such class; the nearest name is suggested.
        """
        if label is None:
            return None
        if label not in self.class_names:
            raise UsageError(
                f"{self.name} has no class {label!r}", suggest(label, self.class_names)
            )
        return self.class_names.index(label)

    def require(self, answer: str, otherwise: str) -> None:
        """Refuse a question that another kind of network answers.

        Raises:
            UsageError: it does not give this answer.
        """
        if answer not in self.output_names:
            raise UsageError(
                f"{self.name}: a run of {self.task_name} {otherwise}",
                f"name the run of a {WANTED[answer]}",
            )
