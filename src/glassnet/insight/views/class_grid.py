"""Generated images of every class with the same codes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions, ReferenceClassifier
from glassnet.findings import ClaimRecorder, ImageGrid
from glassnet.findings.claims import count, fraction, interval, share
from glassnet.inference import latents

STYLES = 10
"""Codes that every class of the class grid is shown with."""

MOST_CLASSES = 20
"""Classes that the class grid shows at most."""

ASKED = 1000
"""Samples by which it is judged whether they show the class that was asked for."""


def class_grid(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid]:
    """Every class with the same few codes, for a generator that is told of classes."""
    model = latents.model_of(evidence)
    if not model.classes:
        return
    rows = min(model.classes, MOST_CLASSES)
    codes = np.tile(latents.codes(model, STYLES, options.seed), (rows, 1))
    images = latents.decode(model, codes, np.repeat(np.arange(rows), STYLES))
    images = images.reshape(1, rows, STYLES, *images.shape[1:])
    reference_classifier, record = evidence.reference_classifier, ClaimRecorder()
    title, summary = (
        _effects(record, images[0])
        if reference_classifier is None
        else _obeyed(record, evidence, options, reference_classifier)
    )
    yield ImageGrid(
        name="class-grid",
        section="samples",
        title=title,
        summary=summary,
        provenance=evidence.provenance(
            n=rows * STYLES if reference_classifier is None else ASKED, seed=options.seed
        ),
        claims=record.claims,
        images=images,
        frame_names=("",),
        row_names=evidence.class_names[:rows],
        column_names=(),
        row_label="class asked for",
        column_label="one style per column",
    )


def _obeyed(
    record: ClaimRecorder,
    evidence: Evidence,
    options: ExplainOptions,
    reference_classifier: ReferenceClassifier,
) -> tuple[str, str]:
    """How often the judge sees the class that was asked for."""
    model = latents.model_of(evidence)

    def make() -> dict[str, np.ndarray]:
        made = latents.sample(model, ASKED, options.seed)
        return {"seen": reference_classifier.probabilities(made).argmax(axis=1)}

    seen = evidence.cached(f"asked-{ASKED}-{options.seed}-{reference_classifier.name}", make)[
        "seen"
    ]
    hits = int((seen == latents.classes(model, ASKED)).sum())
    obeyed = share("samples taken for the class asked for", hits, ASKED)
    return f"{record(obeyed)} of the samples are taken for the class asked for", (
        f"The classifier {reference_classifier.name} sees the class asked for in {record(count(obeyed.name, hits))} "
        f"of {record(count('samples', ASKED))} samples (95 % interval {record(interval(obeyed))}); a "
        "column shares its code."
    )


def _effects(record: ClaimRecorder, images: np.ndarray) -> tuple[str, str]:
    """Shares of the pixel variance that class and code explain, each alone."""
    pixels = images.reshape(*images.shape[:2], -1).astype(np.float64)
    whole = max(float(pixels.var(axis=(0, 1)).sum()), 1e-12)
    label, code = (float(pixels.mean(axis=axis).var(axis=0).sum()) / whole for axis in (1, 0))
    n = images.shape[0] * images.shape[1]
    by_class, by_code, by_both = (
        record(fraction(f"pixel variance explained by {what}", value, n=n))
        for what, value in (
            ("the class", label),
            ("the code", code),
            ("the two together only", 1 - label - code),
        )
    )
    return f"The class explains {by_class} of what differs, the code {by_code}", (
        f"Shares of the pixel variance over these {record(count('images', n))} images (main "
        f"effects); {by_both} are explained by the two together only."
    )
