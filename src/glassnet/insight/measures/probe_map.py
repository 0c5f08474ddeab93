"""Every layer at every kept epoch, measured: how well it tells the classes apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from glassnet import progress
from glassnet.contract import CONTROL_NETWORKS, Evidence, ExplainOptions
from glassnet.findings import Claim, claims
from glassnet.insight.measures import probes
from glassnet.stats.intervals import wilson

POINTS = 800
"""Held-out points at most: the cost of a probe grows with their cube, and 800 tell a share near 1
to within a point."""

LEAST = 20
"""Points from which on there is something to tell."""

AT_ONCE = 256 << 20
"""Bytes of activations that are held at once."""

MEASURES = ("probe", "neighbours", "fisher", "fisher error", "dimension", "dimension error")
SHARES = ("probe", "neighbours")
NAMES = {
    "probe": "linear probe accuracy",
    "neighbours": "10-NN accuracy",
    "fisher": "Fisher ratio",
    "dimension": "effective dimension",
}
INPUT = "input"


@dataclass(frozen=True)
class Column:
    """A network that is looked at: its name, its epoch (None for a twin), and how to get it."""

    name: str
    epoch: int | None
    network: Callable[[], nn.Module]


@dataclass(frozen=True, eq=False)
class Map:
    """What was measured.

    Attributes:
        layers: names, the raw input first.
        widths: values per point in each layer.
        columns: the networks.
        values: (layers, columns, measures) float64, in the order of `MEASURES`; hits of `n`.
        n: number of points.
        chance: the share of the largest class.
        chosen: the place of the chosen weights among the columns.
    """

    layers: tuple[str, ...]
    widths: tuple[int, ...]
    columns: tuple[Column, ...]
    values: np.ndarray
    n: int
    chance: float
    chosen: int

    def of(self, measure: str) -> np.ndarray:
        """(layers, columns); hits as shares."""
        values = self.values[:, :, MEASURES.index(measure)]
        return values / self.n if measure in SHARES else values

    @property
    def epochs(self) -> tuple[int, ...]:
        """Places of the columns that are epochs, in their order."""
        return tuple(place for place, each in enumerate(self.columns) if each.epoch is not None)

    def interval(self, measure: str, layer: int, column: int) -> dict[str, float]:
        """The ends of the 95 % interval: `low` and `high`."""
        value = float(self.of(measure)[layer, column])
        if measure in SHARES:
            low, high = wilson(round(value * self.n), self.n)
            return {"low": low, "high": high}
        half = 1.96 * float(self.of(f"{measure} error")[layer, column])
        return {"low": max(0.0, value - half), "high": value + half}

    def claim(self, measure: str, layer: int, column: int) -> Claim:
        """One of the numbers as a record."""
        what = f"{NAMES[measure]} at {self.layers[layer]}, {self.columns[column].name}"
        value = float(self.of(measure)[layer, column])
        if measure in SHARES:
            return claims.share(what, round(value * self.n), self.n)
        words = f"{value:.2f}" if measure == "fisher" else f"{value:.1f}"
        return claims.number(what, value, words, self.n, **self.interval(measure, layer, column))


def measure(evidence: Evidence, options: ExplainOptions) -> Map:
    """Measure every layer of every kept network on held-out points; kept.

    Costs one pass of the points through each network, a product of (points, points) per layer, and
    a Cholesky decomposition per layer and part.
    """
    where, seed = held_out(evidence, options), options.seed
    inputs, labels = evidence.inputs(evidence.test.take(where)), evidence.test.labels[where]
    columns, layers = _columns(evidence), (INPUT, *evidence.all_layers)
    stored = evidence.cached(
        f"where-{len(labels)}-{seed}-{len(columns)}",
        lambda: _measured(evidence, columns, layers[1:], inputs, labels, seed),
    )
    return Map(
        layers=layers,
        widths=tuple(stored["widths"].tolist()),
        columns=columns,
        values=stored["values"],
        n=len(labels),
        chance=float(np.bincount(labels).max() / len(labels)),
        chosen=next(k for k, each in enumerate(columns) if each.epoch == evidence.best_epoch),
    )


def held_out(evidence: Evidence, options: ExplainOptions) -> np.ndarray:
    """Places of the test examples that are measured: as many as asked for, `POINTS` at most."""
    return evidence.subsample(min(POINTS, options.points), options.seed)


def _columns(evidence: Evidence) -> tuple[Column, ...]:
    """The kept epochs, the chosen one among them, and behind them the twin that learned chance."""
    epochs = sorted({*evidence.snapshots, evidence.best_epoch})
    columns = [
        Column(
            f"epoch {epoch}",
            epoch,
            lambda epoch=epoch: (  # type: ignore[misc]
                evidence.network if epoch == evidence.best_epoch else evidence.network_at(epoch)
            ),
        )
        for epoch in epochs
    ]
    for name in CONTROL_NETWORKS[1:]:
        if (network := evidence.control_network(name)) is not None:
            columns.append(Column(name, None, lambda network=network: network))  # type: ignore[misc]
    return tuple(columns)


def _measured(
    evidence: Evidence,
    columns: Sequence[Column],
    layers: Sequence[str],
    inputs: Tensor,
    labels: np.ndarray,
    seed: int,
) -> dict[str, np.ndarray]:
    parts = probes.folds(labels, seed)
    raw_inputs = evidence.raw_inputs(inputs)
    first = evidence.activations(inputs[:1], layers)
    widths = [raw_inputs.shape[1], *(first[layer].shape[1] for layer in layers)]
    values = np.empty((1 + len(layers), len(columns), len(MEASURES)))
    title = "layers by epochs"
    with progress.stage(title, 1 + len(layers) * len(columns), "layers") as advance:
        values[0] = _cell(raw_inputs, labels, parts)
        advance()
        for place, column in enumerate(columns):
            network = column.network()
            for group in _groups(layers, widths[1:], len(labels)):
                seen = evidence.activations(inputs, [layers[k] for k in group], network)
                for k in group:
                    values[1 + k, place] = _cell(seen.pop(layers[k]), labels, parts)
                    advance(note=column.name)
    return {"values": values, "widths": np.array(widths)}


def _cell(features: np.ndarray, labels: np.ndarray, parts: Sequence[probes.Fold]) -> list[float]:
    products = probes.gram(features)
    ratio = probes.fisher_ratio(products, labels)
    dimension = probes.effective_dimension(products)
    return [
        probes.probe_hits(products, labels, parts),
        probes.neighbour_hits(products, labels, parts),
        ratio.value,
        ratio.error,
        dimension.value,
        dimension.error,
    ]


def _groups(layers: Sequence[str], widths: Sequence[int], n: int) -> Iterator[list[int]]:
    """Neighbouring layers whose activations fit into `AT_ONCE`; a wider layer stands alone."""
    group: list[int] = []
    for place in range(len(layers)):
        if group and 4 * n * sum(widths[k] for k in [*group, place]) > AT_ONCE:
            yield group
            group = []
        group.append(place)
    if group:
        yield group


@dataclass(frozen=True)
class Verdict:
    """The earliest layer that does as well as any, and the epoch from which on it does.

    `layer` and `column` are places; None where no layer tells more than chance does.
    """

    layer: int
    column: int


def verdict(found: Map) -> Verdict | None:
    """Where and when the classes come apart, by the probes' accuracy.

    The layer is the earliest one that at the chosen epoch is not measurably below the best: within
    the best one's 95 % interval. The epoch is the first at which that layer is within the interval
    of what it has at the chosen one.
    """
    probe = found.of("probe")
    chosen = probe[:, found.chosen]
    best = int(chosen.argmax())
    if wilson(round(chosen[best] * found.n), found.n)[0] <= found.chance:
        return None
    layer = int(np.flatnonzero(chosen >= found.interval("probe", best, found.chosen)["low"])[0])
    least = found.interval("probe", layer, found.chosen)["low"]
    good = [place for place in found.epochs if probe[layer, place] >= least]
    return Verdict(layer, good[0])
