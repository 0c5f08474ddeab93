"""What an image classifier can be told, and the presets. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from glassnet.config import Bounds, Count, NotNegative, Share, TrainingConfig


@dataclass(frozen=True, kw_only=True)
class Config(TrainingConfig):
    """Train an image classifier (CNN)."""

    network: Literal["compact", "paper"] = "compact"
    """compact: three convolutions, made for two cores; paper: two blocks, as in the report."""

    channels: tuple[Count, ...] = (24, 48, 96)
    """Feature maps per convolution: three numbers for compact, two for paper."""

    kernel_size: Literal[3, 5, 7] = 5
    """Side of the kernels of the paper network."""

    dropout: Share = 0.0
    """Share of values that each dropout layer zeroes."""

    loss: Literal["cross-entropy", "bce"] = "cross-entropy"
    """bce: binary cross-entropy of each class's probability, averaged over the classes."""

    label_smoothing: Share = 0.0
    """cross-entropy only: the share of each label that is spread over all classes."""

    rotate: Annotated[float, Bounds(0, 180)] = 0.0
    """Augmentation: largest turn either way, in degrees."""

    scale: Annotated[float, Bounds(0, 0.9)] = 0.0
    """Augmentation: largest change of size either way, as a share."""

    shift: NotNegative = 0.0
    """Augmentation: largest move either way, in pixels."""

    image_size: Annotated[int, Bounds(0, 512)] = 0
    """Side of the user's own images in pixels; 0 keeps what they have, up to 64."""

    colour: Literal["auto", "grey", "rgb"] = "auto"
    """Of the user's own images; auto takes grey if all are grey."""

    monitor: Literal["bce", "loss", "accuracy"] = "loss"
    """The validation value that chooses the checkpoint."""


PRESETS = {
    "default": Config(
        network="compact",
        channels=(24, 48, 96),
        epochs=8,
        batch_size=256,
        optimizer="adamw",
        learning_rate=0.01,
        weight_decay=0.02,
        schedule="one-cycle",
        label_smoothing=0.05,
        rotate=8.0,
        scale=0.1,
        shift=1.5,
    ),
    "paper": Config(
        network="paper",
        channels=(32, 64),
        kernel_size=5,
        epochs=30,
        batch_size=256,
        optimizer="adam",
        learning_rate=0.001,
        schedule="cosine",
        dropout=0.1,
        loss="bce",
        monitor="bce",
    ),
}
