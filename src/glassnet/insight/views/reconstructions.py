"""Test images beside their reconstructions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, ImageGrid
from glassnet.findings.claims import count, fraction, interval, number
from glassnet.inference import latents
from glassnet.insight.measures.pixel_differences import mean_squared_difference
from glassnet.insight.measures.used_dimensions import mean_codes
from glassnet.stats.intervals import half_width

REBUILT = 16
"""Test images that are shown beside their reconstruction."""


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


def _fidelity(record: ClaimRecorder, evidence: Evidence, rebuilt: np.ndarray) -> tuple[str, str]:
    """How far the rebuilt images are off, beside the mean image."""
    test, model = evidence.test.inputs, latents.model_of(evidence)
    errors, n = mean_squared_difference(rebuilt, test), len(test)
    error, half = errors.mean(), half_width(errors)
    low, off, high = np.sqrt([max(error - half, 0), error, error + half])
    plain = max(
        float(mean_squared_difference(test, test.mean(axis=0, dtype=np.float32)).mean()), 1e-12
    )
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
