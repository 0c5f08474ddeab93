"""Latent dimensions that carry information, by their KL divergence from N(0, I)."""

import numpy as np

from glassnet.inference.latents import USED


def used_dimensions(kl: np.ndarray) -> np.ndarray:
    """Return the numbers of the used dimensions, the one with the highest KL first.

    A dimension is used if its mean KL is at least `USED` nats.

    Args:
        kl: (n, latent) KL of q(z|x) from N(0, I), per image and dimension, in nats.

    Example:
        >>> used_dimensions(np.array([[0.5, 0.0, 2.0], [0.7, 0.0, 3.0]]))
        array([2, 0])
    """
    mean = kl.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    return order[mean[order] >= USED]
