"""How often each class occurs among generated images, as a reference classifier predicts it."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import (
    Cache,
    Data,
    ExplainOptions,
    LatentModel,
    MakeProvenance,
    ReferenceClassifier,
)
from glassnet.findings import Bars, ClaimRecorder, count, fraction, share
from glassnet.inference import latents
from glassnet.stats.comparisons import LEVEL, counts_differ, stands_out
from glassnet.stats.intervals import wilson

SECTION = "samples"

N_SAMPLES = 5000
"""Samples that are classified."""

UNSURE = 0.5
"""The classifier is unsure of an image if no class reaches this probability."""


def class_balance(
    data: Data,
    latent_model: LatentModel,
    reference_classifier: ReferenceClassifier | None,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Bars]:
    """Plot the share of each class among samples; yields nothing without a reference classifier."""
    if reference_classifier is None:
        return
    probabilities = _probabilities(latent_model, cache, options, reference_classifier)
    n, classes = probabilities.shape
    counts = np.bincount(probabilities.argmax(axis=1), minlength=classes)
    low, high = 100 * np.array([wilson(int(hits), n) for hits in counts]).T
    train = np.bincount(data.train.labels, minlength=classes) / len(data.train)
    distance = float(np.abs(counts / n - train).sum()) / 2
    record, n_unsure = ClaimRecorder(), int((probabilities.max(axis=1) < UNSURE).sum())
    variation = fraction("total variation distance of the classes", distance, n=n)
    requested = ", all classes requested in turn" if latent_model.classes else ""
    yield Bars(
        name="class-balance",
        section=SECTION,
        title=_extremes(data.class_names, counts),
        summary="The total variation distance from the classes of the training set is "
        f"{record(variation)} ({record(count('samples', n))} samples{requested}, classified by "
        f"{reference_classifier.name}). The classifier is less than {100 * UNSURE:.0f} % confident "
        f"of {record(share('samples that the classifier is unsure of', n_unsure, n))} of them.",
        provenance=provenance(n=n, seed=options.seed),
        claims=record.claims,
        names=data.class_names,
        values=100 * counts / n,
        low=low,
        high=high,
        muted=None,
        muted_label="",
        reference=100 / classes,
        reference_label="balanced",
        x_label="class",
        y_label="share of samples (%)",
    )


def _probabilities(
    latent_model: LatentModel,
    cache: Cache,
    options: ExplainOptions,
    classifier: ReferenceClassifier,
) -> np.ndarray:
    """The classifier's probabilities for samples: (N_SAMPLES, classes) float32; cached."""
    cached = cache(
        f"class-balance-{N_SAMPLES}-{options.seed}-{classifier.name}",
        lambda: {
            "probabilities": classifier.probabilities(
                latents.sample(latent_model, N_SAMPLES, options.seed)
            )
        },
    )
    return cached["probabilities"]


def _extremes(names: tuple[str, ...], counts: np.ndarray) -> str:
    """Name the most and the least frequent class, as far as they differ from every other one.

    Each is compared with every other class by a binomial test, with Holm's correction; otherwise
    the two are compared with each other, corrected for the number of pairs.
    """
    top, bottom = int(counts.argmax()), int(counts.argmin())
    if counts[top] == counts.sum():
        return f"Every sample is classified as {names[top]}"
    most, fewest = (
        stands_out([counts_differ(int(counts[place]), int(n)) for n in np.delete(counts, place)])
        for place in (top, bottom)
    )
    if most and fewest:
        return f"{names[top]} is generated most often, {names[bottom]} least often"
    if most:
        return f"{names[top]} is generated most often"
    if fewest:
        return f"{names[bottom]} is generated least often"
    pairs = len(counts) * (len(counts) - 1) // 2
    if pairs * counts_differ(int(counts[top]), int(counts[bottom])) < LEVEL:
        return f"{names[top]} is generated more often than {names[bottom]}"
    return "No class is clearly generated more often than another"
