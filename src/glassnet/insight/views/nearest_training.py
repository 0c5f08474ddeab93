"""Generated images beside the nearest training images, and whether they are copies."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, ExplainOptions, LatentModel, MakeProvenance
from glassnet.findings import ClaimRecorder, ImageGrid, count, interval, number, share
from glassnet.inference import latents
from glassnet.insight.measures.nearest_neighbors import nearest_neighbors
from glassnet.insight.measures.ratio_of_medians import ratio_of_medians

SECTION = "samples"

N_IMAGES = 1000
"""Samples, and test images, whose nearest training image is searched."""

COLUMNS = 12
"""Samples in the figure, each with its nearest training image."""

SUSPICIOUS = 0.05
"""Copies are likely if more samples than this share are nearer than 99 % of the test images."""


def nearest_training(
    data: Data,
    latent_model: LatentModel,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[ImageGrid]:
    """Show samples beside their nearest training images, in the order of the distance."""
    samples = latents.sample(latent_model, N_IMAGES, options.seed)
    cached = cache(
        f"nearest-training-{N_IMAGES}-{options.seed}",
        lambda: _distances(data, options, samples),
    )
    distances = cached["samples"]
    ranks = np.linspace(0, len(samples) - 1, COLUMNS).round().astype(int)
    chosen = np.argsort(distances, kind="stable")[ranks]
    record = ClaimRecorder()
    title, summary = _verdict(record, distances, cached["test"], options.seed)
    neighbors = data.train.inputs[cached["positions"][chosen]]
    yield ImageGrid(
        name="nearest-training",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(split="train", n=len(data.train), seed=options.seed),
        claims=record.claims,
        images=np.stack([samples[chosen], neighbors])[None],
        frame_names=("",),
        row_names=("sample", "nearest training image"),
        column_names=tuple(f"{distance:.1f}" for distance in distances[chosen]),
        row_label="",
        column_label="distance, from the nearest sample to the farthest",
    )


def _distances(data: Data, options: ExplainOptions, samples: np.ndarray) -> dict[str, np.ndarray]:
    """Distances of samples and test images from the training images, with pixels in [0, 1]."""
    test = data.test.inputs[data.subsample(N_IMAGES, options.seed)]
    distances, positions = nearest_neighbors(np.concatenate([samples, test]), data.train.inputs)
    n = len(samples)
    return {
        "samples": distances[:n] / 255,
        "positions": positions[:n],
        "test": distances[n:] / 255,
    }


def _verdict(
    record: ClaimRecorder, samples: np.ndarray, test: np.ndarray, seed: int
) -> tuple[str, str]:
    """State whether samples are nearer to training images than test images are."""
    n, close = len(samples), float(np.quantile(test, 0.01))
    hits = int((samples < close).sum())
    copies = share("samples nearer to training than 99 % of test images", hits, n)
    low_share, high_share = (copies.low or 0.0, copies.high or 0.0)
    ratio, low, high = ratio_of_medians(samples, test, seed)
    times = number("ratio of the median distances", ratio, "{:.2f} times", n, low=low, high=high)
    if low_share > SUSPICIOUS:
        title = f"{record(copies)} of the samples may be copies of training images"
    elif high_share > SUSPICIOUS:
        title = "Some of the samples may be copies of training images"
    else:
        title = "The samples are not copies of training images"
    limit = number("distance of the nearest 1 % of test images", close, "{:.2f}")
    median = number("median distance of samples", np.median(samples), "{:.2f}", n)
    test_median = number("median distance of test images", np.median(test), "{:.2f}")
    return title, (
        f"{record(count(copies.name, hits))} of {record(count('samples', n))} samples are nearer "
        f"to a training image than 99 % of {record(count('test images', len(test)))} test images "
        f"are, that is, nearer than {record(limit)} (Euclidean, pixels in [0, 1]). The median "
        f"distance is {record(median)}, {record(times)} that of the test images, "
        f"{record(test_median)} (95 % interval {record(interval(times, '{:.2f} to {:.2f}', 1))})."
    )
