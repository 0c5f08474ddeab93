"""Generated images at fixed codes over the epochs of training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions, LatentModel
from glassnet.findings import ClaimRecorder, ImageGrid
from glassnet.findings.claims import count, number
from glassnet.inference import latents
from glassnet.insight.measures.pixel_differences import (
    mean_squared_difference,
    rms_pairwise_difference,
)

SIDE = 8
"""The film shows 8 x 8 codes."""

CLOSE = 10.0
"""Per cent of the difference between two samples, up to which one is close to its final form."""


def samples(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid]:
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
    gaps = [float(mean_squared_difference(image, chosen).mean()) for image in past]
    left = 100 * np.array(gaps) / max(rms_pairwise_difference(chosen) ** 2, 1e-12)
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
    made, real = (rms_pairwise_difference(each) for each in (images, evidence.test.inputs))
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
