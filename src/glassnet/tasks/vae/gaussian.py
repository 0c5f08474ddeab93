"""Base of the VAEs: Gaussian latent codes, a likelihood, and a pass through encoder and decoder."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glassnet.inference.latents import kl_from_prior, reparameterize
from glassnet.inference.prior import Prior
from glassnet.tasks.vae.likelihoods import Likelihood


class ForwardPass(NamedTuple):
    """Result of one pass with K samples per image.

    Attributes:
        parameters: of p(x|z), (K * B, ...).
        codes: (K * B, L).
        mean, log_variance: of q(z|x), (B, L) each.
    """

    parameters: Tensor
    codes: Tensor
    mean: Tensor
    log_variance: Tensor


class Sample(nn.Module):
    """Samples codes from q(z|x)."""

    def forward(
        self, mean: Tensor, log_variance: Tensor, generator: torch.Generator | None
    ) -> Tensor:
        """Mean and log variance (B, L) each to codes (B, L)."""
        return reparameterize(mean, log_variance, generator)


class GaussianVAE(nn.Module):
    """An encoder q(z|x) with a diagonal Gaussian, a prior, and a decoder p(x|z).

    The prior is N(0, I), or learned from the codes.

    Source: Kingma & Welling 2014, "Auto-encoding variational Bayes"; conditioned on the class,
    q(z|x, y) and p(x|z, y), as in Sohn, Lee & Yan 2015, "Learning structured output representation
    using deep conditional generative models".

    Args:
        latent_dim: number of latent dimensions.
        likelihood: the distribution of pixels that the decoder parameterises.
        classes: number of classes that encoder and decoder are conditioned on; 0 for none.
    """

    def __init__(self, latent_dim: int, likelihood: Likelihood, classes: int = 0) -> None:
        super().__init__()
        self.latent_dim, self.likelihood, self.classes = latent_dim, likelihood, classes
        self.prior = Prior(0, latent_dim)
        self.sample = Sample()

    def encoder_features(self, observed: Tensor, one_hot: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] and (B, classes) to the encoder's last hidden layer."""
        raise NotImplementedError

    def decoder_parameters(self, conditioned: Tensor) -> Tensor:
        """Codes followed by the one-hot class, (B, L + classes), to parameters (B, maps, H, W)."""
        raise NotImplementedError

    mean: nn.Module
    log_variance: nn.Module

    def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z|x), (B, L) each; without labels, of the likeliest class."""
        if self.classes and labels is None:
            labels = self.likeliest(observed)
        hidden = self.encoder_features(2 * observed - 1, self._one_hot(observed, labels))
        # The bounds are far outside what is ever learned; they keep a wild early step finite.
        return self.mean(hidden).float(), self.log_variance(hidden).float().clamp(-14, 6)

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """Codes (B, L), and labels (B,) if conditional, to the parameters of p(x|z)."""
        return self.decoder_parameters(torch.cat([codes, self._one_hot(codes, labels)], dim=1))

    def likeliest(self, observed: Tensor) -> Tensor:
        """The class with the highest ELBO of each image, at its mean code: (B,) int64."""
        scores = []
        for number in range(self.classes):
            labels = torch.full((len(observed),), number, device=observed.device)
            mean, log_variance = self.encode(observed, labels)
            log_likelihood = self.log_likelihood(self.decode(mean, labels), observed)
            scores.append(log_likelihood - kl_from_prior(mean, log_variance).sum(dim=1))
        return torch.stack(scores).argmax(dim=0)

    def _one_hot(self, like: Tensor, labels: Tensor | None) -> Tensor:
        """Labels as one-hot vectors (B, classes) of `like`'s dtype; (B, 0) if unconditional."""
        if not self.classes:
            return like[:, :0].flatten(1)
        assert labels is not None  # noqa: S101 - callers of a conditional network give labels
        return F.one_hot(labels, self.classes).to(like.dtype)

    def forward(
        self,
        observed: Tensor,
        labels: Tensor | None = None,
        samples: int = 1,
        generator: torch.Generator | None = None,
    ) -> ForwardPass:
        """Encode, sample codes and decode; sample k of image b is row k * B + b."""
        mean, log_variance = self.encode(observed, labels)
        repeats = (samples, 1)
        codes = self.sample(mean.repeat(repeats), log_variance.repeat(repeats), generator)
        repeated = labels.repeat(samples) if self.classes and labels is not None else None
        return ForwardPass(self.decode(codes, repeated), codes, mean, log_variance)

    def observe(self, pixels: Tensor, seed: int | None = None) -> Tensor:
        """uint8 pixels as the observation x of the likelihood."""
        return self.likelihood.observe(pixels, seed)

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        """log p(x|z) in nats: (B,)."""
        return self.likelihood.log_likelihood(parameters, observed)

    def images(self, parameters: Tensor) -> Tensor:
        """The mean image of p(x|z): (B, C, H, W) in [0, 1]."""
        return self.likelihood.mean(parameters)
