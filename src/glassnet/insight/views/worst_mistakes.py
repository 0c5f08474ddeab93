"""The misclassified images whose true class has the lowest probability."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, ImageGallery
from glassnet.findings.claims import count, fraction, number
from glassnet.inference.classification import prediction

WORST = 24
"""How many mistakes are shown."""


def worst_mistakes(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGallery]:
    """The mistakes whose true class got the least probability, worst first."""
    answer = prediction(evidence)
    labels, predicted = answer.split.labels, answer.predicted
    own = answer.probabilities[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(predicted != labels)
    chosen = wrong[np.argsort(own[wrong], kind="stable")][:WORST]
    if not len(chosen):
        return
    names, record = evidence.class_names, ClaimRecorder()
    least = fraction("the least probability of a true class", own[chosen[0]])
    yield ImageGallery(
        name="worst-mistakes",
        section="mistakes",
        title=confident_mistakes(record, answer.probabilities[wrong]),
        summary=f"The {record(count('mistakes shown', len(chosen)))} mistakes that gave the true "
        f"class the least probability; the worst gave it {record(least)}.",
        provenance=evidence.provenance(split="test", n=len(labels)),
        claims=record.claims,
        images=answer.split.inputs[chosen],
        captions=tuple(f"{names[labels[i]]}, taken for {names[predicted[i]]}" for i in chosen),
        probabilities=answer.probabilities[chosen],
        labels=labels[chosen],
        predicted=predicted[chosen],
        class_names=names,
    )


def confident_mistakes(record: ClaimRecorder, wrong: np.ndarray) -> str:
    """How many of the mistakes (n, classes) were confident ones."""
    sure = int((wrong.max(axis=1) > 0.9).sum())
    confident = number("mistakes of over 90 % confidence", sure, f"{sure or 'None'}")
    return (
        f"{record(confident)} of the {record(count('mistakes', len(wrong)))} mistakes had over 90 % "
        "confidence"
    )
