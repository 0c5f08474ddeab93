"""Test results of a generator: importance-weighted bound, ELBO, reconstruction and KL."""

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from glassnet.findings import ClaimRecorder, count, interval, mean, number
from glassnet.inference.latents import USED, Likelihood

GAIN = "decrease of the bound by the learned prior"
"""Name of the claim."""


def likelihood_scores(
    terms: Likelihood,
    pixels: str,
    dimensions: int,
    n_gaussians: int = 0,
    reweighted: bool = False,
) -> dict[str, Any]:
    """Compute the test results of a generator, as `Task.results` returns them.

    The importance-weighted bound is costly, so it may be computed for a part of the images. Its
    mean over all images is then estimated as their negative ELBO less the mean gap between the two
    on that part (a difference estimator, Cochran 1977, section 7.2). The gap varies far less from
    image to image than either bound.

    Args:
        terms: the terms of the likelihood, per image.
        pixels: what the likelihood is of, such as `dynamically binarised pixels`.
        dimensions: pixels times channels of one image.
        n_gaussians: Gaussians of the learned prior; 0 if the prior is N(0, I).
        reweighted: whether their mixture is reweighted.

    Returns:
        `iwae_nll`, the importance-weighted bound, with `standard_error` and a 95 % `interval` (both
        for the sampling of test images), the number of `images` behind it and of `samples` for
        each; `part_standard_error`, the error due to using a part of the images; `negative_elbo`,
        `reconstruction` and `kl` over all `n` images, each with its standard error; if the prior
        was learned, `prior_gaussians`, `prior_reweighted` and `prior_gain`, by how much it lowers
        `iwae_nll` (with its standard error); `kl_by_dimension`, of q(z|x) from N(0, I). All are in
        nats per image; lower is better.
    """
    images, n = len(terms.where), len(terms.reconstruction)
    elbo, reconstruction = map(_mean, (terms.bound, terms.reconstruction))
    kl = _mean(terms.kl.sum(axis=1) - terms.gain)
    bound, error, part_error = _difference_estimate(terms.bound, terms.log_likelihood, terms.where)
    low, high = bound - 1.96 * error, bound + 1.96 * error
    kl_by_dimension = terms.kl.mean(axis=0)
    used = int((kl_by_dimension >= USED).sum())
    record, n_test = ClaimRecorder(), count("test images", n)
    part = f"all {record(n_test)}"
    if images != n:
        part = f"{record(count('images behind the bound', images))} of the {record(n_test)}"
    nll = number("bound on −log p(x)", bound, "{:.2f} nats", images, low=low, high=high)
    nll_interval = record(interval(nll, "{:.2f} to {:.2f}", 1))
    negative_elbo = number("−ELBO", elbo[0], "{:.2f} nats", n, **_interval(elbo))
    rebuilt = number("reconstruction", reconstruction[0], "{:.2f}", n, **_interval(reconstruction))
    divergence = number("KL", kl[0], "{:.2f} nats", n, **_interval(kl))
    n_used = number("used latent dimensions", used, f"{{:.0f}} of {len(kl_by_dimension)}")
    prior: dict[str, Any] = {}
    with_prior = ""
    if n_gaussians:
        gain = _mean(terms.log_likelihood - terms.normal_log_likelihood)
        prior = {
            "prior_gaussians": n_gaussians,
            "prior_reweighted": reweighted,
            "prior_gain": gain[0],
            "prior_gain_standard_error": gain[1],
        }
        saved = record(mean(GAIN, gain[0], 1.96 * gain[1], "{:.2f} ± {:.2f} nats", images))
        learned = mixture(record, n_gaussians, reweighted)
        with_prior = f"; its prior is {learned}, which lowers it by {saved}"
    return {
        "n": n,
        "headline": "iwae_nll",
        "iwae_nll": bound,
        "standard_error": error,
        "part_standard_error": part_error,
        "interval": [low, high],
        "images": images,
        "samples": terms.samples,
        "pixels": pixels,
        "split": "test",
        **prior,
        "bits_per_dimension": bound / math.log(2) / dimensions,
        "negative_elbo": elbo[0],
        "negative_elbo_standard_error": elbo[1],
        "reconstruction": reconstruction[0],
        "reconstruction_standard_error": reconstruction[1],
        "kl": kl[0],
        "kl_standard_error": kl[1],
        "kl_by_dimension": kl_by_dimension.tolist(),
        "used_dimensions": used,
        "sentence": f"−log p(x) is at most {record(nll)} per test image",
        "numbers": [
            [
                "Bound on −log p(x)",
                record(nll),
                f"95 % interval {nll_interval}; "
                f"{record(count('importance samples', terms.samples))} importance samples for "
                f"{part} test images, {pixels}{with_prior}",
            ],
            ["−ELBO", record(negative_elbo), f"of {record(n_test)} test images, {pixels}"],
            [
                "Reconstruction + KL",
                f"{record(rebuilt)} + {record(divergence)}",
                f"{record(n_used)} latent dimensions used; {record(n_test)} test images, {pixels}",
            ],
        ],
        "claims": [asdict(claim) for claim in record.claims],
    }


def _interval(estimate: tuple[float, float]) -> dict[str, float]:
    """The 95 % interval of a mean with this standard error."""
    value, error = estimate
    return {"low": value - 1.96 * error, "high": value + 1.96 * error}


def mixture(record: ClaimRecorder, n_gaussians: int, reweighted: bool) -> str:
    """Describe a learned prior."""
    number_of = record(count("Gaussians of the prior", n_gaussians))
    kind = "reweighted mixture" if reweighted else "mixture"
    return f"a {kind} of {number_of} Gaussian{'' if n_gaussians == 1 else 's'}"


def _mean(values: np.ndarray) -> tuple[float, float]:
    """A mean and its standard error."""
    spread = values.std(ddof=1) if len(values) > 1 else 0.0
    return float(values.mean()), float(spread / math.sqrt(len(values)))


def _difference_estimate(
    elbo: np.ndarray, log_likelihood: np.ndarray, where: np.ndarray
) -> tuple[float, float, float]:
    """The bound over all images, its standard error, and the error due to using a part of them."""
    bounds, n = -log_likelihood, len(elbo)
    gaps = elbo[where] - bounds
    gap, gap_error = _mean(gaps)
    part_error = gap_error * math.sqrt(1 - len(gaps) / n)
    return (
        float(elbo.mean()) - gap,
        math.hypot(_mean(bounds)[1] * math.sqrt(len(gaps) / n), part_error),
        part_error,
    )
