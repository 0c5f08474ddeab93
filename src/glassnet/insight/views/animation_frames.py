"""Projections of every layer at every recorded epoch, before they are aligned."""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet import progress
from glassnet.contract import Cache, Data, ExplainOptions, Model, Networks
from glassnet.findings import METHOD_NAMES, projection_name
from glassnet.insight.measures.aligned_projections import (
    N_JOBS,
    Components,
    components,
    drift,
    pca_frame,
    tsne_frames,
)
from glassnet.insight.measures.neighbour_accuracy import neighbour_accuracy
from glassnet.insight.measures.projections import settings_key
from glassnet.parallel import map_threads

MAX_FRAMES = 9
"""Frames of an animation: snapshots are dense early, when much happens."""

MAX_POINTS = 800
"""Examples in an animation; t-SNE takes a third of a second per frame for this many."""

LayerComponents = Sequence[Sequence[Components]]
"""For each layer, the examples' principal components at each epoch."""


@dataclass(frozen=True, eq=False)
class Track:
    """One layer's projections under one method, epoch by epoch.

    Attributes:
        method: `pca` or `tsne`.
        layer: its name.
        points: (frames, n, 2) float32.
        explained: (frames,) float64, the share of the variance; zeros for t-SNE.
        hits: (frames,) int64, points that their neighbours in the projection classify correctly.
        drift: (n,) float64, how far points move although nothing changed, in radii; empty for PCA.
    """

    method: str
    layer: str
    points: np.ndarray
    explained: np.ndarray
    hits: np.ndarray
    drift: np.ndarray

    @property
    def name(self) -> str:
        """Method and layer, for example `t-SNE of pool1`."""
        return projection_name(self.method, self.layer)


def animated_epochs(networks: Networks) -> list[int]:
    """Choose the epochs: the snapshots before the best epoch, evenly thinned out, and that one."""
    best = networks.best_epoch
    epochs = [epoch for epoch in networks.snapshots if epoch < best] + [best]
    chosen = np.linspace(0, len(epochs) - 1, min(MAX_FRAMES, len(epochs))).round().astype(int)
    return [epochs[index] for index in chosen]


def animated_points(labels: np.ndarray, max_points: int = MAX_POINTS) -> np.ndarray:
    """Choose examples so that every class keeps its proportion: positions (n,) int64, ascending.

    Example:
        >>> animated_points(np.array([0, 0, 0, 0, 1, 1]), 3).tolist()
        [0, 2, 5]
    """
    by_class = np.argsort(labels, kind="stable")
    chosen = np.linspace(0, len(labels) - 1, min(max_points, len(labels))).round().astype(int)
    return np.sort(by_class[chosen])


def tracks(
    data: Data,
    model: Model,
    networks: Networks,
    cache: Cache,
    options: ExplainOptions,
    epochs: Sequence[int],
    positions: np.ndarray,
) -> list[Track]:
    """Project every layer by every method at every epoch; cached.

    Args:
        epochs: ascending; the last one is the best epoch.
        positions: (n,) int64, which of the examples that `options` asks for.
    """
    test_positions = data.subsample(options.points, options.seed)[positions]
    labels = data.test.labels[test_positions]

    @functools.cache
    def layer_components() -> LayerComponents:
        return _layer_components(data, model, networks, options.layers, epochs, test_positions)

    all_tracks: list[Track] = []
    for method in options.methods:

        def make(method: str = method) -> dict[str, np.ndarray]:
            return _project(layer_components(), options.seed, method)

        cached = cache(map_key(options, epochs, method), make)
        hits = [
            [neighbour_accuracy(frame, labels, seed=options.seed).hits for frame in frames]
            for frames in cached["points"]
        ]
        columns = cached["points"], cached["explained"], np.array(hits), cached["drift"]
        all_tracks += [
            Track(method, layer, *row) for layer, *row in zip(options.layers, *columns, strict=True)
        ]
    return all_tracks


def map_key(options: ExplainOptions, epochs: Sequence[int], method: str) -> str:
    """Name what the maps of one method are cached under."""
    return cache_key(options, epochs, f"maps-{settings_key(method)}")


def cache_key(options: ExplainOptions, epochs: Sequence[int], name: str) -> str:
    """Name what is cached for these layers and epochs."""
    listed = ",".join([*options.layers, *map(str, epochs)])
    digest = hashlib.sha256(listed.encode()).hexdigest()[:12]
    return f"animation-{name}-{options.points}-{options.seed}-{digest}"


def _layer_components(
    data: Data,
    model: Model,
    networks: Networks,
    layers: Sequence[str],
    epochs: Sequence[int],
    test_positions: np.ndarray,
) -> LayerComponents:
    """Run the network of each epoch; only the strongest components of a layer stay in memory."""
    inputs = data.inputs(data.test.take(test_positions))
    by_layer: dict[str, list[Components]] = {layer: [] for layer in layers}
    with progress.stage("activations of all epochs", len(epochs), "epochs") as advance:
        for epoch in epochs:
            activations = model.activations(inputs, layers, networks.network_at(epoch))
            for layer, values in activations.items():
                by_layer[layer].append(components(values))
            advance(note=f"epoch {epoch}")
    return [by_layer[layer] for layer in layers]


def _project(layers: LayerComponents, seed: int, method: str) -> dict[str, np.ndarray]:
    """Project all layers at all epochs: arrays for the cache, whose first axis is the layer."""
    from threadpoolctl import threadpool_limits

    explained, drifts = np.zeros((len(layers), len(layers[0]))), np.zeros((len(layers), 0))
    with (
        threadpool_limits(N_JOBS),
        progress.stage(
            f"{METHOD_NAMES[method]} of all epochs", explained.size, "frames"
        ) as advance,
    ):
        if method == "pca":
            points = [[pca_frame(pca) for pca in layer] for layer in layers]
            explained += [[pca.explained[:2].sum() for pca in layer] for layer in layers]
        else:
            points = tsne_frames(layers, seed, advance)
            ends = zip(layers, points, strict=True)
            last = [(layer[-1], frames[-1]) for layer, frames in ends]
            drifts = np.array(map_threads(lambda end: drift(*end, seed), last))
    return {
        "points": np.array(points).astype(np.float32),
        "explained": explained,
        "drift": drifts,
    }
