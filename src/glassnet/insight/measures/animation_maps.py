"""The maps behind a film of points: which examples, at which epochs, and where each point lies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache

import numpy as np
from torch import Tensor

from glassnet import parallel, progress
from glassnet.contract import Evidence, ExplainOptions
from glassnet.insight.measures import aligned_projections, alignment
from glassnet.insight.measures.aligned_projections import Components
from glassnet.insight.measures.neighbor_accuracy import neighbour_accuracy
from glassnet.insight.measures.projections import NAMES
from glassnet.parallel import map_threads

FRAMES = 9
"""Frames of a film at most: the snapshots are dense early, where much happens."""

POINTS = 800
"""Examples that are followed at most; t-SNE takes a third of a second for a frame of so many."""

Reduced = Mapping[tuple[str, int], Components]
"""(layer, epoch) -> the examples' principal components there."""


@dataclass(frozen=True, eq=False)
class Maps:
    """One layer's maps under one method, before they are aligned.

    Attributes:
        method: `pca` or `tsne`.
        layer: its name.
        points: (frames, n, 2) float32.
        explained: (frames,) float64, the share of the variance; zeros for t-SNE.
        hits: (frames,) int64, points whose class their neighbours on the map name.
        drift: (n,) float64, how far points move where nothing changed, in radii; empty for PCA.
    """

    method: str
    layer: str
    points: np.ndarray
    explained: np.ndarray
    hits: np.ndarray
    drift: np.ndarray

    @property
    def name(self) -> str:
        """The maps in words, as `t-SNE of pool1`."""
        return f"{NAMES[self.method]} of {self.layer}"


def epochs_of(evidence: Evidence) -> list[int]:
    """The snapshots before the chosen epoch, thinned out evenly if they are many, and that one."""
    best = evidence.best_epoch
    epochs = [epoch for epoch in evidence.snapshots if epoch < best] + [best]
    stored = np.linspace(0, len(epochs) - 1, min(FRAMES, len(epochs))).round().astype(int)
    return [epochs[index] for index in stored]


def spread(labels: np.ndarray, most: int = POINTS) -> np.ndarray:
    """Positions of at most so many examples, every class in proportion: (n,) int64, rising.

    Example:
        >>> spread(np.array([0, 0, 0, 0, 1, 1]), 3).tolist()
        [0, 2, 5]
    """
    by_class = np.argsort(labels, kind="stable")
    chosen = np.linspace(0, len(labels) - 1, min(most, len(labels))).round().astype(int)
    return np.sort(by_class[chosen])


def maps(
    evidence: Evidence, options: ExplainOptions, epochs: Sequence[int], places: np.ndarray
) -> list[Maps]:
    """Every layer's maps, method by method; coordinates and numbers are kept.

    Args:
        epochs: rising; the last one is the chosen one.
        places: (n,) int64, which of the examples that `options` asks for.
    """
    where = evidence.subsample(options.points, options.seed)[places]
    labels = evidence.test.labels[where]

    @cache
    def reduced() -> Reduced:
        return _reduced(evidence, options.layers, epochs, where)

    found: list[Maps] = []
    for method in options.methods:

        def make(method: str = method) -> dict[str, np.ndarray]:
            return _made(reduced(), options, epochs, labels, method)

        stored = evidence.cached(key(options, epochs, method), make)
        columns = [stored[name] for name in ("points", "explained", "hits", "drift")]
        found += [
            Maps(method, layer, *row) for layer, *row in zip(options.layers, *columns, strict=True)
        ]
    return found


def key(options: ExplainOptions, epochs: Sequence[int], what: str) -> str:
    """What something of these layers and epochs is kept under."""
    listed = ",".join([*options.layers, *map(str, epochs)])
    digest = hashlib.sha256(listed.encode()).hexdigest()[:12]
    return f"film-{what}-{options.points}-{options.seed}-{digest}"


def layers_at(
    evidence: Evidence, inputs: Tensor, layers: Sequence[str], epoch: int
) -> dict[str, np.ndarray]:
    """What the network of one epoch makes of inputs: layer -> (n, features) float32."""
    chosen = epoch == evidence.best_epoch
    network = evidence.network if chosen else evidence.network_at(epoch)
    return evidence.activations(inputs, layers, network)


def _reduced(
    evidence: Evidence, layers: Sequence[str], epochs: Sequence[int], where: np.ndarray
) -> Reduced:
    """Ask the network of each epoch; of a layer no more than its strongest components is held."""
    inputs = evidence.inputs(evidence.test.take(where))
    found = {}
    with progress.stage("layers through epochs", len(epochs), "epochs") as advance:
        for epoch in epochs:
            for layer, values in layers_at(evidence, inputs, layers, epoch).items():
                found[layer, epoch] = aligned_projections.components(values)
            advance(note=f"epoch {epoch}")
    return found


def _made(
    reduced: Reduced,
    options: ExplainOptions,
    epochs: Sequence[int],
    labels: np.ndarray,
    method: str,
) -> dict[str, np.ndarray]:
    """All layers' maps as arrays to keep, the layer their first axis."""
    from threadpoolctl import threadpool_limits

    layers = options.layers
    shares = np.zeros((len(layers), len(epochs)))
    drift = np.zeros((len(layers), 0))
    total = len(layers) * len(epochs)
    with (
        threadpool_limits(aligned_projections.THREADS),
        progress.stage(f"{NAMES[method]} through epochs", total, "frames") as advance,
    ):
        if method == "pca":
            points = [
                [aligned_projections.plane(reduced[layer, e]) for e in epochs] for layer in layers
            ]
            shares += [[reduced[layer, e].shares[:2].sum() for e in epochs] for layer in layers]
        else:
            tracks = followed(reduced, layers, epochs, options.seed, advance)
            points, drift = tracks, _drift(reduced, layers, epochs[-1], tracks, options.seed)
        exact = np.array(points).astype(np.float32)
        hits = [[_hits(frame, labels, options.seed) for frame in track] for track in exact]
    return {"points": exact, "explained": shares, "hits": np.array(hits), "drift": drift}


def followed(
    reduced: Reduced,
    layers: Sequence[str],
    epochs: Sequence[int],
    seed: int,
    advance: Callable[..., None],
    begin: Callable[[Components, int], np.ndarray] = aligned_projections.start,
) -> list[list[np.ndarray]]:
    """t-SNE from frame to frame; a layer's first frame goes on from that of the layer before it.

    Whatever can be made next is, in turn, so that three layers share two cores evenly: openTSNE
    lets go of Python's lock.

    Args:
        begin: gives the very first frame.

    Returns:
        Each layer's frames, (n, 2) float64.
    """
    tracks: list[list[np.ndarray]] = [[] for _ in layers]

    def made(place: int, step: int) -> np.ndarray:
        now = reduced[layers[place], epochs[step]]
        if not step:
            return (
                aligned_projections.follow(now, tracks[place - 1][0], seed)
                if place
                else begin(now, seed)
            )
        before = tracks[place][step - 1]
        same = np.array_equal(reduced[layers[place], epochs[step - 1]].scores, now.scores)
        return before if same else aligned_projections.follow(now, before, seed)

    with ThreadPoolExecutor(parallel.n_threads()) as threads:
        going = {threads.submit(made, 0, 0): (0, 0)}
        while going:
            for done in wait(going, return_when=FIRST_COMPLETED).done:
                place, step = going.pop(done)
                tracks[place].append(done.result())
                advance(note=layers[place])
                if not step and place + 1 < len(layers):
                    going[threads.submit(made, place + 1, 0)] = place + 1, 0
                if step + 1 < len(epochs):
                    going[threads.submit(made, place, step + 1)] = place, step + 1
    return tracks


def _drift(
    reduced: Reduced,
    layers: Sequence[str],
    epoch: int,
    tracks: Sequence[Sequence[np.ndarray]],
    seed: int,
) -> np.ndarray:
    """(layers, n) how far points move where a last frame goes on with equal features."""

    def moved(place: int) -> np.ndarray:
        last = tracks[place][-1]
        again = aligned_projections.follow(reduced[layers[place], epoch], last, seed)
        return alignment.movement(*alignment.chained(np.stack([last, again])))

    return np.array(map_threads(moved, range(len(layers))))


def _hits(points: np.ndarray, labels: np.ndarray, seed: int) -> int:
    score = neighbour_accuracy(points, labels, seed=seed)
    return round(score.accuracy * score.n)
