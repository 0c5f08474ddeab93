"""Interpolations between the codes of two test images."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from glassnet.contract import Evidence, ExplainOptions, LatentModel, ReferenceClassifier
from glassnet.findings import ClaimRecorder, ImageGrid
from glassnet.findings.claims import fraction, number
from glassnet.inference import latents
from glassnet.insight.measures.used_dimensions import mean_codes
from glassnet.insight.views.samples import SIDE
from glassnet.stats.intervals import half_width

WALKS = 200
"""Walks behind the numbers; the first 8 are shown."""

STEPS = 11
"""Images of one walk, both ends included."""

SURE = 0.9
"""The probability above which an image shows one class plainly."""


def interpolations(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid]:
    """Images on straight lines between the mean codes of two test images.

    The two are of different classes; of one and the same where the decoder is told of the class.
    """
    model, labels, names = latents.model_of(evidence), evidence.test.labels, evidence.class_names
    record = bool(model.classes)
    if len(np.unique(labels)) < 2 and not record:
        return
    pairs = _pairs(labels, record, options.seed)
    images = _walk(model, mean_codes(evidence)[pairs], labels[pairs[:, 0]] if record else None)
    reference_classifier, beside = evidence.reference_classifier, ClaimRecorder()
    title, summary = (
        _evenness(beside, images)
        if reference_classifier is None
        else _plainness(beside, evidence, options, reference_classifier, images)
    )
    yield ImageGrid(
        name="interpolations",
        section="samples",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="test", n=WALKS, seed=options.seed),
        claims=beside.claims,
        images=images[None, :SIDE],
        frame_names=("",),
        row_names=tuple(
            names[a] if record else f"{names[a]} to {names[b]}" for a, b in labels[pairs[:SIDE]]
        ),
        column_names=tuple(f"{share:.1f}" for share in np.linspace(0, 1, STEPS)),
        row_label="from one test image to another",
        column_label="share of the way",
    )


def _pairs(labels: np.ndarray, alike: bool, seed: int) -> np.ndarray:
    """(WALKS, 2) positions of two images: of one class, or of two, all combinations in turn."""
    random, present = np.random.default_rng(seed), np.unique(labels)
    kinds = [(c, c) for c in present] if alike else list(combinations(present, 2))
    order = random.permutation(len(kinds))
    chosen = [kinds[order[walk % len(kinds)]] for walk in range(WALKS)]
    of_class = {c: np.flatnonzero(labels == c) for c in present}
    return np.array([[random.choice(of_class[c]) for c in kind] for kind in chosen])


def _walk(model: LatentModel, ends: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    """Codes (n, 2, latent) of the ends to images (n, STEPS, H, W[, channels]) on the line."""
    path = _line(ends[:, 0], ends[:, 1]).reshape(-1, model.latent_dim)
    record = None if labels is None else np.repeat(labels, STEPS)
    images = latents.decode(model, path, record)
    return images.reshape(len(ends), STEPS, *images.shape[1:])


def _line(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(n, ...) twice to (n, STEPS, ...) float32 in even steps."""
    share = np.linspace(0, 1, STEPS, dtype=np.float32).reshape(-1, *[1] * (start.ndim - 1))
    return start[:, None] * (1 - share) + end[:, None] * share


def _plainness(
    record: ClaimRecorder,
    evidence: Evidence,
    options: ExplainOptions,
    reference_classifier: ReferenceClassifier,
    images: np.ndarray,
) -> tuple[str, str]:
    """At how many of the steps the judge is sure, beside fading one end into the other."""

    def sure(steps: np.ndarray) -> np.ndarray:
        inner = steps[:, 1:-1]
        probabilities = reference_classifier.probabilities(inner.reshape(-1, *inner.shape[2:])).max(
            axis=1
        )
        return (probabilities > SURE).reshape(inner.shape[:2]).mean(axis=1)

    def make() -> dict[str, np.ndarray]:
        fade = _line(images[:, 0], images[:, -1]).round().astype(np.uint8)
        return {"walk": sure(images), "fade": sure(fade)}

    stored = evidence.cached(
        f"interpolations-{WALKS}-{options.seed}-{reference_classifier.name}", make
    )
    walk, half = float(stored["walk"].mean()), float(half_width(stored["walk"]))
    what = "steps of a walk that show one class plainly"
    plain = fraction(what, walk, n=WALKS, low=walk - half, high=walk + half)
    width = number(
        f"half the 95 % interval of {plain.name} (points)", 100 * half, "± {:.1f} points"
    )
    faded = fraction("the same where the ends are faded", stored["fade"].mean(), n=WALKS)
    return f"At {record(plain)} of the steps between two images one class is plain", (
        f"The classifier {reference_classifier.name} is over {100 * SURE:.0f} % sure at {record(plain)} of the "
        f"{STEPS - 2} inner steps of {WALKS} walks (95 % interval {record(width)}), and at "
        f"{record(faded)} where the ends are faded into each other instead."
    )


def _evenness(record: ClaimRecorder, images: np.ndarray) -> tuple[str, str]:
    """How much larger the largest step of a walk is than its mean step, in pixels."""
    gaps = np.diff(images.astype(np.float32), axis=1).reshape(*images[:, 1:].shape[:2], -1)
    steps = np.sqrt((gaps**2).mean(axis=2))
    ratios = steps.max(axis=1) / steps.mean(axis=1).clip(1e-12)
    ratio, half = float(ratios.mean()), float(half_width(ratios))
    what = "largest step of a walk over its mean step"
    times, exactly = (
        record(number(what, ratio, form, WALKS, low=ratio - half, high=ratio + half))
        for form in ("{:.1f} times", "{:.2f} times")
    )
    width = record(number(f"half the 95 % interval of {what}", half, "± {:.2f}"))
    return f"The largest step of a walk changes {times} as much as its mean step", (
        f"Root mean square pixel change per step: the largest of the {STEPS - 1} steps is "
        f"{exactly} the mean one, on average over {WALKS} walks (95 % interval {width})."
    )
