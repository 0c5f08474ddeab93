"""The misclassified images whose true class has the lowest probability."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Data, MakeProvenance, Model
from glassnet.findings import ClaimRecorder, ImageGallery, count, fraction, number
from glassnet.inference.classification import prediction

SECTION = "mistakes"

MAX_IMAGES = 24
"""Mistakes in the figure."""

CONFIDENT = 0.9
"""The network is confident of a prediction above this probability."""


def worst_mistakes(data: Data, model: Model, provenance: MakeProvenance) -> Iterator[ImageGallery]:
    """Show the mistakes with the lowest probability of the true class; the worst comes first."""
    predictions = prediction(data, model)
    labels, predicted = predictions.split.labels, predictions.predicted
    own = predictions.probabilities[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(predicted != labels)
    chosen = wrong[np.argsort(own[wrong], kind="stable")][:MAX_IMAGES]
    if not len(chosen):
        return
    names, record = data.class_names, ClaimRecorder()
    lowest = fraction("the least probability of a true class", own[chosen[0]])
    yield ImageGallery(
        name="worst-mistakes",
        section=SECTION,
        title=confident_mistakes(record, predictions.probabilities[wrong]),
        summary=f"The {record(count('mistakes shown', len(chosen)))} mistakes with the lowest "
        f"probability of the true class; the lowest is {record(lowest)}.",
        provenance=provenance(split="test", n=len(labels)),
        claims=record.claims,
        images=predictions.split.inputs[chosen],
        captions=tuple(f"{names[labels[i]]}, taken for {names[predicted[i]]}" for i in chosen),
        probabilities=predictions.probabilities[chosen],
        labels=labels[chosen],
        predicted=predicted[chosen],
        class_names=names,
    )


def confident_mistakes(record: ClaimRecorder, probabilities: np.ndarray) -> str:
    """State how many mistakes the network was confident of.

    Args:
        record: records the claims.
        probabilities: (n, classes) of the misclassified examples.
    """
    confident = int((probabilities.max(axis=1) > CONFIDENT).sum())
    claim = number("mistakes of over 90 % confidence", confident, f"{confident or 'None'}")
    return (
        f"{record(claim)} of the {record(count('mistakes', len(probabilities)))} mistakes had over "
        "90 % confidence"
    )
