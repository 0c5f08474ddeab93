"""Where and when the classes separate, and in how many redraws of the points it is there."""

from dataclasses import dataclass

import numpy as np

from glassnet.insight.measures.probe_map import ProbeMap
from glassnet.stats.comparisons import LEVEL, holm, paired_difference

MARGIN = 0.02
"""Difference of two accuracies up to which a layer or an epoch is about as good as another."""

REDRAWS = 1000
"""Samples of the points in which the separation is determined again."""

AGREEMENT = 0.9
"""Share of the redraws that must agree for one layer to be named, or else lie in a range."""


@dataclass(frozen=True)
class Separation:
    """Where and when the classes separate: positions of layers and of a column.

    Attributes:
        layer: the layer at which they separate in the given points.
        column: the first epoch from which on they do.
        layer_agreement: share of the redraws of the points in which it is this layer.
        epoch_agreement: share of the redraws in which this layer's epoch is this one.
        first, last: the layers between which it lies in `AGREEMENT` of the redraws.
        beats_input: whether the best layer is better than the raw input.
    """

    layer: int
    column: int
    layer_agreement: float
    epoch_agreement: float
    first: int
    last: int
    beats_input: bool


def separation(measured: ProbeMap, seed: int = 0) -> Separation | None:
    """Find the first layer and epoch at which a linear probe is about as accurate as it gets.

    The layer is the first one whose accuracy with the chosen weights is within `MARGIN` of the best
    layer's. The epoch is the first one from which on that layer's accuracy is within `MARGIN` of
    its accuracy with the chosen weights. Both are determined again in `REDRAWS` samples of the
    points, drawn with replacement, each for all layers and epochs at once (a paired bootstrap).

    Returns:
        None if no layer is better than chance (binomial tests, Holm's correction).
    """
    chosen, n = measured.correct[:, measured.chosen], measured.n
    if min(holm([_above_chance(int(hits), n, measured.chance) for hits in chosen.sum(1)])) >= LEVEL:
        return None
    best = int(chosen.sum(axis=1).argmax())
    gains = [paired_difference(layer, chosen[0]) for layer in chosen[1:]]
    corrected = holm([gain.p for gain in gains])
    draws = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=REDRAWS)
    epochs = list(measured.epoch_columns)
    accuracy = np.tensordot(measured.correct[:, epochs], draws, (2, 1)) / n  # layer, epoch, draw
    observed = measured.of("probe")[:, epochs, np.newaxis]
    place = epochs.index(measured.chosen)
    layer, layers = int(_first_layer(observed[:, place])[0]), _first_layer(accuracy[:, place])
    column = int(_first_epoch(observed[layer], place)[0])
    columns = _first_epoch(accuracy[layer], place)
    tail = 100 * (1 - AGREEMENT) / 2
    first, last = np.percentile(layers, [tail, 100 - tail], method="nearest")
    return Separation(
        layer=layer,
        column=epochs[column],
        layer_agreement=float((layers == layer).mean()),
        epoch_agreement=float((columns == column).mean()),
        first=int(first),
        last=int(last),
        beats_input=best > 0 and corrected[best - 1] < LEVEL and gains[best - 1].value > 0,
    )


def _above_chance(hits: int, n: int, chance: float) -> float:
    from scipy.stats import binomtest

    return float(binomtest(hits, n, chance, alternative="greater").pvalue)


def _first_layer(accuracy: np.ndarray) -> np.ndarray:
    """(layers, draws) -> (draws,), the first layer within `MARGIN` of the best one."""
    return (accuracy >= accuracy.max(axis=0) - MARGIN).argmax(axis=0)


def _first_epoch(accuracy: np.ndarray, chosen: int) -> np.ndarray:
    """(epochs, draws) -> (draws,), the first from which on it is within `MARGIN` of the chosen."""
    enough = accuracy[: chosen + 1] >= accuracy[chosen] - MARGIN
    from_there_on = np.logical_and.accumulate(enough[::-1])[::-1]
    return from_there_on.argmax(axis=0)
