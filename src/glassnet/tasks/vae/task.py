"""The image generator as a task: data, objective, honest numbers, and what is worth seeing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glassnet.contract import EvaluateOptions, Evidence, Signature, Split, Splits, StepResult
from glassnet.data.batches import channels_first
from glassnet.data.images.image_files import read_images
from glassnet.data.images.load import load_images
from glassnet.errors import ConfigError
from glassnet.inference import latents
from glassnet.inference.likelihood import likelihood_scores
from glassnet.tasks.vae.convolutional import ConvolutionalVAE
from glassnet.tasks.vae.gaussian import GaussianVAE
from glassnet.tasks.vae.likelihoods import LIKELIHOODS
from glassnet.tasks.vae.objective import elbo_loss, importance_weighted_loss, terms
from glassnet.tasks.vae.perceptron import PerceptronVAE
from glassnet.tasks.vae.presets import Config
from glassnet.training import sample_weights

AT_REST = 0
"""Seeds the pixels and codes that validation draws, so that equal weights give equal numbers."""

STATIC = 1
"""Seeds the pixels that static binarisation draws once."""


class ImageGenerator:
    """Images (n, H, W[, C]) uint8 in; codes, likelihoods and new images out."""

    name = "vae"
    headline = "negative_elbo"
    maximise: frozenset[str] = frozenset()
    shares: frozenset[str] = frozenset()
    curves = ("loss", "negative_elbo", "reconstruction", "kl")
    layers = ("mean",)
    outputs = frozenset({"reconstruction"})
    feature_layer = "mean"
    padding = None
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

    def load(self, config: Config) -> Splits:
        """Read the images that the configuration names."""
        return load_images(
            config.data,
            seed=config.seed,
            valid_fraction=config.valid_fraction,
            image_size=config.image_size or None,
            colour=None if config.colour == "auto" else config.colour,
        )

    def signature(self, splits: Splits, config: Config) -> Signature:
        """The shape (C, H, W) of the images, and the classes."""
        shape = channels_first(splits.train.inputs[:1]).shape[1:]
        return Signature(tuple(shape), splits.class_names)

    def pretraining(self, config: Config, splits: Splits) -> None:
        """Training begins from scratch."""

    def build(self, config: Config, signature: Signature) -> nn.Module:
        """Make the network for images of this shape.

        Raises:
            ConfigError: the options contradict each other, or the images are too small.
        """
        _check(config, signature)
        shape = signature.input_shape
        likelihood = LIKELIHOODS[likelihood_name(config, shape[0])]
        classes = len(signature.class_names) if config.conditional else 0
        if config.network == "perceptron":
            return PerceptronVAE(shape, config.latent_dim, likelihood, classes, config.hidden_size)
        network = ConvolutionalVAE(
            shape, config.latent_dim, likelihood, classes, config.channels, config.hidden_size
        )
        # Channels last is what the processor's convolutions are fastest on.
        return network.to(memory_format=torch.channels_last)

    def tensors(self, split: Split, config: Config, signature: Signature) -> tuple[Tensor, ...]:
        """Images (n, C, H, W) uint8 and labels (n,) int64; 0 and 255 alone where static."""
        pixels = channels_first(split.inputs)
        binary = likelihood_name(config, pixels.shape[1]) == "bernoulli"
        if binary and config.binarisation == "static":
            generator = torch.Generator().manual_seed(STATIC)
            observed = LIKELIHOODS["bernoulli"].observe(pixels, generator)
            pixels = observed.to(torch.uint8) * 255
        return pixels, torch.from_numpy(split.labels), *sample_weights.column(split)

    def prepare(self, network: nn.Module, examples: tuple[Tensor, ...]) -> None:
        """Nothing is counted beforehand."""

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Config, epoch: float
    ) -> StepResult:
        """The objective, and the negative ELBO with its two terms, in nats per image."""
        pixels, labels, weights = sample_weights.apart(batch)
        likelihood = LIKELIHOODS[likelihood_name(config, pixels.shape[1])]
        generator = None if network.training else _at_rest(pixels.device)
        observed = likelihood.observe(pixels, generator)
        seen = network(observed, labels, config.iwae_samples, generator)
        images = observed.repeat(config.iwae_samples, 1, 1, 1)
        found = terms(seen, likelihood.log_likelihood(seen.parameters, images))
        beta = config.beta * min(1.0, epoch / config.kl_warmup if config.kl_warmup else 1.0)
        if config.iwae_samples == 1:
            loss = elbo_loss(found, beta, config.free_bits, weights)
        else:
            loss = importance_weighted_loss(found, beta, weights)
        reconstruction = -sample_weights.mean(found.log_likelihood.T, weights).detach()
        kl = sample_weights.mean(found.kl.sum(1), weights).detach()
        metrics = {"negative_elbo": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}
        each = (found.kl.sum(1) - found.log_likelihood.mean(0)).detach()[:, None]
        return StepResult(loss, metrics, len(labels), each if network.training else None)

    def predict(self, network: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        """`reconstruction`: the mean image of the mean code, (n, H, W[, C]) uint8."""
        assert isinstance(network, GaussianVAE)  # noqa: S101
        observed = network.observe(inputs, _at_rest(inputs.device))
        labels = network.likeliest(observed) if network.classes else None
        codes, _ = network.encode(observed, labels)
        parameters = network.decode(codes, labels)
        return {"reconstruction": torch.from_numpy(latents.pixels(network.images(parameters)))}

    def results(self, evidence: Evidence, effort: EvaluateOptions) -> dict[str, Any]:
        """The ELBO of the whole test set, and the importance-weighted bound of a part of it."""
        config = evidence.config
        found = latents.likelihood(
            evidence,
            config.nll_samples if effort.samples is None else effort.samples,
            config.nll_examples if effort.examples is None else effort.examples,
        )
        image = evidence.example_input
        pixels = _pixels(config, image.shape[1])
        return likelihood_scores(found, pixels, dimensions=image.numel())

    def read_inputs(self, paths: Sequence[Path], signature: Signature) -> np.ndarray:
        """Image files as (n, H, W[, C]) uint8."""
        return read_images(paths, signature.input_shape)


TASK = ImageGenerator()


def _at_rest(device: torch.device) -> torch.Generator:
    return torch.Generator(device).manual_seed(AT_REST)


def likelihood_name(config: Config, channels: int) -> str:
    """The likelihood that is meant for images of so many channels."""
    if config.likelihood == "auto":
        return "bernoulli" if channels == 1 else "logistic"
    return config.likelihood


def _pixels(config: Config, channels: int) -> str:
    """What the likelihood is of, in words."""
    logistic = likelihood_name(config, channels) == "logistic"
    pixels = "8-bit pixels" if logistic else f"{config.binarisation}ally binarised pixels"
    return f"{pixels}, the class given" if config.conditional else pixels


def _check(config: Config, signature: Signature) -> None:
    if config.iwae_samples > 1 and config.free_bits:
        raise ConfigError(
            f"free_bits = {config.free_bits:g} has no meaning where iwae_samples = {config.iwae_samples}",
            "leave one of --free-bits and --iwae-samples out",
        )
    smallest = 2 ** len(config.channels)
    if config.network == "convolutional" and min(signature.input_shape[1:]) < smallest:
        raise ConfigError(
            f"images of {' x '.join(map(str, signature.input_shape[1:]))} pixels cannot be halved "
            f"{len(config.channels)} times",
            "give fewer --channels, or --network perceptron",
        )
