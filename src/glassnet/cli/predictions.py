"""Class predictions and out-of-distribution scores for inputs from the command line, in batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import progress
from glassnet.data.paths import printable

if TYPE_CHECKING:
    from glassnet.data.inputs import Inputs
    from glassnet.inference.predictor import Predictor

MAX_SOURCES = 3
"""Sources named in a warning."""

OUT_OF_DISTRIBUTION = "out of distribution"
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
            sources = ", ".join(map(printable, self.sources[warning]))
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

    def log_warnings(self) -> None:
        """Log the warnings, and that there was no input."""
        rate = f"{100 * (self.false_positive_rate or 0):.1f} %"
        self.warnings.log({OUT_OF_DISTRIBUTION: f"; the false-positive rate is {rate}"})
        if not self.count:
            progress.log(EMPTY_STDIN)


def counted(number: int, unit: str) -> str:
    """A number with its unit.

    Example:
        >>> counted(1, "text"), counted(1200, "image")
        ('1 text', '1,200 images')
    """
    return f"{number:,} {unit}{'' if number == 1 else 's'}"
