"""Configuration and presets of the image generator. Imports no torch."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from glassnet.config import Bounds, Count, Fraction, ImageConfig, NotNegative


@dataclass(frozen=True, kw_only=True)
class Config(ImageConfig):
    """Train an image generator (VAE)."""

    network: Literal["convolutional", "perceptron"] = "convolutional"
    """convolutional: strided convolutions and pixel shuffles; perceptron: linear layers alone."""

    latent_dim: Annotated[int, Bounds(1, 4096)] = 32
    """Latent dimensions; 2 gives a map of all images that the network can generate."""

    channels: tuple[Count, ...] = (16, 32)
    """convolutional only: feature maps, one number for each halving of the image."""

    hidden_size: Count = 256
    """Size of the layers between images and latent codes."""

    conditional: bool = False
    """Condition the network on the class, so that it can generate images of one class."""

    likelihood: Literal["auto", "bernoulli", "logistic"] = "auto"
    """bernoulli: black and white pixels; logistic: 256 values; auto: logistic for colour."""

    binarisation: Literal["dynamic", "static"] = "dynamic"
    """bernoulli only: sample black and white pixels for every batch, or once for all."""

    iwae_samples: Count = 1
    """Samples per image in the training objective; more than 1 gives the importance-weighted
    bound."""

    beta: NotNegative = 1.0
    """Weight of the KL divergence; 1 optimises a bound on the likelihood."""

    kl_warmup: NotNegative = 0.0
    """Epochs over which the weight of the KL divergence grows from 0."""

    free_bits: NotNegative = 0.0
    """Nats per latent dimension below which the KL divergence is free; needs iwae_samples 1."""

    prior_gaussians: Annotated[int, Bounds(0, 1000)] = 0
    """Gaussians of the prior that is fitted to the codes of the training images; 0 leaves
    N(0, I)."""

    joint_prior: Fraction = 0.0
    """Last part of the epochs, in which the network learns with this mixture as its prior; the
    epochs before it have N(0, I), and all epochs with two latent dimensions or fewer."""

    prior_epochs: Annotated[int, Bounds(0, 10_000)] = 0
    """After the training, passes over the codes in which a classifier learns where the mixture has
    too many or too few of them, by which it is reweighted; 0 for none."""

    nll_samples: Count = 5000
    """Importance samples per test image in the reported bound."""

    nll_examples: Annotated[int, Bounds(2)] = 500
    """Test images used for the reported bound; the ELBO of all images corrects for the choice."""

    monitor: Literal["negative_elbo", "loss"] = "negative_elbo"
    """Validation metric that selects the checkpoint."""


_DEFAULT = Config(
    epochs=50,
    batch_size=128,
    optimizer="adam",
    learning_rate=0.004,
    schedule="one-cycle",
    warmup=0.02,
    ema_decay=0.999,
    prior_gaussians=160,
    joint_prior=0.6,
    prior_epochs=75,
)

PRESETS = {
    "default": _DEFAULT,
    "quick": replace(
        _DEFAULT, epochs=6, prior_gaussians=10, prior_epochs=0, nll_samples=1000, nll_examples=200
    ),
    "best": replace(_DEFAULT, epochs=100, beta=0.6, prior_epochs=150),
    "perceptron": replace(_DEFAULT, network="perceptron", hidden_size=512),
}
