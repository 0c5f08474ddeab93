"""Maps, probes and training examples of each layer, among which a new input is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax

from glassnet import findings
from glassnet.contract import ExplainOptions
from glassnet.data.splits import subsample
from glassnet.findings import Scatter
from glassnet.insight.measures.placement import (
    PlacementError,
    majority,
    nearest,
    place,
    placement_error,
)
from glassnet.insight.measures.probe_map import INPUT
from glassnet.insight.measures.probes import fit_probe
from glassnet.insight.measures.projections import N_COMPONENTS, project
from glassnet.insight.views.projections import map_key
from glassnet.stats.principal_components import PrincipalAxes, principal_axes

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun
    from glassnet.web.preparations import Report

METHODS = ("pca", "tsne")

N_POINTS = 1000
"""Test examples on the maps of a run without findings."""

N_TRAINING = 10_000
"""Training examples among which the nearest ones are searched."""

N_PROBE = 2000
"""Training examples that the probes are fitted on."""

N_SHOWN = 5
"""Nearest training examples that are shown."""

BLOCK = 1000
"""Training examples whose activations are in memory at once."""


@dataclass(frozen=True, eq=False)
class LayerMap:
    """One layer, or the input.

    Neighbours are searched in the first `N_COMPONENTS` principal components, which are what t-SNE
    gets.

    Attributes:
        points: method -> (n, 2) float32, its map of the test points; empty for the input.
        plane: the axes of the PCA map.
        axes: those in which neighbours are searched.
        values: (n, components) float32, the test points.
        training: (m, components) float32, the training examples.
        weights, bias: of the linear probe.
        accuracy: the share of the test points that the probe classifies correctly.
        errors: method -> the error of placing points by their neighbours; of t-SNE alone.
    """

    points: Mapping[str, np.ndarray]
    plane: PrincipalAxes
    axes: PrincipalAxes
    values: np.ndarray
    training: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    accuracy: float
    errors: Mapping[str, PlacementError]

    def place(self, features: np.ndarray) -> dict[str, np.ndarray]:
        """Place a point (1, d) on each map: (1, 2). On a PCA map it is projected exactly."""
        around = nearest(self.axes.transform(features), self.values)
        return {
            method: self.plane.transform(features) if method == "pca" else place(*around, points)
            for method, points in self.points.items()
        }

    def nearest_training(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The nearest training examples of a point (1, d): distances and positions (N_SHOWN,)."""
        distances, positions = nearest(self.axes.transform(features), self.training, N_SHOWN)
        return distances[0], positions[0]

    def scores(self, features: np.ndarray) -> np.ndarray:
        """The scores (n, classes) of the linear probe for points (n, d)."""
        return np.asarray(features @ self.weights + self.bias)


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The layers of a run, the input first.

    Attributes:
        layers: layer -> its maps.
        labels: (n,) classes of the test points.
        train_labels: (m,) classes of the training examples.
        train_inputs: (m, ...) images or texts of the training examples.
        n_train: number of all training examples.
        is_explained: whether the maps are those of the run's findings.
        temperatures: layer -> that of its probe; empty if the probes are not calibrated.
        n_calibration: number of validation examples that they are fitted on.
    """

    layers: Mapping[str, LayerMap]
    labels: np.ndarray
    train_labels: np.ndarray
    train_inputs: np.ndarray
    n_train: int
    is_explained: bool
    temperatures: Mapping[str, float] = field(default_factory=dict)
    n_calibration: int = 0

    def described(self) -> dict[str, Any]:
        """All that a page needs to draw the maps; coordinates are whole numbers from 0 to 1000."""
        return {
            "labels": self.labels,
            "explained": self.is_explained,
            "training": {"searched": len(self.train_labels), "all": self.n_train},
            "probe": min(N_PROBE, len(self.train_labels)),
            "calibration": self.n_calibration,
            "layers": [
                {
                    "name": name,
                    "probe_accuracy": layer.accuracy,
                    "maps": {
                        method: {
                            "points": scaled(points, points).round().astype(int),
                            "error": vars(layer.errors[method]) if method in layer.errors else None,
                        }
                        for method, points in layer.points.items()
                    },
                }
                for name, layer in self.layers.items()
            ],
        }

    def probe(self, layer: str, features: np.ndarray) -> np.ndarray:
        """The probabilities (classes,) that a layer's linear probe gives for a point (1, d).

        They are the softmax of its scores over the temperature, which is 1 without calibration.
        """
        scores = self.layers[layer].scores(features)[0]
        return np.asarray(softmax(scores / self.temperatures.get(layer, 1.0)))

    def landing(self, layer: str, features: np.ndarray) -> dict[str, Any]:
        """Where a point (1, d) of a layer lands on each map, and the class of most points there."""
        found = self.layers[layer]
        return {
            method: {
                "point": scaled(landed, found.points[method])[0],
                "class": int(majority(landed, found.points[method], self.labels)[0]),
            }
            for method, landed in found.place(features).items()
        }


def scaled(points: np.ndarray, of_map: np.ndarray) -> np.ndarray:
    """Points in the coordinates of a map that fills 0 to 1000, with its aspect ratio; y is up."""
    low, high = of_map.min(axis=0), of_map.max(axis=0)
    width = float((high - low).max()) or 1.0
    return (points - (low + high) / 2) * (1000 / width) + 500


def unscaled(points: np.ndarray, of_map: np.ndarray) -> np.ndarray:
    """Undo `scaled`: (m, 2) float32."""
    low, high = of_map.min(axis=0), of_map.max(axis=0)
    width = float((high - low).max()) or 1.0
    return np.asarray((points - 500) * (width / 1000) + (low + high) / 2, np.float32)


def build(run: TrainedRun, report: Report) -> LayerMaps:
    """Make the maps of a run: those of its findings, else of `N_POINTS` test examples.

    What is computed is stored in the run's cache, by the digest of the weights.

    Raises:
        GlassnetError: the data are not there any more.
    """
    data, model = run.data, run.model
    options, maps = find_maps(run, report)
    points = data.test.take(data.subsample(options.points, options.seed))
    places = subsample(data.train.labels, N_TRAINING, options.seed)
    name = "-".join(["inspection", *maps, *options.layers, str(options.points), str(options.seed)])
    layers = _restored(maps, model.cache(name, lambda: _arrays(run, report, options, maps, places)))
    return LayerMaps(
        layers=layers,
        labels=points.labels,
        train_labels=data.train.labels[places],
        train_inputs=data.train.inputs[places],
        n_train=len(data.train),
        is_explained=has_maps(run),
    )


def find_maps(
    run: TrainedRun, report: Report
) -> tuple[ExplainOptions, dict[str, dict[str, np.ndarray]]]:
    """The maps by method and layer, and the options that they depend on.

    Those of the run's findings, or else of `N_POINTS` test examples, computed now and cached.
    """
    return _stored_maps(run) or _computed_maps(run, report)


def has_maps(run: TrainedRun) -> bool:
    """Whether the run has findings of its best weights."""
    return run.run.is_explained(run.model.digest)


def _stored_maps(run: TrainedRun) -> tuple[ExplainOptions, dict[str, dict[str, np.ndarray]]] | None:
    """The maps of the run's findings by method and layer, and the options that they depend on."""
    if not has_maps(run):
        return None
    found = findings.load_all(run.run.findings)
    named = [found.get(name) for name in METHODS]
    scatters = [record for record in named if isinstance(record, Scatter)]
    if not scatters:
        return None
    maps = {each.name: {panel.label: panel.points for panel in each.panels} for each in scatters}
    seed, n = scatters[0].provenance.seed or 0, len(scatters[0].labels)
    return ExplainOptions(tuple(maps[scatters[0].name]), tuple(maps), n, seed), maps


def _computed_maps(
    run: TrainedRun, report: Report
) -> tuple[ExplainOptions, dict[str, dict[str, np.ndarray]]]:
    data, model = run.data, run.model
    layers = model.task.layers
    options = ExplainOptions(layers, METHODS, min(N_POINTS, len(data.test)))
    examples = data.test.take(data.subsample(options.points, options.seed))
    features = model.activations(data.inputs(examples), layers)
    maps: dict[str, dict[str, np.ndarray]] = {method: {} for method in METHODS}
    for place_of_layer, layer in enumerate(layers):
        report(f"the maps of {layer}", 0.1 + 0.5 * place_of_layer / len(layers))
        for method in METHODS:

            def make(layer: str = layer, method: str = method) -> dict[str, np.ndarray]:
                made = project(features[layer], method, options.seed)
                return {"points": made.points, "explained": np.array(made.explained)}

            maps[method][layer] = model.cache(map_key(options, method, layer), make)["points"]
    return options, maps


ARRAYS = ("values", "training", "weights", "bias", "accuracy")
AXES = ("plane", "axes")


def _arrays(
    run: TrainedRun,
    report: Report,
    options: ExplainOptions,
    maps: Mapping[str, Mapping[str, np.ndarray]],
    places: np.ndarray,
) -> dict[str, np.ndarray]:
    """What `LayerMap` consists of besides the maps, for each layer; in the form of a cache."""
    data = run.data
    test = data.test.take(data.subsample(options.points, options.seed))
    names = (INPUT, *options.layers)
    probed = places[subsample(data.train.labels[places], N_PROBE, options.seed)]
    features = {
        "test": _features(run, test.inputs, options.layers),
        "probe": _features(run, data.train.inputs[probed], options.layers),
    }
    arrays: dict[str, np.ndarray] = {}
    axes: dict[str, PrincipalAxes] = {}
    for number, name in enumerate(names):
        report(f"the probe of {name}", 0.6 + 0.2 * number / len(names))
        own = features["test"][name]
        axes[name] = principal_axes(own, min(N_COMPONENTS, len(own)), options.seed)
        plane = principal_axes(own, 2, options.seed)
        weights, bias = fit_probe(features["probe"][name], data.train.labels[probed])
        correct = (own @ weights + bias).argmax(axis=1) == test.labels
        values = axes[name].transform(own)
        made = {"values": values, "weights": weights, "bias": bias, "accuracy": correct.mean()}
        made |= {"plane-mean": plane.mean, "plane-axes": plane.axes}
        made |= {"axes-mean": axes[name].mean, "axes-axes": axes[name].axes}
        if name in maps.get("tsne", {}):
            error = placement_error(
                *nearest(values, values, own=True), maps["tsne"][name], test.labels
            )
            made["error"] = np.array([error.distance, error.same_class, error.n])
        arrays |= {f"{name}-{key}": np.asarray(value) for key, value in made.items()}
    report(f"the activations of {len(places):,} training examples", 0.8)
    training: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for done, block in _blocks(places):
        report(f"the activations of {len(places):,} training examples", 0.8 + 0.2 * done)
        for name, values in _features(run, data.train.inputs[block], options.layers).items():
            training[name].append(axes[name].transform(values))
    return arrays | {f"{name}-training": np.concatenate(training[name]) for name in names}


def _blocks(places: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
    for start in range(0, len(places), BLOCK):
        yield start / len(places), places[start : start + BLOCK]


def _features(
    run: TrainedRun, examples: np.ndarray, layers: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Layer -> (n, d) float32, the input as pixels or as a bag of words included."""
    inputs = run.data.inputs_of(examples)
    return {INPUT: run.data.raw_inputs(inputs), **run.model.activations(inputs, layers)}


def _restored(
    maps: Mapping[str, Mapping[str, np.ndarray]], arrays: Mapping[str, np.ndarray]
) -> dict[str, LayerMap]:
    names = (INPUT, *next(iter(maps.values())))
    return {name: _restored_layer(name, maps, arrays) for name in names}


def _restored_layer(
    name: str, maps: Mapping[str, Mapping[str, np.ndarray]], arrays: Mapping[str, np.ndarray]
) -> LayerMap:
    own = {
        key.removeprefix(f"{name}-"): value
        for key, value in arrays.items()
        if key.startswith(f"{name}-")
    }
    errors = {}
    if "error" in own:
        distance, same_class, n = own["error"].tolist()
        errors["tsne"] = PlacementError(distance, same_class, int(n))
    return LayerMap(
        points={method: layers[name] for method, layers in maps.items() if name in layers},
        plane=PrincipalAxes(own["plane-mean"], own["plane-axes"]),
        axes=PrincipalAxes(own["axes-mean"], own["axes-axes"]),
        values=own["values"],
        training=own["training"],
        weights=own["weights"],
        bias=own["bias"],
        accuracy=float(own["accuracy"]),
        errors=errors,
    )
