"""A VAE of linear layers: two hidden layers on either side of the code."""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
from torch import Tensor, nn

from glassnet.tasks.vae.gaussian import GaussianVAE
from glassnet.tasks.vae.likelihoods import Likelihood


class PerceptronVAE(GaussianVAE):
    """784 - 512 - 512 - (32, 32) and back, for 28 x 28 images.

    Args:
        input_shape: (C, H, W), any size.
        latent_dim: number of latent dimensions.
        likelihood: what the decoder's numbers say of pixels.
        classes: number of classes that both halves are told of; 0 for none.
        hidden_size: values in each hidden layer.

    Example:
        >>> from glassnet.tasks.vae.likelihoods import Bernoulli
        >>> network = PerceptronVAE((1, 28, 28), 2, Bernoulli())
        >>> network.decode(torch.zeros(5, 2)).shape
        torch.Size([5, 1, 28, 28])
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        latent_dim: int,
        likelihood: Likelihood,
        classes: int = 0,
        hidden_size: int = 512,
    ) -> None:
        super().__init__(latent_dim, likelihood, classes)
        depth, height, width = input_shape
        maps = depth * likelihood.maps

        self.hidden1 = _dense(math.prod(input_shape) + classes, hidden_size)
        self.hidden2 = _dense(hidden_size, hidden_size)
        self.mean = nn.Linear(hidden_size, latent_dim)
        self.log_variance = nn.Linear(hidden_size, latent_dim)

        self.hidden3 = _dense(latent_dim + classes, hidden_size)
        self.hidden4 = _dense(hidden_size, hidden_size)
        self.output = nn.Linear(hidden_size, maps * height * width)
        self.image = nn.Unflatten(1, (maps, height, width))

    def features(self, observed: Tensor, told: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] and (B, classes) to (B, hidden)."""
        x = self.hidden1(torch.cat([observed.flatten(1), told], dim=1))  # (B, 512)
        return self.hidden2(x)  # (B, 512)

    def paint(self, told: Tensor) -> Tensor:
        """Codes (B, latent + classes) to parameters (B, maps, H, W)."""
        x = self.hidden4(self.hidden3(told))  # (B, 512)
        return self.image(self.output(x))  # (B, 1, 28, 28)


def _dense(before: int, after: int) -> nn.Sequential:
    layers = {"linear": nn.Linear(before, after), "norm": nn.LayerNorm(after), "act": nn.SiLU()}
    return nn.Sequential(OrderedDict(layers))
