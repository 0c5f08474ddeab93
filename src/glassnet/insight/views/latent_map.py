"""A two-dimensional latent space as a map of decoded images, and the test images in it."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, ImageGrid, Scatter, ScatterPanel
from glassnet.findings.claims import count, fraction, interval, number
from glassnet.inference import latents
from glassnet.insight.measures.neighbor_accuracy import neighbour_accuracy
from glassnet.insight.measures.used_dimensions import mean_codes

SIDE = 20
"""The map of a plane of codes is 20 x 20 images."""


def latent_map(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid | Scatter]:
    """The whole plane of codes as images, and the test images in it; for two dimensions only."""
    if latents.model_of(evidence).latent_dim == 2:
        yield _plane(evidence)
        yield _points(evidence, options)


def _plane(evidence: Evidence) -> ImageGrid:
    """Images at the prior's quantiles; the second dimension points up, a frame per class."""
    model = latents.model_of(evidence)
    quantiles = [NormalDist().inv_cdf((place + 0.5) / SIDE) for place in range(SIDE)]
    across, up = np.meshgrid(quantiles, quantiles[::-1])
    codes = np.stack([across, up], axis=-1).reshape(-1, 2).astype(np.float32)
    asked = range(model.classes) if model.classes else [None]
    images = [latents.decode(model, codes, latents.classes(model, len(codes), c)) for c in asked]
    frames = np.stack(images).reshape(-1, SIDE, SIDE, *images[0].shape[1:])
    (near, far), record, shown = _contrast(frames), ClaimRecorder(), frames.shape[0] * SIDE * SIDE
    ratio = number("any two images' difference over neighbours'", far / max(near, 1e-12), "{:.1f}")
    close = number("difference of neighbours (of 255)", near, "{:.1f}")
    apart = number("difference of any two (of 255)", far, "{:.1f}")
    names = [f"{value:+.1f}" if place % 5 == 2 else "" for place, value in enumerate(quantiles)]
    return ImageGrid(
        name="latent-map",
        section="latent-space",
        title=f"Neighbours on the map differ {record(ratio)} times less than any two of its images",
        summary=f"Neighbouring images differ by {record(close)} of 255 per pixel, any two by "
        f"{record(apart)} (root mean square over {record(count('images', shown))} images at the "
        "quantiles of the prior).",
        provenance=evidence.provenance(n=shown),
        claims=record.claims,
        images=frames,
        frame_names=evidence.class_names[: len(frames)] if model.classes else ("",),
        row_names=tuple(names[::-1]),
        column_names=tuple(names),
        row_label="latent dimension 1",
        column_label="latent dimension 0",
    )


def _contrast(frames: np.ndarray) -> tuple[float, float]:
    """Root mean square pixel difference of neighbours in the map, and of any two in it."""
    pixels = frames.astype(np.float32)
    near = [(np.diff(pixels, axis=axis) ** 2).mean() for axis in (1, 2)]
    any_two = 2 * pixels.var(axis=(1, 2), ddof=1).mean()
    return float(np.sqrt(np.mean(near))), float(np.sqrt(any_two))


def _points(evidence: Evidence, options: ExplainOptions) -> Scatter:
    """The test images at their mean codes."""
    examples = evidence.examples(options.points, options.seed)
    points = mean_codes(evidence)[evidence.subsample(options.points, options.seed)]
    score = neighbour_accuracy(points, examples.labels, seed=options.seed)
    chance = fraction("chance", np.bincount(examples.labels).max() / score.n)
    record, right = ClaimRecorder(), score.claim("10-NN accuracy in the two dimensions")
    return Scatter(
        name="latent-map-points",
        section="latent-space",
        title=f"Two numbers tell the class of {record(right)} of the test images",
        summary="Held-out test images whose class their 10 nearest neighbours (10-NN) in the two "
        f"dimensions name: {record(right)} (95 % interval {record(interval(right))}, "
        f"n = {record(count('test images', score.n))}; chance {record(chance)}).",
        provenance=evidence.provenance(split="test", n=score.n, seed=options.seed),
        claims=record.claims,
        panels=(
            ScatterPanel(
                label="mean codes",
                points=points,
                x_label="latent dimension 0",
                y_label="latent dimension 1",
                note=f"10-NN accuracy {record(right)} on this map",
                numbers={"neighbour_accuracy_plane": score.accuracy},
            ),
        ),
        labels=examples.labels,
        class_names=examples.class_names,
        examples=examples.name,
    )
