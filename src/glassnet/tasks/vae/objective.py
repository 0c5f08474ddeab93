"""VAE objectives: the negative ELBO and the importance-weighted bound, and their terms."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from glassnet.inference.latents import kl_from_prior, log_ratio
from glassnet.tasks.vae.gaussian import ForwardPass
from glassnet.training import sample_weights


class Terms(NamedTuple):
    """Terms of a pass in nats.

    Attributes:
        log_likelihood: (K, B) log p(x|z).
        log_ratio: (K, B) log p(z) - log q(z|x).
        kl: (B, L) exact KL of q(z|x) from N(0, I).
        gain: (K, B) by how much a learned prior lowers the KL.
    """

    log_likelihood: Tensor
    log_ratio: Tensor
    kl: Tensor
    gain: Tensor = torch.zeros(1, 1)


def elbo_terms(forward: ForwardPass, log_likelihood: Tensor, gain: Tensor | None = None) -> Terms:
    """The terms of the bounds.

    Args:
        forward: a pass with K samples per image.
        log_likelihood: (K * B,) log p(x|z) of its parameters.
        gain: (K * B,) log density of the codes less that of N(0, I); None if that is the prior.
    """
    gain = torch.zeros_like(log_likelihood) if gain is None else gain
    codes, mean, log_variance = forward.codes, forward.mean, forward.log_variance
    samples = len(codes) // len(mean)
    noise = (codes - mean.repeat(samples, 1)) / (log_variance / 2).exp().repeat(samples, 1)
    ratio = log_ratio(codes, noise, log_variance.repeat(samples, 1)) + gain
    return Terms(
        log_likelihood.reshape(samples, -1),
        ratio.reshape(samples, -1),
        kl_from_prior(mean, log_variance),
        gain.reshape(samples, -1),
    )


def elbo_loss(
    terms: Terms, beta: float = 1.0, free_bits: float = 0.0, weights: Tensor | None = None
) -> Tensor:
    """Negative ELBO with a weight on the KL divergence and free bits.

    Sources: the ELBO, Kingma & Welling 2014, equation 7; `beta`, Higgins et al. 2017,
    "beta-VAE", equation 4, and, growing from 0 as a warm-up, Bowman et al. 2016, section 3.1, and
    Sønderby et al. 2016, equation 14; `free_bits`, Kingma et al. 2016 (IAF), equation 15, a group
    per dimension and the mean over the batch.

    Args:
        beta: weight of the KL divergence.
        free_bits: nats per dimension below which the KL divergence is free.
        weights: (B,) of the images, with a mean of 1 over all batches.

    Returns:
        A scalar, in nats per image where beta is 1.

    Example:
        >>> t = Terms(torch.tensor([[-3.0]]), torch.zeros(1, 1), torch.tensor([[0.5, 2.0]]))
        >>> elbo_loss(t).item(), elbo_loss(t, free_bits=1.0).item(), elbo_loss(t, beta=2).item()
        (5.5, 6.0, 8.0)
    """
    kl = terms.kl if weights is None else terms.kl * weights.unsqueeze(1)
    total = kl.mean(dim=0).clamp(min=free_bits).sum()
    gained = (terms.log_likelihood + beta * terms.gain).T
    return beta * total - sample_weights.mean(gained, weights)


def importance_weighted_loss(
    terms: Terms, beta: float = 1.0, weights: Tensor | None = None
) -> Tensor:
    """Negative importance-weighted bound with K samples.

    Source: Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders", equation 8.
    A beta below 1 (warm-up) weights the ratio of prior and posterior.

    Example:
        >>> t = Terms(torch.tensor([[-3.0], [-3.0]]), torch.zeros(2, 1), torch.zeros(1, 1))
        >>> round(importance_weighted_loss(t).item(), 4)
        3.0
    """
    ratios = terms.log_likelihood + beta * terms.log_ratio  # (K, B)
    return math.log(len(ratios)) - sample_weights.mean(torch.logsumexp(ratios, dim=0), weights)
