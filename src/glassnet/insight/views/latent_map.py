"""A two-dimensional latent space as a map of decoded images, and the test images on that map."""

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from glassnet.contract import Cache, Data, ExplainOptions, LatentModel, MakeProvenance
from glassnet.findings import (
    ClaimRecorder,
    ImageGrid,
    Scatter,
    ScatterPanel,
    count,
    fraction,
    interval,
    minus_signs,
    number,
    share,
)
from glassnet.inference import latents
from glassnet.inference.subsample import EXAMPLES
from glassnet.insight.measures.neighbour_accuracy import neighbour_accuracy
from glassnet.insight.measures.pixel_differences import rms_neighbour_difference

SECTION = "latent-space"

SIDE = 20
"""The map has SIDE x SIDE images."""


def latent_map(
    data: Data,
    latent_model: LatentModel,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[ImageGrid | Scatter]:
    """Decode a grid over the latent space and place the test images on it.

    Yields nothing unless the latent space has exactly two dimensions.
    """
    if latent_model.latent_dim == 2:
        yield _images(data, latent_model, provenance)
        yield _points(data, latent_model, cache, provenance, options)


def _images(data: Data, latent_model: LatentModel, provenance: MakeProvenance) -> ImageGrid:
    """Images at the prior's quantiles, one frame per class; dimension 1 points up."""
    quantiles = [NormalDist().inv_cdf((place + 0.5) / SIDE) for place in range(SIDE)]
    across, up = np.meshgrid(quantiles, quantiles[::-1])
    codes = np.stack([across, up], axis=-1).reshape(-1, 2).astype(np.float32)
    labels = range(latent_model.classes) if latent_model.classes else [None]
    images = [
        latents.decode(latent_model, codes, latents.classes(latent_model, len(codes), label))
        for label in labels
    ]
    frames = np.stack(images).reshape(-1, SIDE, SIDE, *images[0].shape[1:])
    (near, far), n = rms_neighbour_difference(frames), frames.shape[0] * SIDE * SIDE
    record = ClaimRecorder()
    ratio = number("any two images' difference over neighbours'", far / max(near, 1e-12), "{:.1f}")
    adjacent = number("difference of neighbours (of 255)", near, "{:.1f}")
    any_two = number("difference of any two (of 255)", far, "{:.1f}")
    names = [
        minus_signs(f"{value:+.1f}") if place % 5 == 2 else ""
        for place, value in enumerate(quantiles)
    ]
    return ImageGrid(
        name="latent-map",
        section=SECTION,
        title=f"Any two images of the map differ {record(ratio)} times as much as neighbours do",
        summary=f"Neighbouring images differ by {record(adjacent)} of 255 per pixel, any two by "
        f"{record(any_two)} (root mean square over {record(count('images', n))} images at the "
        "quantiles of the prior).",
        provenance=provenance(n=n),
        claims=record.claims,
        images=frames,
        frame_names=data.class_names[: len(frames)] if latent_model.classes else ("",),
        row_names=tuple(names[::-1]),
        column_names=tuple(names),
        row_label="latent dimension 1",
        column_label="latent dimension 0",
        is_plane=True,
    )


def _points(
    data: Data,
    latent_model: LatentModel,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Scatter:
    """The test images at their mean codes."""
    positions = data.subsample(options.points, options.seed)
    points, labels = (
        latents.posterior(data, latent_model, cache)[0][positions],
        data.test.labels[positions],
    )
    score = neighbour_accuracy(points, labels, seed=options.seed)
    chance = fraction("chance", np.bincount(labels).max() / score.n)
    record = ClaimRecorder()
    accuracy = share(f"{score.method} accuracy in the two dimensions", score.hits, score.n)
    return Scatter(
        name="latent-map-points",
        section=SECTION,
        title=f"Two numbers identify the class of {record(accuracy)} of the test images",
        summary=f"Accuracy of the {score.n_neighbors} nearest neighbours ({score.method}) of each "
        "test image in the two "
        f"latent dimensions: {record(accuracy)} (95 % interval {record(interval(accuracy))}, "
        f"n = {record(count('test images', score.n))}; chance {record(chance)}).",
        provenance=provenance(split="test", n=score.n, seed=options.seed),
        claims=record.claims,
        panels=(
            ScatterPanel(
                label="mean codes",
                points=points,
                x_label="latent dimension 0",
                y_label="latent dimension 1",
                note=f"{score.method} accuracy {record(accuracy)} on this map",
                numbers={"neighbour_accuracy_plane": score.accuracy},
            ),
        ),
        labels=labels,
        class_names=data.class_names,
        examples=EXAMPLES,
    )
