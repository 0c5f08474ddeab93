"""Latent traversals: images along one latent dimension at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions, LatentModel
from glassnet.findings import ClaimRecorder, ImageGrid
from glassnet.findings.claims import mean, number
from glassnet.inference import latents
from glassnet.insight.measures.used_dimensions import used_dimensions
from glassnet.stats.intervals import half_width

ROWS = 16
"""Dimensions whose traversals are shown at most."""

REACH, STEPS = 3, 11
"""A traversal goes from -3 to 3 standard deviations in so many steps."""

BASES = 100
"""Codes of the prior over which the effect of a dimension is averaged."""


def traversals(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid]:
    """What each used dimension does: one coordinate moves, all others stay at the origin."""
    model, kl = latents.model_of(evidence), latents.elbo_of(evidence)[1].mean(axis=0)
    shown = used_dimensions(evidence)[:ROWS]
    if not len(shown):
        return
    reach = np.linspace(-REACH, REACH, STEPS, dtype=np.float32)
    codes = np.zeros((len(shown) * STEPS, model.latent_dim), np.float32)
    codes[np.arange(len(codes)), np.repeat(shown, STEPS)] = np.tile(reach, len(shown))
    images = latents.decode(model, codes, _first_class(model, len(codes)))
    record = ClaimRecorder()
    title, summary = _strongest(evidence, record, options, shown)
    yield ImageGrid(
        name="traversals",
        section="latent-space",
        title=title,
        summary=summary,
        provenance=evidence.provenance(n=BASES, seed=options.seed),
        claims=record.claims,
        images=images.reshape(1, len(shown), STEPS, *images.shape[1:]),
        frame_names=("",),
        row_names=tuple(f"dimension {d} ({kl[d]:.1f} nats)" for d in shown),
        column_names=tuple(f"{value:+.1f}" if value else "0" for value in reach),
        row_label="the one coordinate that moves, by KL",
        column_label="its value; all others are 0",
    )


def _first_class(model: LatentModel, count: int) -> np.ndarray | None:
    return latents.classes(model, count, 0 if model.classes else None)


def _strongest(
    evidence: Evidence, record: ClaimRecorder, options: ExplainOptions, shown: np.ndarray
) -> tuple[str, str]:
    """Which of the dimensions shown changes the image most, which least, and what the others do."""
    model = latents.model_of(evidence)
    rest = np.setdiff1d(np.arange(model.latent_dim), used_dimensions(evidence))
    changes = np.stack([_change(model, d, options.seed) for d in shown])
    means, halves = changes.mean(axis=1), half_width(changes, axis=1)
    most, least = int(means.argmax()), int(means.argmin())
    greatest, smallest = (
        record(mean(f"change of a pixel by dimension {d}", value, half, "{:.1f} ± {:.1f}", BASES))
        for d, value, half in (
            (shown[place], means[place], halves[place]) for place in (most, least)
        )
    )
    idle = ""
    if len(rest):
        largest = max(_change(model, d, options.seed).mean() for d in rest)
        unused = number("greatest change by an unused dimension", largest, "{:.1f}", BASES)
        idle = f", and an unused one by {record(unused)} at most"
    first = f"; shown for the class {evidence.class_names[0]}" if model.classes else ""
    strongest = number("the dimension that changes the image most", shown[most], "{:.0f}")
    weakest = number("the one that changes it least", shown[least], "{:.0f}")
    return f"Dimension {record(strongest)} changes the image most", (
        f"Between -{REACH} and +{REACH} dimension {record(strongest)} changes a pixel by {greatest} "
        f"of 255, dimension {record(weakest)}, the least of those shown, by {smallest}{idle} "
        f"(means over {BASES} codes of the prior with 95 % intervals{first})."
    )


def _change(model: LatentModel, dimension: int, seed: int) -> np.ndarray:
    """(BASES,) mean absolute pixel change from one end of a dimension to the other."""
    labels = latents.classes(model, BASES)
    ends = []
    for value in (-REACH, REACH):
        codes = latents.codes(model, BASES, seed)
        codes[:, dimension] = value
        ends.append(latents.decode(model, codes, labels).astype(np.float32))
    return np.abs(ends[1] - ends[0]).reshape(BASES, -1).mean(axis=1)
