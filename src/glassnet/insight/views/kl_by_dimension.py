"""KL divergence of the posterior from the prior by latent dimension."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Bars, ClaimRecorder
from glassnet.findings.claims import count, fraction, mean, number
from glassnet.inference import latents
from glassnet.stats.intervals import half_width


def kl_by_dimension(evidence: Evidence, options: ExplainOptions) -> Iterator[Bars]:
    """How much each dimension tells of an image: the KL of its posterior from the prior."""
    _, kl = latents.elbo_of(evidence)
    n, dimensions = kl.shape
    each, half = kl.mean(axis=0), half_width(kl)
    order = np.argsort(-each, kind="stable")
    used, record = int((each >= latents.USED).sum()), ClaimRecorder()
    of = record(number("used dimensions", used, f"{used or 'None'} of {dimensions}"))
    yield Bars(
        name="kl-by-dimension",
        section="latent-space",
        title=f"{of} dimensions {'is' if used <= 1 else 'are'} used",
        summary=_information(record, kl, each[order]),
        provenance=evidence.provenance(split="test", n=n),
        claims=record.claims,
        names=tuple(map(str, order)),
        values=each[order],
        low=(each - half)[order],
        high=(each + half)[order],
        muted=(each < latents.USED)[order],
        muted_label=f"unused (KL below {latents.USED} nats)",
        reference=None,
        reference_label="",
        x_label="latent dimension",
        y_label="KL (nats)",
    )


def _information(record: ClaimRecorder, kl: np.ndarray, falling: np.ndarray) -> str:
    """The total KL and how many dimensions carry most of it."""
    n, total = len(kl), float(falling.sum())
    whole = mean("KL", total, float(half_width(kl.sum(axis=1))), "{:.2f} ± {:.2f} nats", n)
    few = int(np.searchsorted(np.cumsum(falling), 0.5 * total)) + 1
    words = "dimension carries"
    if few > 1:
        words = f"{record(count('dimensions that carry half of it or more', few))} dimensions carry"
    part = fraction("their part of the KL", falling[:few].sum() / max(total, 1e-12))
    return (
        f"The KL of q(z|x) from the prior is {record(whole)} an image (mean over "
        f"{record(count('test images', n))} test images with its 95 % interval); the strongest "
        f"{words} {record(part)} of it."
    )
