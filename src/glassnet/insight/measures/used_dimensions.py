"""The latent dimensions that carry information."""

from __future__ import annotations

import numpy as np

from glassnet.contract import Evidence
from glassnet.inference import latents


def mean_codes(evidence: Evidence) -> np.ndarray:
    """The mean of q(z|x) of every test image: (n, latent) float32; kept."""
    return latents.posterior(evidence)[0]


def used_dimensions(evidence: Evidence) -> np.ndarray:
    """The numbers of the dimensions that carry information, strongest first."""
    kl = latents.elbo_of(evidence)[1].mean(axis=0)
    order = np.argsort(-kl, kind="stable")
    return order[kl[order] >= latents.USED]
