"""Likelihood of the test images under a generator, with its parts."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from glassnet.contract import MakeProvenance
from glassnet.findings import ClaimRecorder, Table, count, interval, mean, number
from glassnet.inference.likelihood import GAIN, mixture

SECTION = "result"


def likelihood(results: Mapping[str, Any], provenance: MakeProvenance) -> Iterator[Table]:
    """Tabulate the importance-weighted bound, the negative ELBO, reconstruction and KL."""
    n, images, samples = results["n"], results["images"], results["samples"]
    low, high = results["interval"]
    bound, record = results["iwae_nll"], ClaimRecorder()
    nll = number("bound on −log p(x)", bound, "{:.2f} nats", images, low=low, high=high)
    gap, half = results["negative_elbo"] - bound, 1.96 * results["part_standard_error"]
    below = mean("−ELBO less the bound", gap, half, "{:.2f} ± {:.2f} nats", images)
    n_test = record(count("test images", n))
    part = "all" if images == n else record(count("images behind the bound", images))
    learned = results.get("prior_gaussians", 0)
    yield Table(
        name="likelihood",
        section=SECTION,
        title=f"−log p(x) of a test image is at most {record(nll)} on average",
        summary="The importance-weighted bound on −log p(x), with "
        f"{record(count('importance samples', samples))} samples per image and "
        f"{results['pixels']}, has the 95 % interval "
        f"{record(interval(nll, '{:.2f} to {:.2f} nats', 1))}. It lies {record(below)} "
        f"below the negative ELBO of all {n_test} test images, as measured on {part} of them."
        + (_prior(record, results) if learned else ""),
        provenance=provenance(split="test", n=n, seed=0),
        claims=record.claims,
        columns=("measure", "nats per image", "standard error", "images", "meaning"),
        formats=("", ".2f", ".2f", ",d", ""),
        rows=(
            (
                f"bound, {samples:,} samples",
                bound,
                results["standard_error"],
                images,
                f"bound on −log p(x), {results['bits_per_dimension']:.3f} bits per dimension",
            ),
            *(_with_normal_prior(results) if learned else ()),
            (
                "−ELBO",
                results["negative_elbo"],
                results["negative_elbo_standard_error"],
                n,
                "sum of reconstruction and KL",
            ),
            (
                "reconstruction",
                results["reconstruction"],
                results["reconstruction_standard_error"],
                n,
                "−log p(x|z), the pixels given the code",
            ),
            (
                "KL",
                results["kl"],
                results["kl_standard_error"],
                n,
                "divergence of q(z|x) from the prior",
            ),
        ),
    )


def _prior(record: ClaimRecorder, results: Mapping[str, Any]) -> str:
    """Say what the prior is, and what it is worth."""
    gain, half = results["prior_gain"], 1.96 * results["prior_gain_standard_error"]
    saved = mean(GAIN, gain, half, "{:.2f} ± {:.2f} nats", results["images"])
    reweighted = results.get("prior_reweighted", False)  # runs of old have no such field
    learned = mixture(record, results["prior_gaussians"], reweighted)
    return (
        f" The prior is {learned}, fitted to the codes of training images; "
        f"in place of N(0, I) it lowers the bound by {record(saved)}."
    )


def _with_normal_prior(results: Mapping[str, Any]) -> Iterator[tuple[str, float, float, int, str]]:
    """The row of the bound with the prior N(0, I)."""
    bound, gain = results["iwae_nll"], results["prior_gain"]
    error = math.hypot(results["standard_error"], results["prior_gain_standard_error"])
    yield "bound, prior N(0, I)", bound + gain, error, results["images"], "of the same network"
