"""Probe map: how well each layer separates the classes, at each epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.insight.measures import probes
from glassnet.insight.measures.folds import Fold
from glassnet.stats.intervals import wilson

MEASURES = ("probe", "neighbours", "fisher", "fisher error", "dimension", "dimension error")
SHARES = ("probe", "neighbours")
"""The measures that are numbers of correctly classified points."""

INPUT = "input"
"""Stands for the raw input among the layers."""


@dataclass(frozen=True)
class Column:
    """One network of the map: the run's own after an epoch, or a control network."""

    epoch: int | None
    control_network: str | None = None


@dataclass(frozen=True, eq=False)
class ProbeMap:
    """The measures of every layer of several networks.

    Attributes:
        layers: names, the raw input first.
        widths: values per point in each layer.
        columns: the networks.
        values: (layers, columns, measures) float64, in the order of `MEASURES`.
        n: number of points.
        chance: the share of the largest class.
        chosen: the position of the chosen weights among the columns.
    """

    layers: tuple[str, ...]
    widths: tuple[int, ...]
    columns: tuple[Column, ...]
    values: np.ndarray
    n: int
    chance: float
    chosen: int

    def of(self, measure: str) -> np.ndarray:
        """One measure, (layers, columns); those in `SHARES` as shares of the points."""
        values = self.values[:, :, MEASURES.index(measure)]
        return values / self.n if measure in SHARES else values

    @property
    def epoch_columns(self) -> tuple[int, ...]:
        """Positions of the columns that are epochs."""
        return tuple(k for k, column in enumerate(self.columns) if column.epoch is not None)

    def interval(self, measure: str, layer: int, column: int) -> dict[str, float]:
        """The 95 % interval of one number, as `low` and `high`."""
        value = float(self.of(measure)[layer, column])
        if measure in SHARES:
            low, high = wilson(round(value * self.n), self.n)
            return {"low": low, "high": high}
        half = 1.96 * float(self.of(f"{measure} error")[layer, column])
        return {"low": max(0.0, value - half), "high": value + half}


def layer_measures(features: np.ndarray, labels: np.ndarray, folds: Sequence[Fold]) -> list[float]:
    """Compute the `MEASURES` of one layer.

    This costs an (n, n) product, and a Cholesky decomposition for the layer and for each fold.

    Args:
        features: (n, d) float32.
        labels: (n,) int64.
        folds: from `stratified_folds`.
    """
    products = probes.gram(features)
    ratio = probes.fisher_ratio(products, labels)
    dimension = probes.effective_dimension(products)
    return [
        probes.probe_hits(products, labels, folds),
        probes.neighbour_hits(products, labels, folds),
        ratio.value,
        ratio.error,
        dimension.value,
        dimension.error,
    ]


@dataclass(frozen=True)
class Separation:
    """Where and when the classes separate: positions of a layer and of a column."""

    layer: int
    column: int


def separation(measured: ProbeMap) -> Separation | None:
    """Find the earliest layer and epoch at which a linear probe is as accurate as it gets.

    The layer is the earliest one whose accuracy at the chosen epoch lies within the 95 % interval
    of the best layer's. The epoch is the first one at which that layer's accuracy lies within the
    interval of its accuracy at the chosen epoch.

    Returns:
        None if no layer is measurably better than chance.
    """
    probe = measured.of("probe")
    chosen = probe[:, measured.chosen]
    enough = measured.interval("probe", int(chosen.argmax()), measured.chosen)["low"]
    if enough <= measured.chance:
        return None
    layer = int(np.flatnonzero(chosen >= enough)[0])
    enough = measured.interval("probe", layer, measured.chosen)["low"]
    return Separation(layer, next(k for k in measured.epoch_columns if probe[layer, k] >= enough))
