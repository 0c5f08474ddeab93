"""Interpolations: images decoded on the straight line between the codes of two test images."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from glassnet.contract import (
    Cache,
    Data,
    ExplainOptions,
    LatentModel,
    MakeProvenance,
    ReferenceClassifier,
)
from glassnet.findings import ClaimRecorder, ImageGrid, fraction, number
from glassnet.inference import latents
from glassnet.stats.intervals import half_width

SECTION = "samples"

N_PAIRS = 200
"""Interpolations behind the numbers."""

ROWS = 8
"""Interpolations in the figure."""

STEPS = 11
"""Images of one interpolation, both ends included."""

CONFIDENT = 0.9
"""The reference classifier is confident of an image above this probability."""


def interpolations(
    data: Data,
    latent_model: LatentModel,
    reference_classifier: ReferenceClassifier | None,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[ImageGrid]:
    """Interpolate between the mean codes of two test images.

    The two are of different classes, or of the same class if the generator was trained with
    classes. Yields nothing if the test images have a single class and the generator has none.
    """
    labels, names = data.test.labels, data.class_names
    within_class = bool(latent_model.classes)
    if len(np.unique(labels)) < 2 and not within_class:
        return
    pairs = _pairs(labels, within_class, options.seed)
    ends = latents.posterior(data, latent_model, cache)[0][pairs]
    images = _interpolate(latent_model, ends, labels[pairs[:, 0]] if within_class else None)
    record = ClaimRecorder()
    title, summary = (
        _evenness(record, images)
        if reference_classifier is None
        else _confidence(record, cache, options, reference_classifier, images)
    )
    yield ImageGrid(
        name="interpolations",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(split="test", n=N_PAIRS, seed=options.seed),
        claims=record.claims,
        images=images[None, :ROWS],
        frame_names=("",),
        row_names=tuple(
            names[a] if within_class else f"{names[a]} to {names[b]}"
            for a, b in labels[pairs[:ROWS]]
        ),
        column_names=tuple(f"{share:.1f}" for share in np.linspace(0, 1, STEPS)),
        row_label="from one test image to another",
        column_label="position between the two",
    )


def _pairs(labels: np.ndarray, within_class: bool, seed: int) -> np.ndarray:
    """(N_PAIRS, 2) positions of two images of one class, or of two; combinations take turns."""
    random, present = np.random.default_rng(seed), np.unique(labels)
    kinds = [(c, c) for c in present] if within_class else list(combinations(present, 2))
    order = random.permutation(len(kinds))
    chosen = [kinds[order[pair % len(kinds)]] for pair in range(N_PAIRS)]
    of_class = {c: np.flatnonzero(labels == c) for c in present}
    return np.array([[random.choice(of_class[c]) for c in kind] for kind in chosen])


def _interpolate(
    latent_model: LatentModel, ends: np.ndarray, labels: np.ndarray | None
) -> np.ndarray:
    """Codes (n, 2, latent) of the ends to images (n, STEPS, H, W[, channels])."""
    codes = _line(ends[:, 0], ends[:, 1]).reshape(-1, latent_model.latent_dim)
    images = latents.decode(
        latent_model, codes, None if labels is None else np.repeat(labels, STEPS)
    )
    return images.reshape(len(ends), STEPS, *images.shape[1:])


def _line(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(n, ...) twice to (n, STEPS, ...) float32 in even steps."""
    share = np.linspace(0, 1, STEPS, dtype=np.float32).reshape(-1, *[1] * (start.ndim - 1))
    return start[:, None] * (1 - share) + end[:, None] * share


def _confidence(
    record: ClaimRecorder,
    cache: Cache,
    options: ExplainOptions,
    classifier: ReferenceClassifier,
    images: np.ndarray,
) -> tuple[str, str]:
    """Compare how often the classifier is confident along the line and along a pixel cross-fade."""

    def confident(steps: np.ndarray) -> np.ndarray:
        inner = steps[:, 1:-1]
        probabilities = classifier.probabilities(inner.reshape(-1, *inner.shape[2:]))
        return (probabilities.max(axis=1) > CONFIDENT).reshape(inner.shape[:2]).mean(axis=1)

    def make() -> dict[str, np.ndarray]:
        fade = _line(images[:, 0], images[:, -1]).round().astype(np.uint8)
        return {"interpolations": confident(images), "cross-fades": confident(fade)}

    name = f"interpolations-{N_PAIRS}-{options.seed}-{classifier.name}"
    cached = cache(name, make)
    shares, fade_shares = cached["interpolations"], cached["cross-fades"]
    mean, half = float(shares.mean()), float(half_width(shares))
    clear = fraction(
        "interpolation steps with a confident prediction",
        mean,
        n=N_PAIRS,
        low=max(0.0, mean - half),
        high=min(1.0, mean + half),
    )
    width = number(
        f"half the 95 % interval of {clear.name} (points)", 100 * half, "± {:.1f} points"
    )
    faded = fraction("the same for cross-fades of the pixels", fade_shares.mean(), n=N_PAIRS)
    return f"{record(clear)} of the steps between two images clearly show one class", (
        f"The classifier {classifier.name} is over {100 * CONFIDENT:.0f} % confident at "
        f"{record(clear)} of the {STEPS - 2} inner steps of {N_PAIRS} interpolations (95 % "
        f"interval {record(width)}), and at {record(faded)} where the pixels of the two ends are "
        "cross-faded instead."
    )


def _evenness(record: ClaimRecorder, images: np.ndarray) -> tuple[str, str]:
    """Compare the largest step of an interpolation with its mean step, in pixels."""
    flat = np.diff(images.astype(np.float32), axis=1).reshape(*images[:, 1:].shape[:2], -1)
    steps = np.sqrt((flat**2).mean(axis=2))
    ratios = steps.max(axis=1) / steps.mean(axis=1).clip(1e-12)
    ratio, half = float(ratios.mean()), float(half_width(ratios))
    name = "largest step of an interpolation over its mean step"
    rounded, exact = (
        record(number(name, ratio, form, N_PAIRS, low=ratio - half, high=ratio + half))
        for form in ("{:.1f} times", "{:.2f} times")
    )
    width = record(number(f"half the 95 % interval of {name}", half, "± {:.2f}"))
    return f"The largest step of an interpolation is {rounded} its mean step", (
        f"Root mean square pixel change per step: the largest of the {STEPS - 1} steps is "
        f"{exact} the mean step, on average over {N_PAIRS} interpolations (95 % interval {width})."
    )
