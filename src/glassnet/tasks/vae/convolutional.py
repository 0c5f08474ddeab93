"""Convolutional VAE: strided convolutions in the encoder, pixel shuffles in the decoder."""

from collections import OrderedDict
from itertools import pairwise

import torch
from torch import Tensor, nn

from glassnet.tasks.vae.gaussian import GaussianVAE
from glassnet.tasks.vae.likelihoods import Likelihood


class ConvolutionalVAE(GaussianVAE):
    """Halves the image once per number in `channels`, and doubles it back as often.

    Args:
        input_shape: (C, H, W); sides that do not halve evenly are rounded up, the output cropped.
        latent_dim: number of latent dimensions.
        likelihood: the distribution of pixels that the decoder parameterises.
        classes: number of classes that encoder and decoder are conditioned on; 0 for none.
        channels: feature maps after each halving.
        hidden_size: size of the layers between feature maps and codes.

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
        encoder_maps = (depth, *channels)
        decoder_maps = channels[::-1]

        self.down = nn.Sequential(*(_down(*pair) for pair in pairwise(encoder_maps)))
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
        self.up = nn.Sequential(*(_up(*pair) for pair in pairwise(decoder_maps)))
        self.output = _pixel_shuffle(decoder_maps[-1], maps)

    def encoder_features(self, observed: Tensor, one_hot: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] and (B, classes) to (B, hidden_size)."""
        x = self.down(observed)  # (B, 16, 14, 14), (B, 32, 7, 7)
        return self.hidden(torch.cat([x.flatten(1), one_hot], dim=1))  # (B, 256)

    def decoder_parameters(self, conditioned: Tensor) -> Tensor:
        """Codes and one-hot class (B, L + classes) to parameters (B, maps, H, W)."""
        x = self.unfold(self.expand(conditioned))  # (B, 32, 7, 7)
        x = self.up(x)  # (B, 16, 14, 14)
        return self.output(x)[..., : self.height, : self.width]  # (B, 1, 28, 28)


def _down(inputs: int, outputs: int) -> nn.Sequential:
    """Halve the sides, rounding up."""
    conv = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
    return _named(conv=conv, norm=nn.GroupNorm(1, outputs), act=nn.SiLU())


def _up(inputs: int, outputs: int) -> nn.Sequential:
    """Double the sides."""
    upsampling = dict(_pixel_shuffle(inputs, outputs).named_children())
    return _named(**upsampling, norm=nn.GroupNorm(1, outputs), act=nn.SiLU())


def _pixel_shuffle(inputs: int, outputs: int) -> nn.Sequential:
    """A convolution with 4 maps per output, which become 2 x 2 pixels (Shi et al. 2016)."""
    conv = nn.Conv2d(inputs, 4 * outputs, 3, padding=1)
    return _named(conv=conv, shuffle=nn.PixelShuffle(2))


def _dense(inputs: int, outputs: int) -> nn.Sequential:
    return _named(linear=nn.Linear(inputs, outputs), norm=nn.LayerNorm(outputs), act=nn.SiLU())


def _named(**layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(OrderedDict(layers))
