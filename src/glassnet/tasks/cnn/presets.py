"""Configuration and presets of the image classifier. Imports no torch."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from glassnet.config import Bounds, Count, Fraction, ImageConfig, NotNegative


@dataclass(frozen=True, kw_only=True)
class Config(ImageConfig):
    """Train an image classifier (CNN)."""

    network: Literal["compact", "paper", "tiny"] = "compact"
    """compact: three convolutions, fast on two cores; paper: two blocks, as in the report; tiny:
    five convolutions, fewer than 9,000 parameters."""

    channels: tuple[Count, ...] = (24, 48, 96)
    """Feature maps of each convolution: three numbers for compact, two for paper, five for
    tiny."""

    kernel_size: Literal[3, 5, 7] = 5
    """paper only: side of the kernels."""

    dropout: Fraction = 0.0
    """Fraction of values that each dropout layer zeroes."""

    pool_first: bool = False
    """compact only: pool before normalisation and ReLU, which then have a quarter of the work."""

    loss: Literal["cross-entropy", "bce"] = "cross-entropy"
    """bce: binary cross-entropy of each class's probability, averaged over the classes."""

    label_smoothing: Fraction = 0.0
    """cross-entropy only: fraction of each label that is spread over all classes."""

    rotate: Annotated[float, Bounds(0, 180)] = 0.0
    """Augmentation: maximum rotation in either direction, in degrees."""

    scale: Annotated[float, Bounds(0, 0.9)] = 0.0
    """Augmentation: maximum change of size in either direction, as a fraction."""

    shift: NotNegative = 0.0
    """Augmentation: maximum translation in either direction, in pixels."""

    monitor: Literal["bce", "loss", "accuracy"] = "loss"
    """Validation metric that selects the checkpoint."""


_DEFAULT = Config(
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
)

PRESETS = {
    "default": _DEFAULT,
    # As many multiply-adds as one epoch of the default's network, and a lower validation loss.
    "quick": replace(_DEFAULT, epochs=2, channels=(16, 32, 64)),
    # Time to 99.39 % and to 99.0 % of MNIST's test images. One epoch is too short for augmentation.
    "record": replace(_DEFAULT, epochs=3, pool_first=True),
    "record-99": replace(
        _DEFAULT,
        epochs=1,
        channels=(16, 40, 80),
        pool_first=True,
        learning_rate=0.02,
        rotate=0.0,
        scale=0.0,
        shift=0.0,
    ),
    # The fewest errors in a quarter of an hour: wider, longer, and more augmentation.
    "best": replace(
        _DEFAULT,
        epochs=60,
        channels=(32, 64, 128),
        pool_first=True,
        dropout=0.2,
        rotate=10.0,
        scale=0.12,
        shift=2.0,
    ),
    "tiny": replace(
        _DEFAULT,
        network="tiny",
        channels=(8, 12, 16, 16, 24),
        epochs=40,
        weight_decay=0.01,
        label_smoothing=0.0,
    ),
    "paper": Config(
        network="paper",
        channels=(32, 64),
        kernel_size=5,
        epochs=30,
        batch_size=256,
        optimizer="adamw",
        learning_rate=0.001,
        weight_decay=3.0,  # decoupled, times the learning rate; see docs/reproduction.md
        schedule="cosine",
        dropout=0.1,
        loss="bce",
        monitor="bce",
    ),
}
