"""The aggregate posterior of the test images against the prior."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Table
from glassnet.findings.claims import count, interval, share
from glassnet.inference import latents
from glassnet.insight.measures.nearest_neighbors import nearest_neighbors
from glassnet.insight.measures.used_dimensions import used_dimensions
from glassnet.stats.intervals import percent, wilson

MOST_CODES = 5000
"""Codes behind the comparison of the test set with the prior, at most."""


def aggregate_posterior(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """How well the codes of the test images, taken together, fill the prior.

    The codes are one draw from q(z|x) per test image, in the used dimensions. A draw from the prior
    lies in a hole where the nearest code of one half of the test images is farther than it is for
    99 % of the other half.
    """
    used = used_dimensions(evidence)
    if not len(used) or len(evidence.test) < 4:
        return
    codes = _drawn(evidence, options.seed)[:, used]
    spread, centre = codes.std(axis=0), codes.mean(axis=0)
    hits, n = _holes(codes, options.seed)
    low, high = (100 * end for end in wilson(hits, n))
    record, empty = ClaimRecorder(), share("draws from the prior in holes", hits, n)
    codes_told = record(count("test codes in each half", n))
    off, least, most = int(np.abs(centre).argmax()), int(spread.argmin()), int(spread.argmax())
    yield Table(
        name="aggregate-posterior",
        section="latent-space",
        title=f"{record(empty)} of the codes drawn from the prior lie where no test image does",
        summary=f"A code lies in a hole where the nearest of {codes_told} test codes is farther "
        f"than it is for 99 % of {codes_told} other test codes: "
        f"{record(count('draws in holes', hits))} of {record(count('draws from the prior', n))} draws "
        f"from the prior do (95 % interval {record(interval(empty))}), and 1 % would if test codes "
        "filled it evenly.",
        provenance=evidence.provenance(split="test", n=2 * n, seed=options.seed),
        claims=record.claims,
        columns=("measure", "value", "of the prior", "what it says"),
        formats=("", "", "", ""),
        rows=(
            ("draws in holes", percent(hits / n), "1 %", f"{low:.1f} to {high:.1f} % at 95 %"),
            ("farthest mean", f"{centre[off]:+.2f}", "0", f"of dimension {used[off]}"),
            ("least spread", f"{spread[least]:.2f}", "1", f"of dimension {used[least]}"),
            ("greatest spread", f"{spread[most]:.2f}", "1", f"of dimension {used[most]}"),
        ),
    )


def _drawn(evidence: Evidence, seed: int) -> np.ndarray:
    """One draw from q(z|x) per test image: (n, latent) float32."""
    mean, log_variance = latents.posterior(evidence)
    noise = np.random.default_rng(seed).standard_normal(mean.shape, np.float32)
    return mean + np.exp(log_variance / 2) * noise


def _holes(codes: np.ndarray, seed: int) -> tuple[int, int]:
    """How many draws from the prior lie in holes between the codes, and of how many."""
    random = np.random.default_rng(seed)
    n = min(MOST_CODES, len(codes) // 2)
    pool, others = random.permutation(codes)[: 2 * n].reshape(2, n, -1)
    drawn = random.standard_normal((n, codes.shape[1]), np.float32)
    usual = np.quantile(nearest_neighbors(others, pool)[0], 0.99)
    return int((nearest_neighbors(drawn, pool)[0] > usual).sum()), n
