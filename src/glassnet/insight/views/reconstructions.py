"""Test images beside their reconstructions."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, ExplainOptions, LatentModel, MakeProvenance
from glassnet.findings import ClaimRecorder, ImageGrid, count, fraction, interval, number
from glassnet.inference import latents
from glassnet.insight.measures.pixel_differences import mean_squared_difference
from glassnet.stats.intervals import half_width

SECTION = "samples"

N_IMAGES = 16
"""Test images in the figure."""


def reconstructions(
    data: Data,
    latent_model: LatentModel,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[ImageGrid]:
    """Show test images, the same images as the encoder observes them, and their reconstructions.

    Images are reconstructed from the mean of q(z|x). The middle row is left out where the encoder
    observes the pixels unchanged.
    """
    test = data.test
    mean_codes, _ = latents.posterior(data, latent_model, cache)
    rebuilt = latents.decode(
        latent_model, mean_codes, test.labels if latent_model.classes else None
    )
    chosen = data.subsample(N_IMAGES, options.seed)
    chosen = chosen[np.argsort(test.labels[chosen], kind="stable")]
    rows = {
        "original": test.inputs[chosen],
        "as observed": latents.pixels(latents.observed(data, latent_model, test))[chosen],
        "reconstruction": rebuilt[chosen],
    }
    if np.array_equal(rows["original"], rows["as observed"]):
        del rows["as observed"]
    record = ClaimRecorder()
    title, summary = _error(record, data, latent_model, rebuilt)
    yield ImageGrid(
        name="reconstructions",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(split="test", n=len(test), seed=options.seed),
        claims=record.claims,
        images=np.stack([*rows.values()])[None],
        frame_names=("",),
        row_names=tuple(rows),
        column_names=(),
        row_label="",
        column_label="test images",
    )


def _error(
    record: ClaimRecorder, data: Data, latent_model: LatentModel, rebuilt: np.ndarray
) -> tuple[str, str]:
    """Compare the pixel error of the reconstructions with that of the mean image."""
    test = data.test.inputs
    errors, n = mean_squared_difference(rebuilt, test), len(test)
    error, half = errors.mean(), half_width(errors)
    low, rms, high = np.sqrt([max(error - half, 0), error, error + half])
    mean_image = test.mean(axis=0, dtype=np.float32)
    baseline = max(float(mean_squared_difference(test, mean_image).mean()), 1e-12)
    off = number("error of a reconstructed pixel (of 255)", rms, "{:.1f}", n, low=low, high=high)
    off_mean = number("error of the mean image (of 255)", np.sqrt(baseline), "{:.1f}", n)
    explained = fraction("pixel variance explained", 1 - error / baseline, n=n)
    dimensions = record(count("latent dimensions", latent_model.latent_dim))
    source = f"{dimensions} latent dimensions{' and the class' if latent_model.classes else ''}"
    return f"{source} explain {record(explained)} of the pixel variance", (
        f"Reconstructions from the mean codes are off by {record(off)} of 255 per pixel (root mean "
        f"square over {record(count('test images', n))} test images, 95 % interval "
        f"{record(interval(off, '{:.1f} to {:.1f}', 1))}); the mean image, the best guess without "
        f"a code, is off by {record(off_mean)}."
    )
