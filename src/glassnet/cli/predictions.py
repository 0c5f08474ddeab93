"""Class predictions and out-of-distribution scores for inputs from the command line, in batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from glassnet import progress
from glassnet.class_labels import class_labels
from glassnet.errors import DataError
from glassnet.visible import visible_line

if TYPE_CHECKING:
    from glassnet.data.inputs import Inputs
    from glassnet.inference.predictor import Predictor

T = TypeVar("T")

MAX_SOURCES = 3
"""Sources named in a warning."""

MAX_PENDING = 1000
"""Unreadable inputs that wait for the first readable one: without it, only the error is written."""

OUT_OF_DISTRIBUTION = "out of distribution"
UNREADABLE = "could not be read"
EMPTY_STDIN = "standard input is empty"


@dataclass(frozen=True, slots=True)
class Input:
    """An image or a text to predict.

    Attributes:
        value: the text, or the path of the image.
        source: where it comes from: `line 7`, `text 2`, or the path of a file.
        is_file: whether `source` is the path of a file that contains this input alone.
        row: its row of a table, which is written back with the prediction.
        error: why it cannot be predicted, if that is known before it is read.
    """

    value: str
    source: str
    is_file: bool = False
    row: list[Any] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction for one input.

    Attributes:
        input: the input.
        probabilities: the most probable classes, best first; empty if there is no prediction.
        ood_score: out-of-distribution score; None if the network has no detector.
        error: why there is no prediction.
    """

    input: Input
    probabilities: list[tuple[str, float]]
    ood_score: float | None = None
    error: str = ""

    @property
    def out_of_distribution(self) -> bool | None:
        """Whether the OOD score is above 1; None if there is no score."""
        return None if self.ood_score is None else self.ood_score > 1


@dataclass
class InputWarnings:
    """Inputs with a warning: their number and the sources of the first ones, by warning.

    Attributes:
        unit: what is counted, for example `text`.
    """

    unit: str
    counts: Counter[str] = field(default_factory=Counter)
    sources: dict[str, list[str]] = field(default_factory=dict)

    def add(self, warning: str, source: str) -> None:
        """Count one input."""
        self.counts[warning] += 1
        if self.counts[warning] <= MAX_SOURCES:
            self.sources.setdefault(warning, []).append(source)

    def log(self, details: Mapping[str, str]) -> None:
        """Log one line per warning; `details` of a warning are appended to its line."""
        for warning, count in self.counts.items():
            more = f" and {count - MAX_SOURCES:,} more" if count > MAX_SOURCES else ""
            sources = ", ".join(map(visible_line, self.sources[warning]))
            detail = details.get(warning, "")
            progress.log(f"{counted(count, self.unit)} {warning} ({sources}{more}){detail}")


class BatchPredictor:
    """Predicts batches of inputs with a classifier and counts their warnings.

    Args:
        model: a classifier.
        top: number of classes per prediction.
        unit: what an input is called, for example `text`.

    Attributes:
        count: number of inputs so far.
        warnings: warnings about them.
    """

    def __init__(self, model: Predictor, top: int, unit: str) -> None:
        self.model = model
        self.top = min(top, len(model.class_names))
        self.false_positive_rate = model.false_positive_rate  # may fit the detector, and log
        self.count = 0
        self.warnings = InputWarnings(unit)

    def predict(self, inputs: Sequence[Input], values: Inputs) -> list[Prediction]:
        """Predict one batch, given as inputs and as their images or texts."""
        with progress.silenced():
            outputs = self.model.outputs(values, ood_scores=True)
        probabilities, names = outputs["probabilities"], self.model.class_names
        ood_scores = outputs.get("ood_score", np.full(len(probabilities), np.nan))
        order = probabilities.argsort(axis=1)[:, ::-1][:, : self.top]
        return [
            Prediction(
                item,
                [(names[k], round(float(row[k]), 6)) for k in classes],
                None if np.isnan(score) else round(float(score), 4),
            )
            for item, row, classes, score in zip(
                inputs, probabilities, order, ood_scores, strict=True
            )
        ]

    def log_warnings(self, details: Mapping[str, str] | None = None) -> None:
        """Log the warnings with their details, and that there was no input."""
        rate = f"{100 * (self.false_positive_rate or 0):.1f} %"
        rates = {OUT_OF_DISTRIBUTION: f"; the false-positive rate is {rate}"}
        self.warnings.log(rates | dict(details or {}))
        if not self.count:
            progress.log(EMPTY_STDIN)


def readable_first(
    batches: Iterable[list[T]], fault_of: Callable[[T], tuple[str, str]], unit: str, hint: str
) -> Iterator[list[T]]:
    """The batches; unreadable inputs wait for the first readable one, up to `MAX_PENDING`.

    Args:
        batches: the inputs.
        fault_of: where an input comes from, and why it cannot be read; empty if it can.
        unit: what an input is called, for example `text`.
        hint: what to do if none can be read.

    Raises:
        DataError: there are inputs, and none can be read.
    """
    any_readable, n = False, 0
    pending: list[T] = []
    first: tuple[str, str] | None = None
    for batch in batches:
        n += len(batch)
        any_readable = any_readable or not all(fault_of(item)[1] for item in batch)
        first = first or (fault_of(batch[0]) if batch else None)
        pending += batch
        if any_readable or len(pending) > MAX_PENDING:
            yield pending
            pending = []
    if first and not any_readable:
        where, reason = f"{visible_line(first[0])}: {first[1]}", f"none of {counted(n, unit)}"
        message = where if n == 1 else f"{reason} can be read, for example {where}"
        raise DataError(message, hint)


def labels_of(class_names: Sequence[str]) -> dict[str, str]:
    """The label of each class where people read it: on one line, and short.

    Example:
        >>> labels_of(["cat", "x" * 40])["x" * 40]
        'xxxxxxxxxxxxxxxxxxx…xxxxxxxx'
    """
    return dict(zip(class_names, class_labels(class_names), strict=True))


def counted(number: int, unit: str) -> str:
    """A number with its unit.

    Example:
        >>> counted(1, "text"), counted(1200, "image")
        ('1 text', '1,200 images')
    """
    return f"{number:,} {unit}{'' if number == 1 else 's'}"
