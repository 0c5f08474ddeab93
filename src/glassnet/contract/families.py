"""What distinguishes network families: modality of the inputs, kind of network, metrics."""

from dataclasses import dataclass
from enum import StrEnum


class Modality(StrEnum):
    """What a network reads."""

    IMAGES = "images"
    TEXTS = "texts"


class Family(StrEnum):
    """What a network is for."""

    CLASSIFIER = "classifier"
    GENERATOR = "generator"


@dataclass(frozen=True)
class Metric:
    """A metric with everything that is needed to show it.

    Attributes:
        name: its name in metrics.csv, after `train_` or `valid_`.
        title: its name in titles and labels; the name itself if empty.
        unit: as `nats`; may be empty.
        higher_is_better: the direction; of a loss, lower is better.
        is_share: whether it is in [0, 1] and shown as a percentage.
        has_curve: whether it has a panel among the training curves.

    Example:
        >>> Metric("kl", title="KL", unit="nats").label
        'KL (nats)'
    """

    name: str
    title: str = ""
    unit: str = ""
    higher_is_better: bool = False
    is_share: bool = False
    has_curve: bool = True

    @property
    def text(self) -> str:
        """The title, or else the name."""
        return self.title or self.name

    @property
    def label(self) -> str:
        """The title with the unit."""
        unit = "%" if self.is_share else self.unit
        return f"{self.text} ({unit})" if unit else self.text

    def format(self, value: float) -> str:
        """A value as text: four significant digits, or a percentage with two decimals.

        Example:
            >>> Metric("accuracy", is_share=True).format(0.99341), Metric("loss").format(0.031251)
            ('99.34 %', '0.03125')
        """
        if self.is_share:
            return f"{100 * value:.2f} %"
        text = f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
        return f"{text} {self.unit}".rstrip()
