"""A small convolutional VAE: strided convolutions to the code, and pixel shuffles back."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from glassnet.tasks.vae.gaussian import GaussianVAE
from glassnet.tasks.vae.likelihoods import Likelihood


class ConvolutionalVAE(GaussianVAE):
    """Each number of `channels` halves the image on the way in and doubles it on the way out.

    Args:
        input_shape: (C, H, W); a side that does not halve evenly is rounded up and cropped again.
        latent: number of latent dimensions.
        likelihood: what the decoder's numbers say of pixels.
        classes: number of classes that both halves are told of; 0 for none.
        channels: feature maps after each halving.
        hidden: values in the layers between feature maps and codes.

    Example:
        >>> from glassnet.tasks.vae.likelihoods import Bernoulli
        >>> network = ConvolutionalVAE((1, 28, 28), 32, Bernoulli())
        >>> network.decode(torch.zeros(5, 32)).shape
        torch.Size([5, 1, 28, 28])
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        latent: int,
        likelihood: Likelihood,
        classes: int = 0,
        channels: tuple[int, ...] = (16, 32),
        hidden: int = 256,
    ) -> None:
        super().__init__(latent, likelihood, classes)
        depth, self.height, self.width = input_shape
        maps = depth * likelihood.maps
        rows, columns = (-(-side // 2 ** len(channels)) for side in (self.height, self.width))
        grid = (channels[-1], rows, columns)
        inward = (depth, *channels)
        outward = (*channels[::-1], 0)

        self.encoder = nn.Sequential(
            OrderedDict(
                (f"down{n + 1}", _down(inward[n], inward[n + 1])) for n in range(len(channels))
            )
        )
        self.hidden = _dense(channels[-1] * rows * columns + classes, hidden)
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)

        self.expand = _dense(latent + classes, hidden)
        self.unfold = nn.Sequential(
            nn.Linear(hidden, channels[-1] * rows * columns),
            nn.Unflatten(1, grid),
            nn.GroupNorm(1, channels[-1]),
            nn.SiLU(),
        )
        self.decoder = nn.Sequential(
            OrderedDict(
                (f"up{n}", _up(outward[n - 1], outward[n])) for n in range(1, len(channels))
            )
        )
        self.output = _doubling(outward[-2], maps)

    def features(self, observed: Tensor, told: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] and (B, classes) to (B, hidden)."""
        x = self.encoder(observed)  # (B, 16, 14, 14), (B, 32, 7, 7)
        return self.hidden(torch.cat([x.flatten(1), told], dim=1))  # (B, 256)

    def paint(self, told: Tensor) -> Tensor:
        """Codes (B, latent + classes) to parameters (B, maps, H, W)."""
        x = self.unfold(self.expand(told))  # (B, 32, 7, 7)
        x = self.decoder(x)  # (B, 16, 14, 14)
        return self.output(x)[..., : self.height, : self.width]  # (B, 1, 28, 28)


def _down(before: int, after: int) -> nn.Sequential:
    """Halve the sides, rounding up."""
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=2, padding=1), nn.GroupNorm(1, after), nn.SiLU()
    )


def _up(before: int, after: int) -> nn.Sequential:
    """Double the sides."""
    return nn.Sequential(_doubling(before, after), nn.GroupNorm(1, after), nn.SiLU())


def _doubling(before: int, after: int) -> nn.Sequential:
    """A convolution on the small image whose maps become 2 x 2 pixels each (Shi et al. 2016)."""
    return nn.Sequential(nn.Conv2d(before, 4 * after, 3, padding=1), nn.PixelShuffle(2))


def _dense(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(before, after), nn.LayerNorm(after), nn.SiLU())
