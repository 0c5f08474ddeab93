"""Perceptron VAE: two hidden linear layers in encoder and decoder."""

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
        likelihood: the distribution of pixels that the decoder parameterises.
        classes: number of classes that encoder and decoder are conditioned on; 0 for none.
        hidden_size: size of each hidden layer.

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

    def encoder_features(self, observed: Tensor, one_hot: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] and (B, classes) to (B, hidden_size)."""
        x = self.hidden1(torch.cat([observed.flatten(1), one_hot], dim=1))  # (B, 512)
        return self.hidden2(x)  # (B, 512)

    def decoder_parameters(self, conditioned: Tensor) -> Tensor:
        """Codes and one-hot class (B, L + classes) to parameters (B, maps, H, W)."""
        x = self.hidden4(self.hidden3(conditioned))  # (B, 512)
        return self.image(self.output(x))  # (B, 1, 28, 28)


def _dense(inputs: int, outputs: int) -> nn.Sequential:
    layers = {"linear": nn.Linear(inputs, outputs), "norm": nn.LayerNorm(outputs), "act": nn.SiLU()}
    return nn.Sequential(OrderedDict(layers))
