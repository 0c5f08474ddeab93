"""Likelihoods of pixels given a decoder's output: Bernoulli and discretised logistic."""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from glassnet.inference.image_noise import image_noise

MIN_LOG_SCALE = -7.0
"""Minimum log scale of a logistic, as in PixelCNN++ (Salimans et al. 2017)."""


class Likelihood(Protocol):
    """p(x|z) of images, with `maps` parameters per pixel and channel."""

    maps: int

    def observe(self, pixels: Tensor, seed: int | None = None) -> Tensor:
        """uint8 pixels as the observation x: float32 of the same shape.

        A seed draws the same noise for the same image, whatever else the batch holds.
        """

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        """log p(x|z), summed over pixels and channels, in nats: (B,)."""

    def mean(self, parameters: Tensor) -> Tensor:
        """The mean image, (B, C, H, W) in [0, 1]."""


class Bernoulli:
    """Black and white pixels, each white with its own probability.

    A grey value is the probability of white and is sampled at each observation (dynamic
    binarisation, Salakhutdinov & Murray 2008); pixels of 0 and 255 never change.

    Example:
        >>> logits = torch.zeros(1, 1, 2, 2)
        >>> round(Bernoulli().log_likelihood(logits, torch.ones(1, 1, 2, 2)).item(), 4)
        -2.7726
    """

    maps = 1

    def observe(self, pixels: Tensor, seed: int | None = None) -> Tensor:
        """Samples of 0 and 1; with a seed, the same ones for the same image."""
        if seed is None:
            noise = torch.rand(pixels.shape, device=pixels.device)
        else:
            noise = image_noise(pixels, seed)
        return (noise < pixels.float() / 255).float()

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        """`parameters` are logits (B, C, H, W)."""
        logits = parameters.float()
        return (observed * logits - F.softplus(logits)).flatten(1).sum(dim=1)

    def mean(self, parameters: Tensor) -> Tensor:
        """The probability of white."""
        return parameters.float().sigmoid()


class DiscretisedLogistic:
    """Grey and colour pixels: a logistic density integrated over each of the 256 values.

    A proper likelihood of 8-bit pixels; dividing by log(2) and by the number of pixels and channels
    gives bits per dimension. Source: Kingma et al. 2016, "Improved variational inference with
    inverse autoregressive flow", section 5.2; Salimans et al. 2017 (PixelCNN++), equation 2.

    Example:
        >>> sharp = torch.tensor([1 / 255, -7.0]).reshape(1, 2, 1, 1)
        >>> middle = torch.full((1, 1, 1, 1), 128 / 255)
        >>> DiscretisedLogistic().log_likelihood(sharp, middle).exp().item() > 0.5
        True
    """

    maps = 2

    def observe(self, pixels: Tensor, seed: int | None = None) -> Tensor:
        """The pixels in [0, 1]; nothing is sampled."""
        return pixels.float() / 255

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        """`parameters` are means (as offsets from mid-grey) and log scales, (B, 2C, H, W)."""
        offset, log_scale = parameters.float().chunk(2, dim=1)
        centred = 2 * observed - 1 - offset
        inverse = (-log_scale.clamp(min=MIN_LOG_SCALE)).exp()
        upper, lower = inverse * (centred + 1 / 255), inverse * (centred - 1 / 255)
        # The first and the last value include the tails.
        darkest, brightest = F.logsigmoid(upper), F.logsigmoid(-lower)
        # sigmoid(u) - sigmoid(l) as a product, which does not cancel far from the mean.
        inside = darkest + brightest + (-torch.expm1(-2 / 255 * inverse)).log()
        exact = torch.where(observed < 0.5 / 255, darkest, inside)
        exact = torch.where(observed > 254.5 / 255, brightest, exact)
        return exact.flatten(1).sum(dim=1)

    def mean(self, parameters: Tensor) -> Tensor:
        """The centre of the logistic."""
        offset, _ = parameters.float().chunk(2, dim=1)
        return ((offset + 1) / 2).clamp(0, 1)


LIKELIHOODS: dict[str, Likelihood] = {"bernoulli": Bernoulli(), "logistic": DiscretisedLogistic()}
