"""Fréchet distance, precision and recall of generated images in a classifier's features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions, ReferenceClassifier
from glassnet.findings import ClaimRecorder, Table
from glassnet.findings.claims import count, mean, number, share
from glassnet.inference import latents
from glassnet.insight.measures.frechet_distance import GROUPS, Gaussian, frechet_error
from glassnet.insight.measures.precision_recall import precision_recall
from glassnet.stats.intervals import percent, wilson

MOST = 5000
"""Samples, and real images, that are judged at most."""


@dataclass(frozen=True)
class Agreement:
    """How well one set of images agrees with a real one, in a classifier's features.

    Attributes:
        frechet: Fréchet distance, 0 at best.
        error: its standard error over draws of the images that are judged.
        precision: the share of images that lie among the real ones.
        recall: the share of real images that lie among them.
    """

    frechet: float
    error: float
    precision: float
    recall: float


def sample_quality(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """Fréchet distance, precision and recall of samples, and of training images as the floor."""
    reference_classifier = evidence.reference_classifier
    if reference_classifier is None:
        progress.log(
            "no classifier trained on these data was found, so samples are not judged; "
            "train a classifier on the same data, then explain again"
        )
        return
    n = min(MOST, len(evidence.test), len(evidence.train))
    if n < 2 * GROUPS:
        return
    stored = evidence.cached(
        f"quality-{n}-{options.seed}-{reference_classifier.name}-{reference_classifier.layer}",
        lambda: _scored(evidence, options, reference_classifier, n),
    )
    made, floor = (Agreement(*stored[name].tolist()) for name in ("samples", "training"))
    record, half, alike = ClaimRecorder(), 1.96 * made.error, "Fréchet distance from test images"
    precision = share("precision: samples among test images", round(made.precision * n), n)
    recall = share("recall: test images among samples", round(made.recall * n), n)
    apart = mean(f"{alike}, of samples", made.frechet, half, "{:.2f} ± {:.2f}", n)
    least = number(f"{alike}, of training images", floor.frechet, "{:.2f}", n)
    each = [record(count(what, n)) for what in ("samples", "test images", "training images")]
    yield Table(
        name="sample-quality",
        section="samples",
        title=f"{record(precision)} of the samples lie among real images, {record(recall)} of real "
        "images among samples",
        summary=f"In the features of the classifier {reference_classifier.name} (layer {reference_classifier.layer}) {each[0]} "
        f"samples are at a Fréchet distance of {record(apart)} from {each[1]} test images, where "
        f"{each[2]} training images are at {record(least)}; the numbers depend on classifier and n, "
        "so they compare networks judged alike only.",
        provenance=evidence.provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
        columns=("measure", "samples", "training images", "what it says"),
        formats=("", "", "", ""),
        rows=_rows(made, floor, n),
    )


def _scored(
    evidence: Evidence, options: ExplainOptions, reference_classifier: ReferenceClassifier, n: int
) -> dict[str, np.ndarray]:
    """`Agreement` with the test images, of as many samples and of as many training images."""
    drawn = np.random.default_rng(options.seed).choice(len(evidence.train), n, replace=False)
    images = {
        "samples": latents.sample(latents.model_of(evidence), n, options.seed),
        "training": evidence.train.inputs[drawn],
    }
    real = reference_classifier.features(evidence.test.inputs[evidence.subsample(n, options.seed)])
    fitted = Gaussian(real)
    agreements = {}
    with progress.stage("quality of samples", len(images)) as advance:
        for name, each in images.items():
            agreements[name] = np.array(
                astuple(_agreement(real, fitted, reference_classifier.features(each)))
            )
            advance(note=name)
    return agreements


def _agreement(real: np.ndarray, fitted: Gaussian, made: np.ndarray) -> Agreement:
    distance = fitted.distance(Gaussian(made))
    return Agreement(distance, frechet_error(fitted, made), *precision_recall(real, made))


def _rows(made: Agreement, floor: Agreement, n: int) -> tuple[tuple[str, str, str, str], ...]:
    def distance(each: Agreement) -> str:
        return f"{each.frechet:.2f} ± {1.96 * each.error:.2f}"

    def share(value: float) -> str:
        low, high = wilson(round(value * n), n)
        return f"{percent(value)} ({100 * low:.1f} to {100 * high:.1f})"

    return (
        ("Fréchet distance", distance(made), distance(floor), "0 is best; training is the floor"),
        (
            "precision",
            share(made.precision),
            share(floor.precision),
            "share of them that lie among test images",
        ),
        (
            "recall",
            share(made.recall),
            share(floor.recall),
            "share of test images that lie among them",
        ),
    )
