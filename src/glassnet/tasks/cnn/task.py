"""Image classifier (CNN) as a task: networks, augmentation, losses, metrics and views."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glassnet.contract import CLASSES, Metric, Signature, StepResult
from glassnet.data.images.augment import affine
from glassnet.errors import ConfigError
from glassnet.tasks.classifier import Classifier
from glassnet.tasks.cnn.compact import CompactCNN
from glassnet.tasks.cnn.paper import PaperCNN
from glassnet.tasks.cnn.presets import Config
from glassnet.tasks.cnn.tiny import TinyCNN
from glassnet.tasks.images import ImageTask
from glassnet.training import sample_weights
from glassnet.training.metrics import example_outcomes

MIN_SIDE = {"paper": 4, "compact": 8, "tiny": 4}
N_CONVOLUTIONS = {"paper": 2, "compact": 3, "tiny": 5}


class ImageClassifier(Classifier, ImageTask):
    """Classifies images (n, H, W[, C]) uint8."""

    name = "cnn"
    metrics = (
        *Classifier.metrics,
        Metric("bce", title="binary cross-entropy", has_curve=False),
    )
    layers = ("pool1", "pool2", "output")
    feature_layer = "pool2"
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
        "reliability_diagram",
    )

    def build(self, config: Config, signature: Signature) -> nn.Module:
        """Make the network for this image shape and number of classes.

        Raises:
            ConfigError: the images are too small, or the channels do not fit the network.
        """
        shape, classes = signature.input_shape, len(signature.class_names)
        _check(config, shape)
        if config.network == "paper":
            network: nn.Module = PaperCNN(
                shape, classes, config.channels, config.kernel_size, config.dropout
            )
        elif config.network == "tiny":
            network = TinyCNN(shape, classes, config.channels, config.dropout)
        else:
            network = CompactCNN(shape, classes, config.channels, config.dropout, config.pool_first)
        # Convolutions on CPUs are fastest with channels last.
        return network.to(memory_format=torch.channels_last)

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Config, epoch: float
    ) -> StepResult:
        """Loss, accuracy and binary cross-entropy of one batch."""
        pixels, labels, weights = sample_weights.split_batch(batch)
        inputs = to_unit_range(pixels)
        if network.training:
            inputs = affine(inputs, config.rotate, config.scale, config.shift)
        logits = network(inputs.contiguous(memory_format=torch.channels_last)).float()
        bce = binary_cross_entropy(logits, labels, weights)
        if config.loss == "bce":
            loss = bce
        else:
            loss = sample_weights.cross_entropy(logits, labels, weights, config.label_smoothing)
        accuracy = sample_weights.accuracy(logits, labels, weights)
        outcomes = example_outcomes(logits, labels) if network.training else None
        return StepResult(loss, {"accuracy": accuracy, "bce": bce.detach()}, len(labels), outcomes)

    def predict(self, network: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        """Images (n, C, H, W), as `tensors` gives them, to `probabilities` (n, classes)."""
        pixels = to_unit_range(inputs).contiguous(memory_format=torch.channels_last)
        return {CLASSES: network.probabilities(pixels)}


TASK = ImageClassifier()


def to_unit_range(pixels: Tensor) -> Tensor:
    """Pixels as floats in [0, 1]; floats are in that range already."""
    return pixels.float() / 255 if pixels.dtype == torch.uint8 else pixels


def binary_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
    """Binary cross-entropy of softmax probabilities against one-hot labels.

    The mean over examples and classes, with probabilities clipped to [1e-7, 1 - 1e-7], as Keras
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
    losses = -(target * probabilities.log() + (1 - target) * (-probabilities).log1p())
    return sample_weights.mean(losses, weights)


def _check(config: Config, shape: tuple[int, ...]) -> None:
    min_side, n_convolutions = MIN_SIDE[config.network], N_CONVOLUTIONS[config.network]
    if min(shape[1:]) < min_side:
        raise ConfigError(
            f"images of {shape[1]} x {shape[2]} pixels are too small for the network "
            f"{config.network!r}",
            f"it needs at least {min_side} x {min_side}",
        )
    if len(config.channels) != n_convolutions:
        raise ConfigError(
            f"channels = {list(config.channels)} does not fit the network {config.network!r}",
            f"give {n_convolutions} numbers",
        )
