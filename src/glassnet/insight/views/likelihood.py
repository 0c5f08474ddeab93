"""Likelihood of the test images under a generator, with its parts."""

from collections.abc import Iterator

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Table, count, interval, mean, number


def likelihood(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """Tabulate the importance-weighted bound, the negative ELBO, reconstruction and KL."""
    scores = evidence.results
    n, images, samples = scores["n"], scores["images"], scores["samples"]
    low, high = scores["interval"]
    bound, record = scores["iwae_nll"], ClaimRecorder()
    nll = number("bound on −log p(x)", bound, "{:.2f} nats", images, low=low, high=high)
    gap, half = scores["negative_elbo"] - bound, 1.96 * scores["part_standard_error"]
    below = mean("−ELBO less the bound", gap, half, "{:.2f} ± {:.2f} nats", images)
    n_test = record(count("test images", n))
    part = "all" if images == n else record(count("images behind the bound", images))
    yield Table(
        name="likelihood",
        section="result",
        title=f"−log p(x) of a test image is at most {record(nll)} on average",
        summary="The importance-weighted bound on −log p(x), with "
        f"{record(count('importance samples', samples))} samples per image and {scores['pixels']}, "
        f"has the 95 % interval {record(interval(nll, '{:.2f} to {:.2f} nats', 1))}. It lies "
        f"{record(below)} below the negative ELBO of all {n_test} test images, as measured on "
        f"{part} of them.",
        provenance=evidence.provenance(split="test", n=n, seed=0),
        claims=record.claims,
        columns=("measure", "nats per image", "standard error", "images", "meaning"),
        formats=("", ".2f", ".2f", ",d", ""),
        rows=(
            (
                f"bound, {samples:,} samples",
                bound,
                scores["standard_error"],
                images,
                f"bound on −log p(x), {scores['bits_per_dimension']:.3f} bits per dimension",
            ),
            (
                "−ELBO",
                scores["negative_elbo"],
                scores["negative_elbo_standard_error"],
                n,
                "sum of reconstruction and KL",
            ),
            (
                "reconstruction",
                scores["reconstruction"],
                scores["reconstruction_standard_error"],
                n,
                "−log p(x|z), the pixels given the code",
            ),
            (
                "KL",
                scores["kl"],
                scores["kl_standard_error"],
                n,
                "divergence of q(z|x) from the prior",
            ),
        ),
    )
