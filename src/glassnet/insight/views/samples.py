"""What a generator makes: samples while it learned, by class, rebuilt images, and walks between."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import cast

import numpy as np

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions, LatentModel, ReferenceClassifier
from glassnet.findings import ClaimRecorder, ImageGrid
from glassnet.findings.claims import count, fraction, interval, number, share
from glassnet.inference import latents
from glassnet.insight.views.latent_space import mean_codes
from glassnet.stats.intervals import half_width

SIDE = 8
"""The film shows 8 x 8 codes."""

CLOSE = 10.0
"""Per cent of the difference between two samples, up to which one is close to its final form."""

STYLES = 10
"""Codes that every class of the class grid is shown with."""

MOST_CLASSES = 20
"""Classes that the class grid shows at most."""

ASKED = 1000
"""Samples by which it is judged whether they show the class that was asked for."""

REBUILT = 16
"""Test images that are shown beside their reconstruction."""

WALKS = 200
"""Walks behind the numbers; the first 8 are shown."""

STEPS = 11
"""Images of one walk, both ends included."""

SURE = 0.9
"""The probability above which an image shows one class plainly."""


def samples_over_epochs(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid]:
    """The images at 64 fixed codes, decoded with the weights on the way to the chosen ones."""
    model, best = latents.model_of(evidence), evidence.best_epoch
    epochs = [epoch for epoch in evidence.snapshots if epoch < best]
    codes = latents.codes(model, SIDE * SIDE, options.seed)
    labels = latents.classes(model, SIDE * SIDE)
    chosen = latents.decode(model, codes, labels)
    past = _past(evidence, epochs, codes, labels)
    names = [f"epoch {epoch}" for epoch in (*epochs, best)] if epochs else [""]
    record = ClaimRecorder()
    title, summary = (
        _settling(record, epochs, best, past, chosen)
        if epochs
        else _variety(record, evidence, chosen)
    )
    yield ImageGrid(
        name="samples",
        section="samples",
        title=title,
        summary=summary,
        provenance=evidence.provenance(n=len(codes), seed=options.seed),
        claims=record.claims,
        images=np.stack([*past, chosen]).reshape(-1, SIDE, SIDE, *chosen.shape[1:]),
        frame_names=tuple(names),
        row_names=(),
        column_names=(),
        row_label="",
        column_label="",
    )


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


def reconstructions(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid]:
    """Test images, what the network sees of them, and what it rebuilds from their mean codes."""
    test, model = evidence.test, latents.model_of(evidence)
    rebuilt = latents.decode(model, mean_codes(evidence), test.labels if model.classes else None)
    seen = latents.pixels(latents.observed(evidence, test))
    where = evidence.subsample(REBUILT, options.seed)
    where = where[np.argsort(test.labels[where], kind="stable")]
    rows = {"original": test.inputs[where], "as observed": seen[where], "rebuilt": rebuilt[where]}
    if np.array_equal(rows["original"], rows["as observed"]):
        del rows["as observed"]
    record = ClaimRecorder()
    title, summary = _fidelity(record, evidence, rebuilt)
    yield ImageGrid(
        name="reconstructions",
        section="samples",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="test", n=len(test), seed=options.seed),
        claims=record.claims,
        images=np.stack([*rows.values()])[None],
        frame_names=("",),
        row_names=tuple(rows),
        column_names=(),
        row_label="",
        column_label="test images",
    )


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


def _past(
    evidence: Evidence, epochs: list[int], codes: np.ndarray, labels: np.ndarray | None
) -> list[np.ndarray]:
    """The images at these codes with the weights of some snapshots."""
    past = []
    with progress.stage("samples along the way", len(epochs), "snapshots") as advance:
        for epoch in epochs:
            model = cast("LatentModel", evidence.network_at(epoch))
            past.append(latents.decode(model, codes, labels))
            advance(1, note=f"epoch {epoch}")
    return past


def _settling(
    record: ClaimRecorder, epochs: list[int], best: int, past: list[np.ndarray], chosen: np.ndarray
) -> tuple[str, str]:
    """From which snapshot on the images are close to those of the chosen weights."""
    gaps = [float(_squared(image, chosen).mean()) for image in past]
    left = 100 * np.array(gaps) / max(_between_two(chosen) ** 2, 1e-12)
    settled = int(np.flatnonzero(left > CLOSE).max(initial=-1)) + 1
    final = record(number("chosen epoch", best, "{:.0f}"))
    title = f"The samples still change up to the chosen epoch, {final}"
    if settled < len(epochs):
        early = number("epoch from which the samples are close", epochs[settled], "epoch {:.0f}")
        title = f"By {record(early)} the samples are within {CLOSE:.0f} % of their final form"
    shown = sorted({0, 1, settled, len(epochs) - 1} & {*range(len(epochs))})
    numbers = ", ".join(
        record(
            number(
                f"difference from the final samples at epoch {epochs[i]} (%)",
                left[i],
                f"{{:.1f}} % at epoch {epochs[i]}",
                len(chosen),
            )
        )
        for i in shown
    )
    return title, (
        f"Mean squared pixel difference of these {record(count('samples', len(chosen)))} images from "
        f"those of the chosen weights, epoch {final}, where any two of the latter differ by 100 %: "
        f"{numbers}."
    )


def _variety(record: ClaimRecorder, evidence: Evidence, images: np.ndarray) -> tuple[str, str]:
    """How much two samples differ, beside two test images."""
    made, real = (_between_two(each) for each in (images, evidence.test.inputs))
    n, examples = len(images), len(evidence.test)

    def apart(form: str) -> tuple[str, str]:
        return (
            record(number("difference of two samples (of 255)", made, form, n)),
            record(number("difference of two test images (of 255)", real, form, examples)),
        )

    ours, theirs = apart("{:.0f}")
    title = f"Two samples differ by {ours} of 255, two test images by {theirs}"
    ours, theirs = apart("{:.1f}")
    return title, (
        f"Root mean square pixel difference between any two of the {record(count('samples', n))} "
        f"samples: {ours} of 255; between any two of {record(count('test images', examples))} test "
        f"images: {theirs}."
    )


def _between_two(images: np.ndarray) -> float:
    return float(np.sqrt(2 * images.astype(np.float32).var(axis=0, ddof=1).mean()))


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


def _fidelity(record: ClaimRecorder, evidence: Evidence, rebuilt: np.ndarray) -> tuple[str, str]:
    """How far the rebuilt images are off, beside the mean image."""
    test, model = evidence.test.inputs, latents.model_of(evidence)
    errors, n = _squared(rebuilt, test), len(test)
    error, half = errors.mean(), half_width(errors)
    low, off, high = np.sqrt([max(error - half, 0), error, error + half])
    plain = max(float(_squared(test, test.mean(axis=0, dtype=np.float32)).mean()), 1e-12)
    away = number("error of a rebuilt pixel (of 255)", off, "{:.1f}", n, low=low, high=high)
    guess = number("error of the mean image (of 255)", np.sqrt(plain), "{:.1f}", n)
    back = fraction("variance brought back", 1 - error / plain, n=n)
    code = record(count("latent dimensions", model.latent_dim))
    title = f"{code} numbers{' and the class' if model.classes else ''} bring back {record(back)}"
    return f"{title} of the pixels' variance", (
        f"Images rebuilt from their mean codes are {record(away)} of 255 off per pixel (root mean "
        f"square over {record(count('test images', n))} test images, 95 % interval "
        f"{record(interval(away, '{:.1f} to {:.1f}', 1))}); the mean image, the best guess without a "
        f"code, is {record(guess)} off."
    )


def _squared(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n,) mean squared pixel difference of each image from its counterpart."""
    gaps = images.astype(np.float32) - others
    return (gaps**2).reshape(len(images), -1).mean(axis=1)


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
