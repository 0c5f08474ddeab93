"""Generated images beside the nearest training images: are they copies?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, ImageGrid
from glassnet.findings.claims import count, interval, number, share
from glassnet.inference import latents
from glassnet.insight.measures.nearest_neighbors import nearest_neighbors

DRAWN = 1000
"""Samples, and test images, whose nearest training image is looked for."""

SHOWN = 12
"""Samples that are shown with their nearest training image."""

SUSPICIOUS = 0.05
"""Share of samples nearer to training than 99 % of test images from which on copies are likely."""

RESAMPLES = 1000
"""Bootstrap draws behind an interval."""


def nearest_training(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid]:
    """Samples beside the training images that are nearest_neighbors to them, from nearest_neighbors to farthest."""
    samples = latents.sample(latents.model_of(evidence), DRAWN, options.seed)
    stored = evidence.cached(
        f"nearest-{DRAWN}-{options.seed}", lambda: _distances(evidence, options, samples)
    )
    ours, theirs = stored["samples"], stored["test"]
    ranks = np.linspace(0, len(samples) - 1, SHOWN).round().astype(int)
    chosen = np.argsort(ours, kind="stable")[ranks]
    record = ClaimRecorder()
    title, summary = _verdict(record, ours, theirs, options.seed)
    yield ImageGrid(
        name="nearest-training",
        section="samples",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="train", n=len(evidence.train), seed=options.seed),
        claims=record.claims,
        images=np.stack([samples[chosen], evidence.train.inputs[stored["where"][chosen]]])[None],
        frame_names=("",),
        row_names=("sample", "nearest in training"),
        column_names=tuple(f"{distance:.1f}" for distance in ours[chosen]),
        row_label="",
        column_label="distance, from the nearest of all samples to the farthest",
    )


def ratio_of_medians(
    values: np.ndarray, others: np.ndarray, seed: int
) -> tuple[float, float, float]:
    """The median of `values` over that of `others`, with its 95 % percentile bootstrap interval."""
    random = np.random.default_rng(seed)

    def medians(numbers: np.ndarray) -> np.ndarray:
        draws = random.integers(0, len(numbers), (RESAMPLES, len(numbers)))
        return np.median(numbers[draws], axis=1)

    ratios = medians(values) / medians(others).clip(1e-12)
    ratio = np.median(values) / max(float(np.median(others)), 1e-12)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return float(ratio), float(low), float(high)


def _distances(
    evidence: Evidence, options: ExplainOptions, samples: np.ndarray
) -> dict[str, np.ndarray]:
    """From samples and from test images to training images, with pixels in [0, 1]."""
    test = evidence.test.inputs[evidence.subsample(DRAWN, options.seed)]
    distance, where = nearest_neighbors(np.concatenate([samples, test]), evidence.train.inputs)
    cut = len(samples)
    return {
        "samples": distance[:cut] / 255,
        "where": where[:cut],
        "test": distance[cut:] / 255,
    }


def _verdict(
    record: ClaimRecorder, ours: np.ndarray, theirs: np.ndarray, seed: int
) -> tuple[str, str]:
    """Whether more samples lie close to a training image than test images do."""
    n, close = len(ours), float(np.quantile(theirs, 0.01))
    hits = int((ours < close).sum())
    copies = share("samples nearer to training than 99 % of test images", hits, n)
    least, most = (copies.low or 0.0, copies.high or 0.0)
    ratio, low, high = ratio_of_medians(ours, theirs, seed)
    times = number("ratio of the median distances", ratio, "{:.2f} times", n, low=low, high=high)
    if least > SUSPICIOUS:
        title = f"{record(copies)} of the samples may be copies of training images"
    elif most > SUSPICIOUS:
        title = "Some of the samples may be copies of training images"
    else:
        title = "The samples are no copies of training images"
    return title, (
        f"{record(count(copies.name, hits))} of {record(count('samples', n))} samples lie nearer to a "
        f"training image than 99 % of {record(count('test images', len(theirs)))} test images do, at "
        f"less than {record(number('distance of the nearest 1 % of test images', close, '{:.2f}'))} "
        "(Euclidean, pixels in [0, 1]); the median distance is "
        f"{record(number('median distance of samples', np.median(ours), '{:.2f}', n))}, "
        f"{record(times)} the test images' "
        f"{record(number('median distance of test images', np.median(theirs), '{:.2f}'))} "
        f"(95 % interval {record(interval(times, '{:.2f} to {:.2f}', 1))})."
    )
