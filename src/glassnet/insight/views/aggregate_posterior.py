"""The aggregate posterior of the test images compared with the prior."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, ExplainOptions, LatentModel, MakeProvenance
from glassnet.findings import ClaimRecorder, Table, count, interval, minus_signs, share
from glassnet.inference import latents
from glassnet.insight.measures.nearest_neighbors import nearest_neighbors
from glassnet.insight.measures.used_dimensions import used_dimensions

SECTION = "latent-space"

MAX_CODES = 5000
"""Codes in each half of the test set that is compared with the prior."""


def aggregate_posterior(
    data: Data,
    latent_model: LatentModel,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Table]:
    """Measure how many samples from the priors lie where no code of a test image does.

    The codes are one sample from q(z|x) per test image, in the used dimensions. A sample from the
    prior lies in a hole if the nearest code of one half of the test images is farther away than it
    is for 99 % of the other half.
    """
    used = used_dimensions(latents.elbo_of(data, latent_model, cache)[1])
    if not len(used) or len(data.test) < 4:
        return
    codes = _sampled_codes(data, latent_model, cache, options.seed)[:, used]
    spread, center = codes.std(axis=0), codes.mean(axis=0)
    n = min(MAX_CODES, len(codes) // 2)
    record = ClaimRecorder()
    per_half = record(count("test codes in each half", n))
    shares = []
    learned = ["the learned prior"] if latent_model.prior.n_gaussians else []
    for name in ("N(0, I)", *learned):
        samples = latents.codes(latent_model, n, options.seed, normal=name == "N(0, I)")[:, used]
        hits = _holes(codes, samples, options.seed)
        shares.append((name, share(f"share of samples from {name} in holes", hits, n)))
    holes = [
        (
            f"samples from {name} in holes",
            record(empty),
            "1 %",
            f"{record(interval(empty))} at 95 %",
        )
        for name, empty in shares
    ]
    farthest = int(np.abs(center).argmax())
    narrowest, widest = int(spread.argmin()), int(spread.argmax())
    yield Table(
        name="aggregate-posterior",
        section=SECTION,
        title=" and ".join(f"{record(empty)} of codes from {name}" for name, empty in shares)
        + " lie where no test image does",
        summary=f"A code lies in a hole if the nearest of {per_half} test codes is farther away "
        f"than it is for 99 % of {per_half} other test codes. Of "
        f"{record(count('samples', n))} samples each, in holes lie "
        + " and ".join(
            f"{record(empty)} of those from {name} (95 % interval {record(interval(empty))})"
            for name, empty in shares
        )
        + "; it would be 1 % if the test codes were distributed like the samples.",
        provenance=provenance(split="test", n=2 * n, seed=options.seed),
        claims=record.claims,
        columns=("measure", "value", "value for N(0, I)", "note"),
        formats=("", "", "", ""),
        rows=(
            *holes,
            (
                "farthest mean",
                minus_signs(f"{center[farthest]:+.2f}"),
                "0",
                f"of dimension {used[farthest]}",
            ),
            (
                "smallest standard deviation",
                f"{spread[narrowest]:.2f}",
                "1",
                f"of dimension {used[narrowest]}",
            ),
            (
                "largest standard deviation",
                f"{spread[widest]:.2f}",
                "1",
                f"of dimension {used[widest]}",
            ),
        ),
    )


def _sampled_codes(data: Data, latent_model: LatentModel, cache: Cache, seed: int) -> np.ndarray:
    """One sample from q(z|x) per test image: (n, latent) float32."""
    mean, log_variance = latents.posterior(data, latent_model, cache)
    return latents.drawn(mean, np.exp(log_variance / 2), np.random.default_rng(seed))


def _holes(codes: np.ndarray, samples: np.ndarray, seed: int) -> int:
    """Count the samples from a prior that lie in holes between the codes."""
    n = len(samples)
    pool, others = np.random.default_rng(seed).permutation(codes)[: 2 * n].reshape(2, n, -1)
    limit = np.quantile(nearest_neighbors(others, pool)[0], 0.99)
    return int((nearest_neighbors(samples, pool)[0] > limit).sum())
