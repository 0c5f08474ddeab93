"""Control networks: what the trained network's layers owe to training."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from torch import nn

from glassnet import progress
from glassnet.contract import (
    CONTROL_NETWORKS,
    Cache,
    Data,
    ExplainOptions,
    MakeProvenance,
    Model,
    Networks,
)
from glassnet.findings import (
    Cell,
    Claim,
    ClaimRecorder,
    Examples,
    Finding,
    Interval,
    Scatter,
    ScatterPanel,
    Table,
    count,
    fraction,
    gain,
    interval,
    projection_name,
)
from glassnet.inference.subsample import examples_of
from glassnet.insight.measures import alignment, probes
from glassnet.insight.measures.neighbour_accuracy import NeighbourAccuracy
from glassnet.insight.measures.projections import SINGLE_THREADED, Projection, settings_key
from glassnet.insight.views.projection_quality import QualitySummary, layer_quality, summaries
from glassnet.insight.views.projections import axis_labels, difference, in_all, in_plane
from glassnet.parallel import map_threads
from glassnet.stats.comparisons import LEVEL
from glassnet.stats.folds import stratified_folds

SECTION = "dynamics"

MAX_POINTS = 800
"""Held-out points: t-SNE of this many takes two seconds."""

MIN_POINTS = 20

TRAINED = "trained"

EXAMPLES = "control-network-examples"
"""Name of the record of the held-out points."""


def control_networks(
    data: Data,
    model: Model,
    networks: Networks,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Finding | Examples]:
    """Compare the trained network with its control networks, layer by layer.

    With `options.control_networks`, every chosen layer and method is shown, not the main layer
    alone.
    """
    compared = _networks(model, networks)
    n = min(MAX_POINTS, options.points)
    positions = data.subsample(n, options.seed)
    labels = data.test.labels[positions]
    if len(compared) < 2 or len(labels) < MIN_POINTS or len(np.unique(labels)) < 2:
        return
    shown = shown_layers(model, options)
    layers = tuple(dict.fromkeys((*options.layers, model.feature_layer)))
    comparison = _Comparison(data, model, cache, compared, layers, positions, options)
    reasons = [
        f" The network trained on {name} is left out: {why}."
        for name, why in networks.left_out.items()
    ]
    yield examples_of(data, model, n, options.seed, EXAMPLES)
    for method in options.methods:
        for layer in shown:
            scatter = _scatter(data, provenance, comparison, method, layer, options)
            yield dataclasses.replace(scatter, summary="".join([scatter.summary, *reasons]))
    yield _table(model, provenance, comparison, layers, options)


def shown_layers(model: Model, options: ExplainOptions) -> Sequence[str]:
    """Choose the layers that are mapped: those of the options, or the main one."""
    return options.layers if options.control_networks else (model.feature_layer,)


def _networks(model: Model, networks: Networks) -> dict[str, nn.Module]:
    """The trained network and its control networks, as far as there are any, by name."""
    return {TRAINED: model.network} | {
        name: network
        for name in CONTROL_NETWORKS
        if (network := networks.control_network(name)) is not None
    }


class _Comparison:
    """Layers of all networks at the same points; computed on demand."""

    def __init__(
        self,
        data: Data,
        model: Model,
        cache: Cache,
        networks: Mapping[str, nn.Module],
        layers: Sequence[str],
        positions: np.ndarray,
        options: ExplainOptions,
    ) -> None:
        self.model, self.cache, self.networks, self.layers = model, cache, networks, layers
        self.methods, self.seed = options.methods, options.seed
        self.inputs = data.inputs(data.test.take(positions))
        self.labels = data.test.labels[positions]
        self.folds = stratified_folds(self.labels, self.seed)
        self.chance = float(np.bincount(self.labels).max() / len(self.labels))

    @cached_property
    def activations(self) -> dict[str, dict[str, np.ndarray]]:
        """Network -> layer -> (n, d)."""
        return {
            name: self.model.activations(self.inputs, self.layers, network)
            for name, network in self.networks.items()
        }

    @cached_property
    def accuracies(self) -> dict[tuple[str, str], NeighbourAccuracy]:
        """(network, layer) -> 10-NN accuracy in all dimensions; cached."""
        pairs = [(name, layer) for name in self.networks for layer in self.layers]
        cached = self.cache(
            self._key("nearest-votes", *self.layers, *self.networks),
            lambda: {
                "correct": np.stack(
                    [self._correct(self.activations[name][layer]) for name, layer in pairs]
                )
            },
        )
        return {
            (name, layer): NeighbourAccuracy(correct, self.activations[name][layer].shape[1])
            for (name, layer), correct in zip(pairs, cached["correct"], strict=True)
        }

    def projection(
        self, name: str, layer: str, method: str
    ) -> tuple[Projection, NeighbourAccuracy]:
        """Project a network's layer, and measure the 10-NN accuracy in the projection."""
        projection = self._projections(layer, method)[name]
        return projection, NeighbourAccuracy(self._correct(projection.points), 2)

    def _projections(self, layer: str, method: str) -> dict[str, Projection]:
        """Project one layer of all networks, in parallel; cached.

        The control networks' projections are rotated towards the trained network's, so that only
        real differences show.
        """
        names = list(self.networks)

        def make() -> dict[str, np.ndarray]:
            features = [layers[layer] for layers in self.activations.values()]
            title = f"{projection_name(method, layer)}, with control networks"
            project = SINGLE_THREADED[method]
            projections = map_threads(lambda values: project(values, self.seed), features, title)
            reference = projections[0].points
            rotated = [
                alignment.rotate(projection.points, reference, bool(projection.explained))
                for projection in projections[1:]
            ]
            return {
                "points": np.stack([reference, *rotated]),
                "explained": np.array([projection.explained for projection in projections]),
            }

        key = map_key(method, layer, names, len(self.labels), self.seed)
        cached = self.cache(key, make)
        rows = zip(names, cached["points"], cached["explained"].tolist(), strict=True)
        return {name: Projection(points, tuple(explained)) for name, points, explained in rows}

    def qualities(self, name: str, layer: str) -> dict[str, QualitySummary]:
        """Measure the quality of one network's projections of a layer, by method; cached."""
        title = f"{layer}, {name}"

        def make() -> dict[str, np.ndarray]:
            points = {
                method: self._projections(layer, method)[name].points for method in self.methods
            }
            return layer_quality(self.activations[name][layer], points, self.seed, title)

        return summaries(
            self.cache(
                self._key("neighbour-quality", *map(settings_key, self.methods), name, layer), make
            ),
            self.methods,
            layer,
            _control(name),
        )

    def _key(self, *parts: str) -> str:
        return _key(*parts, n=len(self.labels), seed=self.seed)

    def _correct(self, features: np.ndarray) -> np.ndarray:
        return probes.neighbours_correct(probes.gram(features), self.labels, self.folds)

    def accuracy(self, name: str, layer: str) -> Claim:
        """10-NN accuracy in all dimensions of a network's layer."""
        return in_all(layer, self.accuracies[name, layer], _control(name))


def map_key(method: str, layer: str, names: Sequence[str], n: int, seed: int) -> str:
    """Name what the maps of a layer of all networks are cached under."""
    return _key("projections", settings_key(method), layer, *names, n=n, seed=seed)


def _key(*parts: str, n: int, seed: int) -> str:
    return "-".join(["control-networks", *parts, str(n), str(seed)]).replace(" ", "-")


def finding_name(method: str, layer: str, options: ExplainOptions) -> str:
    """Name the finding with the maps of a layer."""
    return f"control-networks-{method}" + (f"-{layer}" if options.control_networks else "")


def _scatter(
    data: Data,
    provenance: MakeProvenance,
    comparison: _Comparison,
    method: str,
    layer: str,
    options: ExplainOptions,
) -> Scatter:
    record, panels, n = ClaimRecorder(), [], len(comparison.labels)
    with progress.stage("control networks", len(comparison.networks), "projections") as advance:
        for name in comparison.networks:
            panels.append(_panel(record, comparison, name, layer, method))
            advance(note=name)
    listed = " and ".join(
        f"{record(comparison.accuracy(name, layer))} {_in(name)}"
        for name in comparison.networks
        if name != TRAINED
    )
    return Scatter(
        name=finding_name(method, layer, options),
        section=SECTION,
        title=_title(comparison, layer),
        summary=f"{projection_name(method, layer)} for the same "
        f"{record(count('held-out points', n))} held-out points. 10-NN accuracy is "
        f"{record(comparison.accuracy(TRAINED, layer))} in the trained network, {listed}; chance "
        f"is {record(fraction('chance', comparison.chance, n=n))}. What a control network shows "
        "as well is due to the architecture.",
        provenance=provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
        panels=tuple(panels),
        labels=comparison.labels,
        class_names=data.class_names,
        examples=EXAMPLES,
    )


def _panel(
    record: ClaimRecorder, comparison: _Comparison, name: str, layer: str, method: str
) -> ScatterPanel:
    """One network's projection of a layer."""
    projection, accuracy = comparison.projection(name, layer, method)
    full = comparison.accuracy(name, layer)
    plane = in_plane(method, layer, accuracy, _control(name))
    dimensions = comparison.accuracies[name, layer].dimensions
    width = record(count("dimensions", dimensions, layer=layer))
    return comparison.qualities(name, layer)[method].panel(
        record,
        name,
        projection.points,
        f"10-NN accuracy {record(full)} in all {width} dimensions, {record(plane)} in this "
        "projection",
        {"neighbour_accuracy_full": full.value, "neighbour_accuracy_plane": plane.value},
        axis_labels(projection.explained),
    )


def _control(name: str) -> str | None:
    """The network's name in a claim; None for the trained one."""
    return None if name == TRAINED else name


def _in(name: str) -> str:
    if name == CONTROL_NETWORKS[0]:
        return "in the untrained network"
    return f"in the network trained on {name}"


def _title(comparison: _Comparison, layer: str) -> str:
    """Say whether training improved a layer, by McNemar's test on the same points."""
    untrained = comparison.accuracies.get((CONTROL_NETWORKS[0], layer))
    trained = comparison.accuracies[TRAINED, layer]
    if untrained is None:
        return f"{layer} in the trained network and in a control network"
    by_training = difference(trained, untrained)
    if by_training.p < LEVEL:
        how = "better" if by_training.value > 0 else "less well"
        return f"Training separates the classes at {layer} {how} than an untrained network does"
    return f"No clear gain from training at {layer} with {trained.n:,} points"


def _table(
    model: Model,
    provenance: MakeProvenance,
    comparison: _Comparison,
    layers: Sequence[str],
    options: ExplainOptions,
) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (layer, *(_cell(comparison.accuracies[name, layer]) for name in comparison.networks))
        for layer in layers
    ]
    layer, n, record = model.feature_layer, len(comparison.labels), ClaimRecorder()
    name = next(network for network in comparison.networks if network != TRAINED)
    own, control = comparison.accuracy(TRAINED, layer), comparison.accuracy(name, layer)
    change = difference(comparison.accuracies[TRAINED, layer], comparison.accuracies[name, layer])
    by = gain("difference (points)", change, n, layer=layer)
    return Table(
        name="control-networks-table",
        section=SECTION,
        title=f"Training changes 10-NN accuracy at {layer} by {record(by)}"
        if change.p < LEVEL
        else f"Training does not clearly change 10-NN accuracy at {layer} ({record(by)})",
        summary=f"10-NN accuracy in % of {record(count('held-out points', n))} held-out points "
        f"(5-fold), with the 95 % interval: {record(control)} {_in(name)}, {record(own)} in the "
        "trained network. The difference, on the same points, has the 95 % interval "
        f"{record(interval(by, '{:+.1f} to {:+.1f} points', 1))}.",
        provenance=provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
        stands_out=change.p < LEVEL,
        columns=("layer", *(f"{name} (%)" for name in comparison.networks)),
        formats=("", *(".1f" for _ in comparison.networks)),
        rows=tuple(rows),
    )


def _cell(accuracy: NeighbourAccuracy) -> Interval:
    low, high = accuracy.interval
    return Interval(value=100 * accuracy.accuracy, low=100 * low, high=100 * high)
