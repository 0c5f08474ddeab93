"""Generated images of every class, with the same codes for each class."""

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
from glassnet.findings import ClaimRecorder, ImageGrid, count, fraction, interval, share
from glassnet.inference import latents

SECTION = "samples"

N_CODES = 10
"""Codes in the figure, one per column."""

MAX_CLASSES = 20
"""Classes in the figure, one per row."""

N_SAMPLES = 1000
"""Samples that the reference classifier classifies."""


def class_grid(
    data: Data,
    latent_model: LatentModel,
    reference_classifier: ReferenceClassifier | None,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[ImageGrid]:
    """Decode the same few codes for every class.

    Yields nothing unless the generator was trained with classes.
    """
    if not latent_model.classes:
        return
    rows = min(latent_model.classes, MAX_CLASSES)
    codes = np.tile(latents.codes(latent_model, N_CODES, options.seed), (rows, 1))
    images = latents.decode(latent_model, codes, np.repeat(np.arange(rows), N_CODES))
    images = images.reshape(1, rows, N_CODES, *images.shape[1:])
    record = ClaimRecorder()
    title, summary = (
        _variance_explained(record, images[0])
        if reference_classifier is None
        else _class_accuracy(record, latent_model, cache, options, reference_classifier)
    )
    yield ImageGrid(
        name="class-grid",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(
            n=rows * N_CODES if reference_classifier is None else N_SAMPLES, seed=options.seed
        ),
        claims=record.claims,
        images=images,
        frame_names=("",),
        row_names=data.class_names[:rows],
        column_names=(),
        row_label="requested class",
        column_label="one code per column",
    )


def _class_accuracy(
    record: ClaimRecorder,
    latent_model: LatentModel,
    cache: Cache,
    options: ExplainOptions,
    classifier: ReferenceClassifier,
) -> tuple[str, str]:
    """State how often the reference classifier predicts the requested class."""
    cached = cache(
        f"class-grid-{N_SAMPLES}-{options.seed}-{classifier.name}",
        lambda: {
            "predicted": classifier.probabilities(
                latents.sample(latent_model, N_SAMPLES, options.seed)
            ).argmax(axis=1)
        },
    )
    hits = int((cached["predicted"] == latents.classes(latent_model, N_SAMPLES)).sum())
    accuracy = share("samples classified as the requested class", hits, N_SAMPLES)
    return f"{record(accuracy)} of the samples are classified as the requested class", (
        f"The classifier {classifier.name} predicts the requested class for "
        f"{record(count(accuracy.name, hits))} of {record(count('samples', N_SAMPLES))} samples "
        f"(95 % interval {record(interval(accuracy))}). Images in one column share a code."
    )


def _variance_explained(record: ClaimRecorder, images: np.ndarray) -> tuple[str, str]:
    """Split the pixel variance of (classes, codes, ...) images into main effects and the rest."""
    pixels = images.reshape(*images.shape[:2], -1).astype(np.float64)
    total = max(float(pixels.var(axis=(0, 1)).sum()), 1e-12)
    label, code = (float(pixels.mean(axis=axis).var(axis=0).sum()) / total for axis in (1, 0))
    n = images.shape[0] * images.shape[1]
    by_class, by_code, by_both = (
        record(fraction(f"pixel variance explained by {name}", value, n=n))
        for name, value in (
            ("the class", label),
            ("the code", code),
            ("their interaction", 1 - label - code),
        )
    )
    return f"The class explains {by_class} of the pixel variance, the code {by_code}", (
        f"Shares of the pixel variance over {record(count('images', n))} images (main "
        f"effects); the interaction of class and code explains {by_both}."
    )
