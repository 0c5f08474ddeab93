"""Image generator (VAE) as a task: networks, objective, likelihoods and views."""

import math
from typing import Any, cast

import torch
from torch import Tensor, nn

from glassnet.contract import (
    Cache,
    Data,
    EvaluateOptions,
    Family,
    LatentModel,
    Metric,
    Model,
    Phase,
    Rows,
    Signature,
    Split,
    StepResult,
)
from glassnet.errors import ConfigError
from glassnet.inference import latents, prior
from glassnet.inference.likelihood import likelihood_scores
from glassnet.inference.prior import Prior
from glassnet.tasks.images import ImageTask
from glassnet.tasks.vae.convolutional import ConvolutionalVAE
from glassnet.tasks.vae.gaussian import GaussianVAE
from glassnet.tasks.vae.likelihoods import LIKELIHOODS
from glassnet.tasks.vae.objective import elbo_loss, elbo_terms, importance_weighted_loss
from glassnet.tasks.vae.perceptron import PerceptronVAE
from glassnet.tasks.vae.presets import Config
from glassnet.training import sample_weights

EVALUATION_SEED = 0
"""Seed of latent codes in validation, so that equal weights give equal numbers."""


MAP_DIMENSIONS = 2
"""Latent dimensions of which there is a map, at the quantiles of N(0, I). While a network learns
with the mixture nothing holds its codes there: in 12 of 20 epochs their standard deviation in each
of two dimensions grows from 1 to 1.35, in each of 32 it is between 0.89 and 1.05 (MNIST)."""


class ImageGenerator(ImageTask):
    """Encodes, reconstructs and generates images (n, H, W[, C]) uint8."""

    name = "vae"
    family = Family.GENERATOR
    metrics = (
        Metric("negative_elbo", title="−ELBO", unit="nats"),
        Metric("reconstruction", unit="nats"),
        Metric("kl", title="KL", unit="nats"),
    )
    layers = ("mean",)
    outputs = frozenset({"reconstruction"})
    outcomes = ("nats",)
    feature_layer = "mean"
    usual_steps, epoch_multiple = 430, 4  # MNIST's; 700 steps leave photographs blurred shapes
    views = (
        "likelihood",
        "network_diagram",
        "training_curves",
        "samples",
        "class_grid",
        "reconstructions",
        "interpolations",
        "sample_quality",
        "class_balance",
        "nearest_training",
        "kl_by_dimension",
        "traversals",
        "latent_map",
        "aggregate_posterior",
        "projections",
        "probe_map",
        "layer_animation",
        "control_networks",
        "example_loss",
    )

    def build(self, config: Config, signature: Signature) -> nn.Module:
        """Make the network for this image shape.

        Raises:
            ConfigError: the options contradict each other, or the images are too small.
        """
        _check(config, signature)
        shape = signature.input_shape
        likelihood = LIKELIHOODS[likelihood_name(config, shape[0])]
        classes = len(signature.class_names) if config.conditional else 0
        sizes = shape, config.latent_dim, likelihood, classes
        network: GaussianVAE
        if config.network == "perceptron":
            network = PerceptronVAE(*sizes, config.hidden_size)
        else:
            network = ConvolutionalVAE(*sizes, config.channels, config.hidden_size)
            # Convolutions on CPUs are fastest with channels last.
            network = network.to(memory_format=torch.channels_last)
        network.prior = Prior(
            config.prior_gaussians,
            config.latent_dim,
            learns_with_prior(config),
            config.prior_epochs,
        )
        return network

    def tensors(self, split: Split, config: Config, signature: Signature) -> tuple[Tensor, ...]:
        """Images (n, C, H, W) uint8, of 0 and 255 if static, and labels (n,) int64."""
        pixels, *rest = super().tensors(split, config, signature)
        bernoulli = likelihood_name(config, pixels.shape[1]) == "bernoulli"
        if bernoulli and config.binarisation == "static":
            observed = LIKELIHOODS["bernoulli"].observe(pixels, latents.BINARISATION_SEED)
            pixels = observed.to(torch.uint8) * 255
        return pixels, *rest

    def start_epoch(
        self,
        network: nn.Module,
        average: nn.Module,
        examples: tuple[Rows, ...],
        config: Config,
        epoch: int,
    ) -> None:
        """Fit the prior to the codes of all training images, in the epochs that learn with it."""
        phase = self.later_phase(config)
        if phase and epoch >= phase.first_epoch - 1:
            prior.follow(network, average, examples, epoch)

    def later_phase(self, config: Config) -> Phase | None:
        """The epochs that learn with the mixture of Gaussians."""
        if not learns_with_prior(config):
            return None
        first = math.ceil(config.epochs * (1 - config.joint_prior)) + 1
        text = "the prior is a mixture of Gaussians, under which the same codes cost fewer nats"
        return Phase(first, text)

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Config, epoch: float
    ) -> StepResult:
        """The objective, and the negative ELBO with its two terms, in nats per image."""
        pixels, labels, weights = sample_weights.split_batch(batch)
        likelihood = LIKELIHOODS[likelihood_name(config, pixels.shape[1])]
        generator = None if network.training else _evaluation_generator(pixels.device)
        seed = None if network.training else latents.BINARISATION_SEED
        observed = likelihood.observe(pixels, seed)
        forward = network(observed, labels, config.iwae_samples, generator)
        targets = observed.repeat(config.iwae_samples, 1, 1, 1)
        learned = cast("Prior", network.prior)
        gain = learned.mixture_log_ratio(forward.codes) if learned.joint else None
        log_likelihood = likelihood.log_likelihood(forward.parameters, targets)
        terms = elbo_terms(forward, log_likelihood, gain)
        beta = config.beta * min(1.0, epoch / config.kl_warmup if config.kl_warmup else 1.0)
        if config.iwae_samples == 1:
            loss = elbo_loss(terms, beta, config.free_bits, weights)
        else:
            loss = importance_weighted_loss(terms, beta, weights)
        reconstruction = -sample_weights.mean(terms.log_likelihood.T, weights).detach()
        divergence = terms.kl.sum(1) - terms.gain.mean(0)
        kl = sample_weights.mean(divergence, weights).detach()
        metrics = {"negative_elbo": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}
        outcomes = (divergence - terms.log_likelihood.mean(0)).detach()[:, None]
        return StepResult(loss, metrics, len(labels), outcomes if network.training else None)

    def predict(self, network: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        """`reconstruction`: the mean image of the mean code, (n, H, W[, C]) uint8."""
        assert isinstance(network, GaussianVAE)  # noqa: S101
        observed = latents.observe(network, inputs)
        labels = network.likeliest(observed) if network.classes else None
        codes, _ = network.encode(observed, labels)
        parameters = network.decode(codes, labels)
        return {"reconstruction": torch.from_numpy(latents.pixels(network.images(parameters)))}

    def forward_pass(self, network: nn.Module, inputs: Tensor) -> Tensor:
        """A pass as in training, with sampled codes; the class is the first, if there are classes.

        Returns:
            The parameters of p(x|z).
        """
        assert isinstance(network, GaussianVAE)  # noqa: S101
        labels = torch.zeros(len(inputs), dtype=torch.int64, device=inputs.device)
        generator = _evaluation_generator(inputs.device)
        observed = latents.observe(network, inputs)
        parameters: Tensor = network(observed, labels, 1, generator).parameters
        return parameters

    def results(
        self, data: Data, model: Model, cache: Cache, options: EvaluateOptions
    ) -> dict[str, Any]:
        """ELBO of the whole test set, and the importance-weighted bound on a part of it."""
        config = model.config
        network = cast("LatentModel", model.network)
        scores = latents.likelihood(
            data,
            network,
            cache,
            config.nll_samples if options.samples is None else options.samples,
            config.nll_examples if options.examples is None else options.examples,
        )
        image = data.example_input
        pixels = _pixel_type(config, image.shape[1])
        learned = network.prior
        return likelihood_scores(
            scores, pixels, image.numel(), learned.n_gaussians, learned.is_reweighted
        )


TASK = ImageGenerator()


def _evaluation_generator(device: torch.device) -> torch.Generator:
    return torch.Generator(device).manual_seed(EVALUATION_SEED)


def learns_with_prior(config: Config) -> bool:
    """Whether the mixture of Gaussians is the prior in training, and not after it alone."""
    has_map = config.latent_dim <= MAP_DIMENSIONS
    return config.joint_prior > 0 and config.prior_gaussians > 0 and not has_map


def likelihood_name(config: Config, channels: int) -> str:
    """The likelihood for images of this number of channels."""
    if config.likelihood == "auto":
        return "bernoulli" if channels == 1 else "logistic"
    return config.likelihood


def _pixel_type(config: Config, channels: int) -> str:
    """The pixels that the likelihood is of, as text."""
    logistic = likelihood_name(config, channels) == "logistic"
    pixels = "8-bit pixels" if logistic else f"{config.binarisation}ally binarised pixels"
    return f"{pixels}, the class given" if config.conditional else pixels


def _check(config: Config, signature: Signature) -> None:
    if config.iwae_samples > 1 and config.free_bits:
        raise ConfigError(
            f"free_bits = {config.free_bits:g} has no meaning where "
            f"iwae_samples = {config.iwae_samples}",
            "leave out --free-bits or --iwae-samples",
        )
    min_side = 2 ** len(config.channels)
    if config.network == "convolutional" and min(signature.input_shape[1:]) < min_side:
        raise ConfigError(
            f"images of {' x '.join(map(str, signature.input_shape[1:]))} pixels cannot be halved "
            f"{len(config.channels)} times",
            "give fewer --channels, or --network perceptron",
        )
