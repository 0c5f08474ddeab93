"""Classes of generated images as a reference classifier predicts them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions, ReferenceClassifier
from glassnet.findings import Bars, ClaimRecorder
from glassnet.findings.claims import count, fraction, share
from glassnet.inference import latents
from glassnet.insight.views.sample_quality import MOST
from glassnet.stats.intervals import wilson

UNSURE = 0.5
"""The probability of the likeliest class below which an image shows no class."""


def class_balance(evidence: Evidence, options: ExplainOptions) -> Iterator[Bars]:
    """How often each class comes up among samples, as the judge sees it."""
    reference_classifier = evidence.reference_classifier
    if reference_classifier is None:
        return
    probabilities = _probabilities(evidence, options, reference_classifier)
    n, classes = probabilities.shape
    counts = np.bincount(probabilities.argmax(axis=1), minlength=classes)
    low, high = 100 * np.array([wilson(int(count), n) for count in counts]).T
    train = np.bincount(evidence.train.labels, minlength=classes) / len(evidence.train)
    distance = float(np.abs(counts / n - train).sum()) / 2
    record, unsure = ClaimRecorder(), int((probabilities.max(axis=1) < UNSURE).sum())
    apart = fraction("total variation distance of the classes", distance, n=n)
    vague = share("samples of which it is unsure", unsure, n)
    asked = ", all classes asked for in turn" if latents.model_of(evidence).classes else ""
    yield Bars(
        name="class-balance",
        section="samples",
        title=_extremes(evidence.class_names, counts, low, high),
        summary=f"The total variation distance from the training set's classes is {record(apart)} "
        f"({record(count('samples', n))} samples{asked}, as the classifier {reference_classifier.name} sees them); "
        f"of {record(vague)} it is less than {100 * UNSURE:.0f} % sure.",
        provenance=evidence.provenance(n=n, seed=options.seed),
        claims=record.claims,
        names=evidence.class_names,
        values=100 * counts / n,
        low=low,
        high=high,
        muted=None,
        muted_label="",
        reference=100 / classes,
        reference_label="even",
        x_label="class",
        y_label="share of samples (%)",
    )


def _probabilities(
    evidence: Evidence, options: ExplainOptions, reference_classifier: ReferenceClassifier
) -> np.ndarray:
    """The judge's probabilities for samples: (MOST, classes) float32; kept."""

    def make() -> dict[str, np.ndarray]:
        made = latents.sample(latents.model_of(evidence), MOST, options.seed)
        return {"probabilities": reference_classifier.probabilities(made)}

    return evidence.cached(f"judged-{MOST}-{options.seed}-{reference_classifier.name}", make)[
        "probabilities"
    ]


def _extremes(names: tuple[str, ...], counts: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    """The classes that come up most and least, where their intervals tell them apart."""
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] == counts.sum():
        return f"Every sample is taken for {names[most]}"
    if high[least] >= low[most]:
        return "No class is drawn more often than another"
    return f"{names[most]} is drawn most often, {names[least]} least"
