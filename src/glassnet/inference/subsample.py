"""The subsample of test examples that projections show, and its activations."""

from collections.abc import Sequence
from textwrap import shorten

import numpy as np

from glassnet.contract import CLASSES, Data, Family, Modality, Model
from glassnet.findings import Examples

EXAMPLES = "examples"
"""Name of the record of the subsample, which projections refer to."""

MAX_CHARACTERS = 280
"""Maximum length of a text in a tooltip."""


def examples_of(data: Data, model: Model, n: int, seed: int, name: str = EXAMPLES) -> Examples:
    """Return the examples of the subsample, with the predictions of a classifier."""
    return examples_at(data, model, data.subsample(n, seed), name)


def examples_at(data: Data, model: Model, positions: np.ndarray, name: str = EXAMPLES) -> Examples:
    """Return the test examples at these positions, with the predictions of a classifier."""
    test, texts = data.test.take(positions), data.modality == Modality.TEXTS
    classifies = model.family == Family.CLASSIFIER
    probabilities = model.predictions[CLASSES][positions] if classifies else None
    return Examples(
        name=name,
        ids=test.ids,
        images=None if texts else test.inputs,
        labels=test.labels,
        predicted=None if probabilities is None else probabilities.argmax(axis=1),
        confidence=None if probabilities is None else probabilities.max(axis=1),
        class_names=data.class_names,
        texts=tuple(shorten(t, MAX_CHARACTERS, placeholder=" ...") for t in test.inputs if texts),
    )


def subsample_activations(
    data: Data, model: Model, n: int, seed: int, layers: Sequence[str]
) -> dict[str, np.ndarray]:
    """Compute layer -> (n, features) float32 of the subsample; `input` is the raw input."""
    inputs = data.inputs(data.test.take(data.subsample(n, seed)))
    return {**model.activations(inputs, layers), "input": data.raw_inputs(inputs)}
