"""Fréchet distance, precision and recall of generated images in a classifier's features."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np

from glassnet import progress
from glassnet.contract import (
    Cache,
    Data,
    ExplainOptions,
    LatentModel,
    MakeProvenance,
    ReferenceClassifier,
)
from glassnet.findings import ClaimRecorder, Table, count, mean, number, share
from glassnet.inference import latents
from glassnet.insight.measures.frechet_distance import GROUPS, Gaussian, frechet_error
from glassnet.insight.measures.precision_recall import precision_recall
from glassnet.stats.intervals import percent, wilson

SECTION = "samples"

MAX_IMAGES = 5000
"""Images of each kind that are compared."""


@dataclass(frozen=True)
class Quality:
    """How close one set of images is to the test images, in a classifier's features.

    Attributes:
        frechet: Fréchet distance; 0 is best.
        error: its standard error over samples of images.
        precision: the share of the images that lie among the test images.
        recall: the share of the test images that lie among them.
    """

    frechet: float
    error: float
    precision: float
    recall: float

    @classmethod
    def of(cls, real: np.ndarray, fitted: Gaussian, images: np.ndarray) -> Quality:
        """Measure features (n, features) against those of the test images."""
        return cls(
            fitted.frechet_distance(Gaussian(images)),
            frechet_error(fitted, images),
            *precision_recall(real, images),
        )


def sample_quality(
    data: Data,
    latent_model: LatentModel,
    reference_classifier: ReferenceClassifier | None,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Table]:
    """Compare samples with the test images; training images show the best attainable values.

    Yields nothing without a reference classifier, or with fewer than 20 images.
    """
    if reference_classifier is None:
        progress.log(
            "no classifier trained on these data was found, so sample quality is not measured; "
            "train a classifier on these data, then explain again"
        )
        return
    n = min(MAX_IMAGES, len(data.test), len(data.train))
    if n < 2 * GROUPS:
        return
    cached = cache(
        f"sample-quality-{n}-{options.seed}-{reference_classifier.name}-{reference_classifier.layer}",
        lambda: _measured(data, latent_model, options, reference_classifier, n),
    )
    samples, training = (Quality(*cached[name].tolist()) for name in ("samples", "training"))
    record, half, name = ClaimRecorder(), 1.96 * samples.error, "Fréchet distance from test images"
    precision = share("precision: samples among test images", round(samples.precision * n), n)
    recall = share("recall: test images among samples", round(samples.recall * n), n)
    distance = mean(f"{name}, of samples", samples.frechet, half, "{:.2f} ± {:.2f}", n)
    floor = number(f"{name}, of training images", training.frechet, "{:.2f}", n)
    counts = [record(count(kind, n)) for kind in ("samples", "test images", "training images")]
    yield Table(
        name="sample-quality",
        section=SECTION,
        title=f"{record(precision)} of the samples lie among real images, {record(recall)} of real "
        "images among samples",
        summary=f"In the features of the classifier {reference_classifier.name} (layer "
        f"{reference_classifier.layer}), "
        f"{counts[0]} samples are at a Fréchet distance of {record(distance)} from {counts[1]} "
        f"test images; {counts[2]} training images are at {record(floor)}. The numbers depend on "
        "the classifier and on n: compare only networks that were measured with the same ones.",
        provenance=provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
        columns=("measure", "samples", "training images", "note"),
        formats=("", "", "", ""),
        rows=_rows(samples, training, n),
    )


def _measured(
    data: Data,
    latent_model: LatentModel,
    options: ExplainOptions,
    classifier: ReferenceClassifier,
    n: int,
) -> dict[str, np.ndarray]:
    """`Quality` of n samples and of n training images."""
    chosen = np.random.default_rng(options.seed).choice(len(data.train), n, replace=False)
    images = {
        "samples": latents.sample(latent_model, n, options.seed),
        "training": data.train.inputs[chosen],
    }
    real = classifier.features(data.test.inputs[data.subsample(n, options.seed)])
    fitted, measured = Gaussian(real), {}
    with progress.stage("sample quality", len(images)) as advance:
        for name, batch in images.items():
            measured[name] = np.array(astuple(Quality.of(real, fitted, classifier.features(batch))))
            advance(note=name)
    return measured


def _rows(samples: Quality, training: Quality, n: int) -> tuple[tuple[str, str, str, str], ...]:
    def distance(quality: Quality) -> str:
        return f"{quality.frechet:.2f} ± {1.96 * quality.error:.2f}"

    def share(value: float) -> str:
        low, high = wilson(round(value * n), n)
        return f"{percent(value)} ({100 * low:.1f} to {100 * high:.1f})"

    return (
        (
            "Fréchet distance",
            distance(samples),
            distance(training),
            "0 is best; training images show what is attainable",
        ),
        (
            "precision",
            share(samples.precision),
            share(training.precision),
            "share of these images among the test images",
        ),
        (
            "recall",
            share(samples.recall),
            share(training.recall),
            "share of the test images among these images",
        ),
    )
