"""What training makes small: bounds on -log p(x), and the terms that they are made of."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from glassnet.inference.latents import kl_from_prior, log_ratio
from glassnet.tasks.vae.gaussian import Pass
from glassnet.training import sample_weights


class Terms(NamedTuple):
    """One pass in nats: log p(x|z) and log p(z) - log q(z|x) (K, B), KL in closed form (B, L)."""

    log_likelihood: Tensor
    log_ratio: Tensor
    kl: Tensor


def terms(seen: Pass, log_likelihood: Tensor) -> Terms:
    """Put the terms of a pass together.

    Args:
        seen: the pass.
        log_likelihood: (K * B,) of its parameters.
    """
    many = len(seen.codes) // len(seen.mean)
    noise = (seen.codes - seen.mean.repeat(many, 1)) / (seen.log_variance / 2).exp().repeat(many, 1)
    ratio = log_ratio(seen.codes, noise, seen.log_variance.repeat(many, 1))
    return Terms(
        log_likelihood.reshape(many, -1),
        ratio.reshape(many, -1),
        kl_from_prior(seen.mean, seen.log_variance),
    )


def elbo_loss(
    terms: Terms, beta: float = 1.0, free_bits: float = 0.0, weights: Tensor | None = None
) -> Tensor:
    """The negative ELBO, with a weight on the KL and a part of it free.

    Sources: the ELBO, Kingma & Welling 2014, equation 7; `beta`, Higgins et al. 2017,
    "beta-VAE", equation 4, and, growing from 0 as a warm-up, Bowman et al. 2016, section 3.1, and
    Sønderby et al. 2016, equation 14; `free_bits`, Kingma et al. 2016 (IAF), equation 15, a group
    per dimension and the mean over the batch.

    Args:
        beta: weight of the KL.
        free_bits: nats per dimension below which the KL costs nothing more.
        weights: (B,) of the images, with a mean of 1 over all batches.

    Returns:
        A scalar, in nats per image where beta is 1.

    Example:
        >>> t = Terms(torch.tensor([[-3.0]]), torch.zeros(1, 1), torch.tensor([[0.5, 2.0]]))
        >>> elbo_loss(t).item(), elbo_loss(t, free_bits=1.0).item(), elbo_loss(t, beta=2).item()
        (5.5, 6.0, 8.0)
    """
    each = terms.kl if weights is None else terms.kl * weights.unsqueeze(1)
    kl = each.mean(dim=0).clamp(min=free_bits).sum()
    return beta * kl - sample_weights.mean(terms.log_likelihood.T, weights)


def importance_weighted_loss(
    terms: Terms, beta: float = 1.0, weights: Tensor | None = None
) -> Tensor:
    """The negative importance-weighted bound with the pass's K samples.

    Source: Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders", equation 8.
    A beta below 1 (warm-up) weighs the ratio of prior and posterior.

    Example:
        >>> t = Terms(torch.tensor([[-3.0], [-3.0]]), torch.zeros(2, 1), torch.zeros(1, 1))
        >>> round(importance_weighted_loss(t).item(), 4)
        3.0
    """
    ratios = terms.log_likelihood + beta * terms.log_ratio  # (K, B)
    return math.log(len(ratios)) - sample_weights.mean(torch.logsumexp(ratios, dim=0), weights)
