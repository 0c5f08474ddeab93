"""Probe map: how well each layer separates the classes, at each epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.insight.measures import probes
from glassnet.stats.folds import Fold
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
        correct: (layers, columns, n) bool, which points the linear probe classifies correctly.
        n: number of points.
        chance: the share of the largest class.
        chosen: the position of the chosen weights among the columns.
    """

    layers: tuple[str, ...]
    widths: tuple[int, ...]
    columns: tuple[Column, ...]
    values: np.ndarray
    correct: np.ndarray
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


def layer_measures(
    features: np.ndarray, labels: np.ndarray, folds: Sequence[Fold]
) -> tuple[list[float], np.ndarray]:
    """Compute the `MEASURES` of one layer, and which points its linear probe classifies correctly.

    This costs an (n, n) product, and a Cholesky decomposition for the layer and for each fold.

    Args:
        features: (n, d) float32.
        labels: (n,) int64.
        folds: from `stratified_folds`.

    Returns:
        The measures, and (n,) bool.
    """
    products = probes.gram(features)
    correct = probes.probe_correct(products, labels, folds)
    ratio = probes.fisher_ratio(products, labels)
    dimension = probes.effective_dimension(products)
    measures = [
        int(correct.sum()),
        int(probes.neighbours_correct(products, labels, folds).sum()),
        ratio.value,
        ratio.error,
        dimension.value,
        dimension.error,
    ]
    return measures, correct
