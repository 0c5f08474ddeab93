"""Test results of a generator: importance-weighted bound, ELBO, reconstruction and KL."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from glassnet.findings import ClaimRecorder
from glassnet.findings.claims import count, interval, number
from glassnet.inference.latents import USED, Likelihood


def likelihood_scores(found: Likelihood, pixels: str, dimensions: int) -> dict[str, Any]:
    """The test numbers of a generator, as `Task.results` gives them.

    The importance-weighted bound is dear, so it may rest on a part of the images: the mean over
    all of them is then the negative ELBO of all, which is known, less the mean gap between the two
    on that part (a difference estimator, Cochran 1977, section 7.2). The gap varies far less from
    image to image than either bound.

    Args:
        found: the terms per image.
        pixels: what the likelihood is of, as `dynamically binarised pixels`.
        dimensions: pixels times channels of one image.

    Returns:
        `importance_weighted_bound` with `standard_error` and `interval` (95 %, of the images that
        might have been in the test set), `images` that it rests on and `samples` for each;
        `part_standard_error`, what is due to not taking all images; `elbo_bound` (the negative
        ELBO), `reconstruction` and `kl` over all `n` images, each with its standard error;
        `kl_by_dimension`; all in nats per image, less being better.
    """
    images, n = len(found.where), len(found.reconstruction)
    elbo, reconstruction, kl = map(_mean, (found.bound, found.reconstruction, found.kl.sum(axis=1)))
    bound, error, part_error = _whole_set(found, elbo[0])
    low, high = bound - 1.96 * error, bound + 1.96 * error
    each = found.kl.mean(axis=0)
    used = int((each >= USED).sum())
    record, whole = ClaimRecorder(), count("test images", n)
    part = f"all {record(whole)}"
    if images != n:
        part = f"{record(count('images behind the bound', images))} of the {record(whole)}"
    most = number("bound on −log p(x)", bound, "{:.2f} nats", images, low=low, high=high)
    ends = record(interval(most, "{:.2f} to {:.2f}", 1))
    negative = number("−ELBO", elbo[0], "{:.2f} nats", n, **_ends(elbo))
    rebuilt = number("reconstruction", reconstruction[0], "{:.2f}", n, **_ends(reconstruction))
    divergence = number("KL", kl[0], "{:.2f} nats", n, **_ends(kl))
    dimensions_used = number("used latent dimensions", used, f"{{:.0f}} of {len(each)}")
    return {
        "n": n,
        "headline": "iwae_nll",
        "iwae_nll": bound,
        "standard_error": error,
        "part_standard_error": part_error,
        "interval": [low, high],
        "images": images,
        "samples": found.samples,
        "pixels": pixels,
        "split": "test",
        "bits_per_dimension": bound / math.log(2) / dimensions,
        "negative_elbo": elbo[0],
        "negative_elbo_standard_error": elbo[1],
        "reconstruction": reconstruction[0],
        "reconstruction_standard_error": reconstruction[1],
        "kl": kl[0],
        "kl_standard_error": kl[1],
        "kl_by_dimension": [float(value) for value in each],
        "used_dimensions": used,
        "sentence": f"a test image costs at most {record(most)}",
        "numbers": [
            [
                "Bound on −log p(x)",
                record(most),
                f"95 % interval {ends}; {record(count('importance samples', found.samples))} "
                f"importance samples for {part} test images, {pixels}",
            ],
            ["−ELBO", record(negative), f"of {record(whole)} test images, {pixels}"],
            [
                "Reconstruction + KL",
                f"{record(rebuilt)} + {record(divergence)}",
                f"{record(dimensions_used)} latent dimensions used; {record(whole)} test images, "
                f"{pixels}",
            ],
        ],
        "claims": [asdict(claim) for claim in record.claims],
    }


def _ends(estimate: tuple[float, float]) -> dict[str, float]:
    """The 95 % interval of a mean with this standard error."""
    value, error = estimate
    return {"low": value - 1.96 * error, "high": value + 1.96 * error}


def _mean(values: np.ndarray) -> tuple[float, float]:
    """Mean and its standard error."""
    spread = values.std(ddof=1) if len(values) > 1 else 0.0
    return float(values.mean()), float(spread / math.sqrt(len(values)))


def _whole_set(found: Likelihood, elbo: float) -> tuple[float, float, float]:
    """The bound of all images from a part: its value, its standard error, and the part's share."""
    bounds, n = -found.log_likelihood, len(found.reconstruction)
    gaps = found.bound[found.where] - bounds
    gap, gap_error = _mean(gaps)
    part_error = gap_error * math.sqrt(1 - len(gaps) / n)
    return (
        elbo - gap,
        math.hypot(_mean(bounds)[1] * math.sqrt(len(gaps) / n), part_error),
        part_error,
    )
