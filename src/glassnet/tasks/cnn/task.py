"""The image classifier as a task: data, loss, metrics, and what is worth seeing in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glassnet.contract import EvaluateOptions, Evidence, Signature, Split, Splits, StepResult
from glassnet.data.batches import channels_first
from glassnet.data.images.augment import affine
from glassnet.data.images.image_files import read_images
from glassnet.data.images.load import load_images
from glassnet.errors import ConfigError, DataError
from glassnet.inference import classification
from glassnet.tasks.cnn.compact import CompactCNN
from glassnet.tasks.cnn.paper import PaperCNN
from glassnet.tasks.cnn.presets import Config
from glassnet.training import sample_weights
from glassnet.training.metrics import example_outcomes

SMALLEST_SIDE = {"paper": 4, "compact": 8}
CONVOLUTIONS = {"paper": 2, "compact": 3}


class ImageClassifier:
    """Images (n, H, W[, C]) uint8 in, probabilities of classes out."""

    name = "cnn"
    headline = "accuracy"
    maximise = frozenset({"accuracy"})
    shares = frozenset({"accuracy"})
    curves = ("loss", "accuracy")
    layers = ("pool1", "pool2", "output")
    outputs = frozenset({"probabilities"})
    feature_layer = "pool2"
    padding = None
    views = (
        "scores",
        "network_diagram",
        "training_curves",
        "projections",
        "probe_map",
        "layer_animation",
        "control_networks",
        "training_dynamics",
        "label_issues",
        "confusion_matrix",
        "classification_report",
        "worst_mistakes",
    )

    def load(self, config: Config) -> Splits:
        """Read the images that the configuration names.

        Raises:
            DataError: they cannot be read, or are all of one class.
        """
        splits = load_images(
            config.data,
            seed=config.seed,
            valid_fraction=config.valid_fraction,
            image_size=config.image_size or None,
            colour=None if config.colour == "auto" else config.colour,
        )
        if len(splits.class_names) < 2:
            raise DataError(
                f"{splits.name}: all images are of one class, {splits.class_names[0]!r}",
                "a classifier needs two: put the images of each into a folder of its own",
            )
        return splits

    def signature(self, splits: Splits, config: Config) -> Signature:
        """The shape (C, H, W) of the images, and the classes."""
        shape = channels_first(splits.train.inputs[:1]).shape[1:]
        return Signature(tuple(shape), splits.class_names)

    def pretraining(self, config: Config, splits: Splits) -> None:
        """Training begins from scratch."""

    def build(self, config: Config, signature: Signature) -> nn.Module:
        """Make the network for images of this shape and number of classes.

        Raises:
            ConfigError: the images are too small, or the channels do not fit the network.
        """
        shape, classes = signature.input_shape, len(signature.class_names)
        _check(config, shape)
        if config.network == "paper":
            network: nn.Module = PaperCNN(
                shape, classes, config.channels, config.kernel_size, config.dropout
            )
        else:
            network = CompactCNN(shape, classes, config.channels, config.dropout)
        # Channels last is what the processor's convolutions are fastest on.
        return network.to(memory_format=torch.channels_last)

    def tensors(self, split: Split, config: Config, signature: Signature) -> tuple[Tensor, ...]:
        """Images (n, C, H, W) as they are given, and labels (n,) int64."""
        pixels = channels_first(split.inputs)
        return pixels, torch.from_numpy(split.labels), *sample_weights.column(split)

    def prepare(self, network: nn.Module, examples: tuple[Tensor, ...]) -> None:
        """Nothing is counted beforehand."""

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Config, epoch: float
    ) -> StepResult:
        """Loss, accuracy and binary cross-entropy of one batch."""
        pixels, labels, weights = sample_weights.apart(batch)
        inputs = scaled(pixels)
        if network.training:
            inputs = affine(inputs, config.rotate, config.scale, config.shift)
        logits = network(inputs.contiguous(memory_format=torch.channels_last)).float()
        bce = binary_cross_entropy(logits, labels, weights)
        if config.loss == "bce":
            loss = bce
        else:
            loss = sample_weights.cross_entropy(logits, labels, weights, config.label_smoothing)
        accuracy = sample_weights.accuracy(logits, labels, weights)
        each = example_outcomes(logits, labels) if network.training else None
        return StepResult(loss, {"accuracy": accuracy, "bce": bce.detach()}, len(labels), each)

    def predict(self, network: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        """Images (n, C, H, W), as `tensors` gives them, to `probabilities` (n, classes)."""
        pixels = scaled(inputs).contiguous(memory_format=torch.channels_last)
        return {"probabilities": network.probabilities(pixels)}

    def results(self, evidence: Evidence, effort: EvaluateOptions) -> dict[str, Any]:
        """Accuracy with its interval, errors, log-likelihood and calibration error."""
        return classification.results(evidence, effort)

    def read_inputs(self, paths: Sequence[Path], signature: Signature) -> np.ndarray:
        """Image files as (n, H, W[, C]) uint8."""
        return read_images(paths, signature.input_shape)


TASK = ImageClassifier()


def scaled(pixels: Tensor) -> Tensor:
    """Pixels as floats in [0, 1], which those that are no uint8 are already."""
    return pixels.float() / 255 if pixels.dtype == torch.uint8 else pixels


def binary_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
    """Binary cross-entropy of softmax probabilities against one-hot labels.

    The mean over examples and classes, with the probabilities kept 1e-7 away from 0 and 1, as Keras
    computes it for a softmax output.

    Args:
        logits: (B, classes).
        labels: (B,) int64.
        weights: (B,) of the examples, with a mean of 1 over all batches.

    Example:
        >>> round(binary_cross_entropy(torch.zeros(1, 2), torch.tensor([0])).item(), 4)
        0.6931
    """
    probabilities = logits.softmax(dim=1).clamp(1e-7, 1 - 1e-7)
    target = F.one_hot(labels, logits.shape[1]).to(probabilities.dtype)
    each = -(target * probabilities.log() + (1 - target) * (-probabilities).log1p())
    return sample_weights.mean(each, weights)


def _check(config: Config, shape: tuple[int, ...]) -> None:
    smallest, wanted = SMALLEST_SIDE[config.network], CONVOLUTIONS[config.network]
    if min(shape[1:]) < smallest:
        raise ConfigError(
            f"images of {shape[1]} x {shape[2]} pixels are too small for the network "
            f"{config.network!r}",
            f"it takes {smallest} x {smallest} or more",
        )
    if len(config.channels) != wanted:
        raise ConfigError(
            f"channels = {list(config.channels)} does not fit the network {config.network!r}",
            f"give {wanted} numbers",
        )
