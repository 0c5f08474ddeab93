"""The aggregate posterior of the test images compared with the prior."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, ExplainOptions, LatentModel, MakeProvenance
from glassnet.findings import ClaimRecorder, Table, count, interval, minus_signs, share
from glassnet.inference import latents
from glassnet.insight.measures.nearest_neighbors import nearest_neighbors
from glassnet.insight.measures.used_dimensions import used_dimensions
from glassnet.stats.intervals import percent, wilson

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
    """Measure how well the codes of all test images together fill the prior.

    The codes are one sample from q(z|x) per test image, in the used dimensions. A sample from the
    prior lies in a hole if the nearest code of one half of the test images is farther away than it
    is for 99 % of the other half.
    """
    used = used_dimensions(latents.elbo_of(data, latent_model, cache)[1])
    if not len(used) or len(data.test) < 4:
        return
    codes = _sampled_codes(data, latent_model, cache, options.seed)[:, used]
    spread, center = codes.std(axis=0), codes.mean(axis=0)
    hits, n = _holes(codes, options.seed)
    low, high = (100 * end for end in wilson(hits, n))
    record, empty = ClaimRecorder(), share("share of samples from the prior in holes", hits, n)
    per_half = record(count("test codes in each half", n))
    farthest = int(np.abs(center).argmax())
    narrowest, widest = int(spread.argmin()), int(spread.argmax())
    yield Table(
        name="aggregate-posterior",
        section=SECTION,
        title=f"{record(empty)} of the codes sampled from the prior lie where no test image does",
        summary=f"A code lies in a hole if the nearest of {per_half} test codes is farther away "
        f"than it is for 99 % of {per_half} other test codes. "
        f"{record(count('samples in holes', hits))} of "
        f"{record(count('samples from the prior', n))} samples from the prior do (95 % interval "
        f"{record(interval(empty))}); 1 % would if the test codes filled it evenly.",
        provenance=provenance(split="test", n=2 * n, seed=options.seed),
        claims=record.claims,
        columns=("measure", "value", "value for the prior", "note"),
        formats=("", "", "", ""),
        rows=(
            ("samples in holes", percent(hits / n), "1 %", f"{low:.1f} to {high:.1f} % at 95 %"),
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
    noise = np.random.default_rng(seed).standard_normal(mean.shape, np.float32)
    return mean + np.exp(log_variance / 2) * noise


def _holes(codes: np.ndarray, seed: int) -> tuple[int, int]:
    """Count the samples from the prior that lie in holes between the codes, and all samples."""
    random = np.random.default_rng(seed)
    n = min(MAX_CODES, len(codes) // 2)
    pool, others = random.permutation(codes)[: 2 * n].reshape(2, n, -1)
    samples = random.standard_normal((n, codes.shape[1]), np.float32)
    limit = np.quantile(nearest_neighbors(others, pool)[0], 0.99)
    return int((nearest_neighbors(samples, pool)[0] > limit).sum()), n
