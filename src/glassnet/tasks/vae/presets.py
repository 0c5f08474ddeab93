"""What an image generator can be told, and the presets. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from glassnet.config import Bounds, Count, NotNegative, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig):
    """Train an image generator (VAE)."""

    network: Literal["convolutional", "perceptron"] = "convolutional"
    """convolutional: strided convolutions and back; perceptron: linear layers alone."""

    latent_dim: Annotated[int, Bounds(1, 4096)] = 32
    """Latent dimensions; 2 gives a map of everything that the network can reparameterize."""

    channels: tuple[Count, ...] = (16, 32)
    """convolutional: feature maps, a number for each halving of the image."""

    hidden_size: Count = 256
    """Values in the layers between images and codes."""

    conditional: bool = False
    """Tell the network the class, so that one class can be asked for."""

    likelihood: Literal["auto", "bernoulli", "logistic"] = "auto"
    """bernoulli: pixels are black or white; logistic: 256 values; auto: logistic for colour."""

    binarisation: Literal["dynamic", "static"] = "dynamic"
    """bernoulli only: reparameterize black and white anew at every look, or once and for all."""

    iwae_samples: Count = 1
    """Samples per image in the bound that is trained; more than 1 is importance weighted."""

    beta: NotNegative = 1.0
    """Weight of the KL; 1 trains a bound on the likelihood."""

    kl_warmup: NotNegative = 0.0
    """Epochs over which the weight of the KL grows from 0."""

    free_bits: NotNegative = 0.0
    """Nats per dimension below which the KL costs nothing more; only where k is 1."""

    nll_samples: Count = 5000
    """Importance samples per test image in the bound that is reported."""

    nll_examples: Annotated[int, Bounds(2)] = 500
    """Test images that the reported bound is measured on, and carried from to all by the ELBO."""

    image_size: Annotated[int, Bounds(0, 512)] = 0
    """Side of the user's own images in pixels; 0 keeps what they have, up to 64."""

    colour: Literal["auto", "grey", "rgb"] = "auto"
    """The user's own images: grey where all are grey, or as said."""

    monitor: Literal["negative_elbo", "loss"] = "negative_elbo"
    """The validation value that chooses the checkpoint."""


_DEFAULT = Config(
    epochs=50,
    batch_size=128,
    optimizer="adam",
    learning_rate=0.004,
    schedule="one-cycle",
    warmup=0.02,
    ema_decay=0.999,
)

PRESETS = {
    "default": _DEFAULT,
    "quick": replace(_DEFAULT, epochs=6, nll_samples=1000, nll_examples=200),
    "perceptron": replace(_DEFAULT, network="perceptron", hidden_size=512),
}
