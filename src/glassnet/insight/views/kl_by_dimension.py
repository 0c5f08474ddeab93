"""KL divergence of the posterior from N(0, I), by latent dimension."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, LatentModel, MakeProvenance
from glassnet.findings import Bars, ClaimRecorder, count, fraction, mean, number
from glassnet.inference import latents
from glassnet.stats.intervals import half_width

SECTION = "latent-space"


def kl_by_dimension(
    data: Data, latent_model: LatentModel, cache: Cache, provenance: MakeProvenance
) -> Iterator[Bars]:
    """Plot the mean KL of q(z|x) from N(0, I) for every latent dimension, in falling order."""
    _, kl, _ = latents.elbo_of(data, latent_model, cache)
    n, dimensions = kl.shape
    means, half = kl.mean(axis=0), half_width(kl)
    order = np.argsort(-means, kind="stable")
    used, record = int((means >= latents.USED).sum()), ClaimRecorder()
    n_used = record(number("used dimensions", used, f"{used or 'None'} of {dimensions}"))
    yield Bars(
        name="kl-by-dimension",
        section=SECTION,
        title=f"{n_used} dimensions {'is' if used <= 1 else 'are'} used",
        summary=_summary(record, kl, means[order]),
        provenance=provenance(split="test", n=n),
        claims=record.claims,
        names=tuple(map(str, order)),
        values=means[order],
        low=(means - half)[order],
        high=(means + half)[order],
        muted=(means < latents.USED)[order],
        muted_label=f"unused (KL below {latents.USED} nats)",
        reference=None,
        reference_label="",
        x_label="latent dimension",
        y_label="KL (nats)",
    )


def _summary(record: ClaimRecorder, kl: np.ndarray, falling: np.ndarray) -> str:
    """State the total KL and how few dimensions carry half of it."""
    n, total = len(kl), float(falling.sum())
    per_image = mean("KL", total, float(half_width(kl.sum(axis=1))), "{:.2f} ± {:.2f} nats", n)
    few = int(np.searchsorted(np.cumsum(falling), 0.5 * total)) + 1
    strongest = "dimension carries"
    if few > 1:
        n_few = count("dimensions that carry half of it or more", few)
        strongest = f"{record(n_few)} dimensions carry"
    carried = fraction("their part of the KL", falling[:few].sum() / max(total, 1e-12))
    return (
        f"The KL of q(z|x) from N(0, I) is {record(per_image)} per image (mean over "
        f"{record(count('test images', n))} test images with its 95 % interval); the strongest "
        f"{strongest} {record(carried)} of it."
    )
