"""A small convolutional VAE: strided convolutions to the code, and pixel shuffles back."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise

import torch
from torch import Tensor, nn

from glassnet.tasks.vae.gaussian import GaussianVAE
from glassnet.tasks.vae.likelihoods import Likelihood


class ConvolutionalVAE(GaussianVAE):
    """Each number of `channels` halves the image on the way in and doubles it on the way out.

    Args:
        input_shape: (C, H, W); a side that does not halve evenly is rounded up and cropped again.
        latent_dim: number of latent dimensions.
        likelihood: what the decoder's numbers say of pixels.
        classes: number of classes that both halves are told of; 0 for none.
        channels: feature maps after each halving.
        hidden_size: values in the layers between feature maps and codes.

    Example:
        >>> from glassnet.tasks.vae.likelihoods import Bernoulli
        >>> network = ConvolutionalVAE((1, 28, 28), 32, Bernoulli())
        >>> network.decode(torch.zeros(5, 32)).shape
        torch.Size([5, 1, 28, 28])
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        latent_dim: int,
        likelihood: Likelihood,
        classes: int = 0,
        channels: tuple[int, ...] = (16, 32),
        hidden_size: int = 256,
    ) -> None:
        super().__init__(latent_dim, likelihood, classes)
        depth, self.height, self.width = input_shape
        maps = depth * likelihood.maps
        rows, columns = (-(-side // 2 ** len(channels)) for side in (self.height, self.width))
        grid = (channels[-1], rows, columns)
        inward = (depth, *channels)
        outward = channels[::-1]

        self.down = nn.Sequential(*(_down(*pair) for pair in pairwise(inward)))
        self.hidden = _dense(channels[-1] * rows * columns + classes, hidden_size)
        self.mean = nn.Linear(hidden_size, latent_dim)
        self.log_variance = nn.Linear(hidden_size, latent_dim)

        self.expand = _dense(latent_dim + classes, hidden_size)
        self.unfold = _named(
            linear=nn.Linear(hidden_size, channels[-1] * rows * columns),
            shape=nn.Unflatten(1, grid),
            norm=nn.GroupNorm(1, channels[-1]),
            act=nn.SiLU(),
        )
        self.up = nn.Sequential(*(_up(*pair) for pair in pairwise(outward)))
        self.output = _doubling(outward[-1], maps)

    def features(self, observed: Tensor, told: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] and (B, classes) to (B, hidden)."""
        x = self.down(observed)  # (B, 16, 14, 14), (B, 32, 7, 7)
        return self.hidden(torch.cat([x.flatten(1), told], dim=1))  # (B, 256)

    def paint(self, told: Tensor) -> Tensor:
        """Codes (B, latent + classes) to parameters (B, maps, H, W)."""
        x = self.unfold(self.expand(told))  # (B, 32, 7, 7)
        x = self.up(x)  # (B, 16, 14, 14)
        return self.output(x)[..., : self.height, : self.width]  # (B, 1, 28, 28)


def _down(before: int, after: int) -> nn.Sequential:
    """Halve the sides, rounding up."""
    conv = nn.Conv2d(before, after, 3, stride=2, padding=1)
    return _named(conv=conv, norm=nn.GroupNorm(1, after), act=nn.SiLU())


def _up(before: int, after: int) -> nn.Sequential:
    """Double the sides."""
    doubling = dict(_doubling(before, after).named_children())
    return _named(**doubling, norm=nn.GroupNorm(1, after), act=nn.SiLU())


def _doubling(before: int, after: int) -> nn.Sequential:
    """A convolution on the small image whose maps become 2 x 2 pixels each (Shi et al. 2016)."""
    conv = nn.Conv2d(before, 4 * after, 3, padding=1)
    return _named(conv=conv, shuffle=nn.PixelShuffle(2))


def _dense(before: int, after: int) -> nn.Sequential:
    return _named(linear=nn.Linear(before, after), norm=nn.LayerNorm(after), act=nn.SiLU())


def _named(**layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(OrderedDict(layers))
