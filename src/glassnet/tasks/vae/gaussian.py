"""What every VAE here shares: Gaussian codes, a likelihood, and one pass through both halves."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glassnet.inference.latents import kl_from_prior, reparameterize
from glassnet.tasks.vae.likelihoods import Likelihood


class Pass(NamedTuple):
    """One pass: parameters of p(x|z) (K * B, ...), codes (K * B, L), q(z|x)'s moments (B, L)."""

    parameters: Tensor
    codes: Tensor
    mean: Tensor
    log_variance: Tensor


class GaussianVAE(nn.Module):
    """An encoder q(z|x) with a diagonal Gaussian, a prior N(0, I), and a decoder p(x|z).

    Source: Kingma & Welling 2014, "Auto-encoding variational Bayes"; told of the class, q(z|x, y)
    and p(x|z, y), as in Sohn, Lee & Yan 2015, "Learning structured output representation using deep
    conditional generative models".

    Args:
        latent_dim: number of latent dimensions.
        likelihood: what the decoder's numbers say of pixels.
        classes: number of classes that both halves are told of; 0 for none.
    """

    def __init__(self, latent_dim: int, likelihood: Likelihood, classes: int = 0) -> None:
        super().__init__()
        self.latent_dim, self.likelihood, self.classes = latent_dim, likelihood, classes

    def features(self, observed: Tensor, told: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] and (B, classes) to the last hidden values."""
        raise NotImplementedError

    def paint(self, told: Tensor) -> Tensor:
        """Codes, with the class behind them where it is told, to parameters (B, maps, H, W)."""
        raise NotImplementedError

    mean: nn.Module
    log_variance: nn.Module

    def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z|x), (B, latent) each; by default of the likeliest class."""
        if self.classes and labels is None:
            labels = self.likeliest(observed)
        hidden = self.features(2 * observed - 1, self._told(observed, labels))
        # Bounds far outside what is ever learned keep a wild early step from ending in infinity.
        return self.mean(hidden).float(), self.log_variance(hidden).float().clamp(-14, 6)

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """Codes (B, latent), and labels (B,) where there are classes, to parameters of p(x|z)."""
        return self.paint(torch.cat([codes, self._told(codes, labels)], dim=1))

    def likeliest(self, observed: Tensor) -> Tensor:
        """The class under which each image's ELBO, at its mean code, is highest: (B,) int64."""
        scores = []
        for number in range(self.classes):
            labels = torch.full((len(observed),), number, device=observed.device)
            mean, log_variance = self.encode(observed, labels)
            seen = self.log_likelihood(self.decode(mean, labels), observed)
            scores.append(seen - kl_from_prior(mean, log_variance).sum(dim=1))
        return torch.stack(scores).argmax(dim=0)

    def _told(self, beside: Tensor, labels: Tensor | None) -> Tensor:
        """Labels as (B, classes) zeros and ones; (B, 0) where the network is told of none."""
        if not self.classes:
            return beside[:, :0].flatten(1)
        assert labels is not None  # noqa: S101 - whoever decodes knows the classes
        return F.one_hot(labels, self.classes).to(beside.dtype)

    def forward(
        self,
        observed: Tensor,
        labels: Tensor | None = None,
        samples: int = 1,
        generator: torch.Generator | None = None,
    ) -> Pass:
        """Encode, reparameterize `samples` codes per image, decode; reparameterize k of image b is row k * B + b."""
        mean, log_variance = self.encode(observed, labels)
        many = (samples, 1)
        codes = reparameterize(mean.repeat(many), log_variance.repeat(many), generator)
        told = labels.repeat(samples) if self.classes and labels is not None else None
        return Pass(self.decode(codes, told), codes, mean, log_variance)

    def observe(self, pixels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """uint8 pixels as what the likelihood is of."""
        return self.likelihood.observe(pixels, generator)

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        """log p(x|z) in nats: (B,)."""
        return self.likelihood.log_likelihood(parameters, observed)

    def images(self, parameters: Tensor) -> Tensor:
        """The mean image of p(x|z): (B, C, H, W) in [0, 1]."""
        return self.likelihood.mean(parameters)
