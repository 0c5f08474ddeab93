"""Generated images at fixed codes over the epochs of training."""

from collections.abc import Iterator
from typing import cast

import numpy as np

from glassnet import progress
from glassnet.contract import Data, ExplainOptions, LatentModel, MakeProvenance, Networks
from glassnet.findings import ClaimRecorder, ImageGrid, count, number
from glassnet.inference import latents
from glassnet.insight.measures.pixel_differences import (
    mean_squared_difference,
    rms_pairwise_difference,
)

SECTION = "samples"

SIDE = 8
"""The figure shows SIDE x SIDE codes."""

CLOSE = 10.0
"""A sample is close to its final form below this per cent of the difference of two samples."""


def samples(
    data: Data,
    latent_model: LatentModel,
    networks: Networks,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[ImageGrid]:
    """Decode 64 fixed codes with the weights of every snapshot up to the chosen epoch."""
    best = networks.best_epoch
    epochs = [epoch for epoch in networks.snapshots if epoch < best]
    codes = latents.codes(latent_model, SIDE * SIDE, options.seed)
    labels = latents.classes(latent_model, SIDE * SIDE)
    final = latents.decode(latent_model, codes, labels)
    earlier = _decoded_at(networks, epochs, codes, labels)
    names = [str(epoch) for epoch in (*epochs, best)] if epochs else [""]
    record = ClaimRecorder()
    title, summary = (
        _convergence(record, epochs, best, earlier, final)
        if epochs
        else _variety(record, data, final)
    )
    yield ImageGrid(
        name="samples",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(n=len(codes), seed=options.seed),
        claims=record.claims,
        images=np.stack([*earlier, final]).reshape(-1, SIDE, SIDE, *final.shape[1:]),
        frame_names=tuple(names),
        row_names=(),
        column_names=(),
        row_label="",
        column_label="",
        frame_label="epoch",
    )


def _decoded_at(
    networks: Networks, epochs: list[int], codes: np.ndarray, labels: np.ndarray | None
) -> list[np.ndarray]:
    """The images at these codes with the weights of some snapshots."""
    images = []
    with progress.stage("samples over epochs", len(epochs), "snapshots") as advance:
        for epoch in epochs:
            images.append(
                latents.decode(cast("LatentModel", networks.network_at(epoch)), codes, labels)
            )
            advance(1, note=f"epoch {epoch}")
    return images


def _convergence(
    record: ClaimRecorder,
    epochs: list[int],
    best: int,
    earlier: list[np.ndarray],
    final: np.ndarray,
) -> tuple[str, str]:
    """Name the first snapshot from which the images are close to those of the chosen weights."""
    differences = [float(mean_squared_difference(images, final).mean()) for images in earlier]
    left = 100 * np.array(differences) / max(rms_pairwise_difference(final) ** 2, 1e-12)
    settled = int(np.flatnonzero(left > CLOSE).max(initial=-1)) + 1
    chosen = record(number("chosen epoch", best, "{:.0f}"))
    title = f"The samples still change up to the chosen epoch, {chosen}"
    if settled < len(epochs):
        early = number("epoch from which the samples are close", epochs[settled], "epoch {:.0f}")
        title = f"By {record(early)} the samples are within {CLOSE:.0f} % of their final form"
    numbers = ", ".join(
        record(
            number(
                "difference from the final samples (%)",
                left[i],
                f"{{:.1f}} % at epoch {epochs[i]}",
                len(final),
                epoch=epochs[i],
            )
        )
        for i in sorted({0, 1, settled, len(epochs) - 1} & {*range(len(epochs))})
    )
    return title, (
        f"Mean squared pixel difference of {record(count('samples', len(final)))} images, each "
        f"from a fixed code, from those of the chosen weights (epoch {chosen}), relative to the "
        f"difference between any two of the latter: {numbers}."
    )


def _variety(record: ClaimRecorder, data: Data, images: np.ndarray) -> tuple[str, str]:
    """Compare the difference of two samples with that of two test images."""
    generated, real = (rms_pairwise_difference(pixels) for pixels in (images, data.test.inputs))
    n, n_test = len(images), len(data.test)

    def differences(form: str) -> tuple[str, str]:
        return (
            record(number("difference of two samples (of 255)", generated, form, n)),
            record(number("difference of two test images (of 255)", real, form, n_test)),
        )

    of_samples, of_test = differences("{:.0f}")
    title = f"Two samples differ by {of_samples} of 255, two test images by {of_test}"
    of_samples, of_test = differences("{:.1f}")
    return title, (
        f"Root mean square pixel difference between any two of the {record(count('samples', n))} "
        f"samples: {of_samples} of 255; between any two of {record(count('test images', n_test))} "
        f"test images: {of_test}."
    )
