"""A two-dimensional latent space as a map of decoded images, and the test images on that map."""

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import (
    ClaimRecorder,
    ImageGrid,
    Scatter,
    ScatterPanel,
    count,
    fraction,
    interval,
    number,
    share,
)
from glassnet.inference import latents
from glassnet.insight.measures.neighbour_accuracy import neighbour_accuracy
from glassnet.insight.measures.pixel_differences import rms_neighbour_difference

SIDE = 20
"""The map has SIDE x SIDE images."""


def latent_map(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid | Scatter]:
    """Decode a grid over the latent space and place the test images on it.

    Yields nothing unless the latent space has exactly two dimensions.
    """
    if latents.model_of(evidence).latent_dim == 2:
        yield _images(evidence)
        yield _points(evidence, options)


def _images(evidence: Evidence) -> ImageGrid:
    """Images at the prior's quantiles, one frame per class; dimension 1 points up."""
    model = latents.model_of(evidence)
    quantiles = [NormalDist().inv_cdf((place + 0.5) / SIDE) for place in range(SIDE)]
    across, up = np.meshgrid(quantiles, quantiles[::-1])
    codes = np.stack([across, up], axis=-1).reshape(-1, 2).astype(np.float32)
    labels = range(model.classes) if model.classes else [None]
    images = [
        latents.decode(model, codes, latents.classes(model, len(codes), label)) for label in labels
    ]
    frames = np.stack(images).reshape(-1, SIDE, SIDE, *images[0].shape[1:])
    (near, far), n = rms_neighbour_difference(frames), frames.shape[0] * SIDE * SIDE
    record = ClaimRecorder()
    ratio = number("any two images' difference over neighbours'", far / max(near, 1e-12), "{:.1f}")
    adjacent = number("difference of neighbours (of 255)", near, "{:.1f}")
    any_two = number("difference of any two (of 255)", far, "{:.1f}")
    names = [f"{value:+.1f}" if place % 5 == 2 else "" for place, value in enumerate(quantiles)]
    return ImageGrid(
        name="latent-map",
        section="latent-space",
        title=f"Any two images of the map differ {record(ratio)} times as much as neighbours do",
        summary=f"Neighbouring images differ by {record(adjacent)} of 255 per pixel, any two by "
        f"{record(any_two)} (root mean square over {record(count('images', n))} images at the "
        "quantiles of the prior).",
        provenance=evidence.provenance(n=n),
        claims=record.claims,
        images=frames,
        frame_names=evidence.class_names[: len(frames)] if model.classes else ("",),
        row_names=tuple(names[::-1]),
        column_names=tuple(names),
        row_label="latent dimension 1",
        column_label="latent dimension 0",
        is_plane=True,
    )


def _points(evidence: Evidence, options: ExplainOptions) -> Scatter:
    """The test images at their mean codes."""
    examples = evidence.examples(options.points, options.seed)
    mean_codes, _ = latents.posterior(evidence)
    points = mean_codes[evidence.subsample(options.points, options.seed)]
    score = neighbour_accuracy(points, examples.labels, seed=options.seed)
    chance = fraction("chance", np.bincount(examples.labels).max() / score.n)
    record = ClaimRecorder()
    accuracy = share("10-NN accuracy in the two dimensions", score.hits, score.n)
    return Scatter(
        name="latent-map-points",
        section="latent-space",
        title=f"Two numbers identify the class of {record(accuracy)} of the test images",
        summary="Accuracy of the 10 nearest neighbours (10-NN) of each test image in the two "
        f"latent dimensions: {record(accuracy)} (95 % interval {record(interval(accuracy))}, "
        f"n = {record(count('test images', score.n))}; chance {record(chance)}).",
        provenance=evidence.provenance(split="test", n=score.n, seed=options.seed),
        claims=record.claims,
        panels=(
            ScatterPanel(
                label="mean codes",
                points=points,
                x_label="latent dimension 0",
                y_label="latent dimension 1",
                note=f"10-NN accuracy {record(accuracy)} on this map",
                numbers={"neighbour_accuracy_plane": score.accuracy},
            ),
        ),
        labels=examples.labels,
        class_names=examples.class_names,
        examples=examples.name,
    )
