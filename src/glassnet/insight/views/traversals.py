"""Latent traversals: images decoded along one latent dimension at a time."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, ExplainOptions, LatentModel, MakeProvenance
from glassnet.findings import ClaimRecorder, ImageGrid, mean, minus_signs, number
from glassnet.inference import latents
from glassnet.insight.measures.used_dimensions import used_dimensions
from glassnet.stats.intervals import half_width

SECTION = "latent-space"

MAX_ROWS = 16
"""Dimensions in the figure, those with the highest KL."""

REACH, STEPS = 3, 11
"""A traversal takes this many steps from -REACH to +REACH standard deviations of the prior."""

N_CODES = 100
"""Codes drawn from the prior over which the effect of a dimension is averaged."""


def traversals(
    data: Data,
    latent_model: LatentModel,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[ImageGrid]:
    """Vary one used dimension per row; all other coordinates stay at the origin."""
    _, kl, _ = latents.elbo_of(data, latent_model, cache)
    shown, mean_kl = used_dimensions(kl)[:MAX_ROWS], kl.mean(axis=0)
    if not len(shown):
        return
    values = np.linspace(-REACH, REACH, STEPS, dtype=np.float32)
    codes = np.zeros((len(shown) * STEPS, latent_model.latent_dim), np.float32)
    codes[np.arange(len(codes)), np.repeat(shown, STEPS)] = np.tile(values, len(shown))
    images = latents.decode(
        latent_model,
        codes,
        latents.classes(latent_model, len(codes), 0 if latent_model.classes else None),
    )
    record = ClaimRecorder()
    title, summary = _effects(data, latent_model, cache, record, options, shown)
    yield ImageGrid(
        name="traversals",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(n=N_CODES, seed=options.seed),
        claims=record.claims,
        images=images.reshape(1, len(shown), STEPS, *images.shape[1:]),
        frame_names=("",),
        row_names=tuple(f"dimension {d} ({mean_kl[d]:.1f} nats)" for d in shown),
        column_names=tuple(minus_signs(f"{value:+.1f}") if value else "0" for value in values),
        row_label="the dimension that varies, by KL",
        column_label="its value; all others are 0",
    )


def _effects(
    data: Data,
    latent_model: LatentModel,
    cache: Cache,
    record: ClaimRecorder,
    options: ExplainOptions,
    shown: np.ndarray,
) -> tuple[str, str]:
    """Compare the pixel change of the strongest, the weakest and the unused dimensions."""
    changes = np.stack([_pixel_change(latent_model, d, options.seed) for d in shown])
    means, halves = changes.mean(axis=1), half_width(changes, axis=1)
    top, bottom = int(means.argmax()), int(means.argmin())
    largest, smallest = (
        record(mean(f"change of a pixel by dimension {d}", value, half, "{:.1f} ± {:.1f}", N_CODES))
        for d, value, half in (
            (shown[place], means[place], halves[place]) for place in (top, bottom)
        )
    )
    unused = _unused(data, latent_model, cache, record, options.seed)
    label = f"; decoded as the class {data.class_names[0]}" if latent_model.classes else ""
    strongest = number("the dimension that changes the image most", shown[top], "{:.0f}")
    weakest = number("the one that changes it least", shown[bottom], "{:.0f}")
    return f"Dimension {record(strongest)} changes the image most", (
        f"Between -{REACH} and +{REACH}, dimension {record(strongest)} changes a pixel by "
        f"{largest} of 255, dimension {record(weakest)}, the weakest of those shown, by "
        f"{smallest}{unused} (means over {N_CODES} codes drawn from the prior, with 95 % "
        f"intervals{label})."
    )


def _unused(
    data: Data, latent_model: LatentModel, cache: Cache, record: ClaimRecorder, seed: int
) -> str:
    """State the largest pixel change by an unused dimension, if any dimension is unused."""
    _, kl, _ = latents.elbo_of(data, latent_model, cache)
    unused = np.setdiff1d(np.arange(latent_model.latent_dim), used_dimensions(kl))
    if not len(unused):
        return ""
    largest = max(_pixel_change(latent_model, d, seed).mean() for d in unused)
    change = number("greatest change by an unused dimension", largest, "{:.1f}", N_CODES)
    return f", and an unused one by {record(change)} at most"


def _pixel_change(latent_model: LatentModel, dimension: int, seed: int) -> np.ndarray:
    """(N_CODES,) mean absolute pixel change from one end of a dimension to the other."""
    labels = latents.classes(latent_model, N_CODES)
    ends = []
    for value in (-REACH, REACH):
        codes = latents.codes(latent_model, N_CODES, seed)
        codes[:, dimension] = value
        ends.append(latents.decode(latent_model, codes, labels).astype(np.float32))
    return np.abs(ends[1] - ends[0]).reshape(N_CODES, -1).mean(axis=1)
