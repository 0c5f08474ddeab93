"""How well a generator explains held-out images, as numbers and as a table."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Table
from glassnet.findings.claims import count, interval, mean, number


def likelihood(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """The test numbers as a table, with what each of them says."""
    scores = evidence.results
    n, images, samples = scores["n"], scores["images"], scores["samples"]
    low, high = scores["interval"]
    gap = scores["negative_elbo"] - scores["iwae_nll"]
    bound, record = scores["iwae_nll"], ClaimRecorder()
    most = number("bound on −log p(x)", bound, "{:.2f} nats", images, low=low, high=high)
    half = 1.96 * scores["part_standard_error"]
    below = mean("−ELBO less the bound", gap, half, "{:.2f} ± {:.2f} nats", images)
    whole = record(count("test images", n))
    part = "all" if images == n else record(count("images behind the bound", images))
    yield Table(
        name="likelihood",
        section="result",
        title=f"A test image costs at most {record(most)}",
        summary="The importance-weighted bound on −log p(x), "
        f"{record(count('importance samples', samples))} samples an image, {scores['pixels']}, has "
        f"the 95 % interval {record(interval(most, '{:.2f} to {:.2f} nats', 1))}; it lies "
        f"{record(below)} below the negative ELBO of all {whole} test images, as {part} of them "
        "show.",
        provenance=evidence.provenance(split="test", n=n, seed=0),
        claims=record.claims,
        columns=("measure", "nats per image", "standard error", "images", "what it says"),
        formats=("", ".2f", ".2f", ",d", ""),
        rows=(
            (
                f"bound, {samples:,} samples",
                scores["iwae_nll"],
                scores["standard_error"],
                images,
                f"on −log p(x), {scores['bits_per_dimension']:.3f} bits per dimension",
            ),
            (
                "−ELBO",
                scores["negative_elbo"],
                scores["negative_elbo_standard_error"],
                n,
                "the sum of the next two",
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
                "q(z|x) from the prior, the code itself",
            ),
        ),
    )
