"""The maps behind a film of points: which examples, at which epochs, and where each point lies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from glassnet import cores, progress
from glassnet.contract import Evidence, Options
from glassnet.insight import alignment, following
from glassnet.insight.following import Components
from glassnet.insight.project import NAMES
from glassnet.insight.separability import neighbour_accuracy
from glassnet.insight.trust import Trust, trust

FRAMES = 9
"""Frames of a film at most: the snapshots are dense early, where much happens."""

POINTS = 1000
"""Examples that are followed at most; t-SNE takes half a second for a frame of so many."""

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
        true: (frames, n) float32, the trustworthiness of each point on the map.
        near: (frames, n) float32, the share of its true neighbours that a point has on the map.
            Both are held against the layer's strongest components, of which there are 50 at most.
        drift: (n,) float64, how far points move where nothing changed, in radii; empty for PCA.
    """

    method: str
    layer: str
    points: np.ndarray
    explained: np.ndarray
    hits: np.ndarray
    true: np.ndarray
    near: np.ndarray
    drift: np.ndarray


def epochs_of(evidence: Evidence) -> list[int]:
    """The snapshots before the chosen epoch, thinned out evenly if they are many, and that one."""
    best = evidence.best_epoch
    epochs = [epoch for epoch in evidence.snapshots if epoch < best] + [best]
    kept = np.linspace(0, len(epochs) - 1, min(FRAMES, len(epochs))).round().astype(int)
    return [epochs[index] for index in kept]


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
    evidence: Evidence, options: Options, epochs: Sequence[int], places: np.ndarray
) -> list[Maps]:
    """Every layer's maps, method by method; coordinates and numbers are kept.

    Args:
        epochs: rising; the last one is the chosen one.
        places: (n,) int64, which of the examples that `options` asks for.
    """
    where = evidence.draw(options.points, options.seed)[places]
    labels = evidence.test.labels[where]

    @cache
    def reduced() -> Reduced:
        return _reduced(evidence, options.layers, epochs, where)

    found: list[Maps] = []
    for method in options.methods:

        def make(method: str = method) -> dict[str, np.ndarray]:
            return _made(reduced(), options, epochs, labels, method)

        kept = evidence.keep(_key(options, epochs, method), make)
        columns = [kept[name] for name in ("points", "explained", "hits", "true", "near", "drift")]
        found += [
            Maps(method, layer, *row) for layer, *row in zip(options.layers, *columns, strict=True)
        ]
    return found


def _key(options: Options, epochs: Sequence[int], method: str) -> str:
    what = ",".join([*options.layers, *map(str, epochs)])
    digest = hashlib.sha256(what.encode()).hexdigest()[:12]
    return f"film-trust-{method}-{options.points}-{options.seed}-{digest}"


def _reduced(
    evidence: Evidence, layers: Sequence[str], epochs: Sequence[int], where: np.ndarray
) -> Reduced:
    """Ask the network of each epoch; of a layer no more than its strongest components is held."""
    inputs = evidence.inputs(evidence.test.take(where))
    found = {}
    with progress.stage("layers through epochs", len(epochs), "epochs") as advance:
        for epoch in epochs:
            chosen = epoch == evidence.best_epoch
            network = evidence.network if chosen else evidence.network_at(epoch)
            for layer, values in evidence.captured(inputs, layers, network).items():
                found[layer, epoch] = following.components(values)
            advance(note=f"epoch {epoch}")
    return found


def _made(
    reduced: Reduced, options: Options, epochs: Sequence[int], labels: np.ndarray, method: str
) -> dict[str, np.ndarray]:
    """All layers' maps as arrays to keep, the layer their first axis."""
    from threadpoolctl import threadpool_limits

    layers = options.layers
    shares = np.zeros((len(layers), len(epochs)))
    drift = np.zeros((len(layers), 0))
    total = len(layers) * len(epochs)
    with (
        threadpool_limits(following.THREADS),
        progress.stage(f"{NAMES[method]} through epochs", total, "frames") as advance,
    ):
        if method == "pca":
            points = [[following.plane(reduced[layer, e]) for e in epochs] for layer in layers]
            shares += [[reduced[layer, e].shares[:2].sum() for e in epochs] for layer in layers]
        else:
            points, drift = _followed(reduced, layers, epochs, options.seed, advance)
        exact = np.array(points).astype(np.float32)
        hits = [[_hits(frame, labels, options.seed) for frame in track] for track in exact]
        held = [
            [_held(reduced[layer, e], frame) for e, frame in zip(epochs, track, strict=True)]
            for layer, track in zip(layers, exact, strict=True)
        ]
    return {
        "points": exact,
        "explained": shares,
        "hits": np.array(hits),
        "true": np.array([[each.trustworthiness for each in row] for row in held], np.float32),
        "near": np.array([[each.kept for each in row] for row in held], np.float32),
        "drift": drift,
    }


def _followed(
    reduced: Reduced,
    layers: Sequence[str],
    epochs: Sequence[int],
    seed: int,
    advance: Callable[..., None],
) -> tuple[list[list[np.ndarray]], np.ndarray]:
    """t-SNE from frame to frame; a layer's first frame goes on from that of the layer before it.

    After their first frames layers do not need each other, and run at the same time.

    Returns:
        Each layer's frames, and (layers, n) how far points move where nothing changed.
    """
    begun: list[np.ndarray] = []
    for layer in layers:
        found = reduced[layer, epochs[0]]
        before = begun[-1] if begun else None
        begun.append(
            following.start(found, seed)
            if before is None
            else following.follow(found, before, seed)
        )
        advance(note=layer)

    def rest(layer: str, first: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        return _track([reduced[layer, epoch] for epoch in epochs], first, seed, advance)

    with ThreadPoolExecutor(cores.working()) as threads:  # openTSNE lets go of Python's lock
        made = list(threads.map(rest, layers, begun))
    return [track for track, _ in made], np.array([drift for _, drift in made])


def _track(
    found: Sequence[Components], first: np.ndarray, seed: int, advance: Callable[..., None]
) -> tuple[list[np.ndarray], np.ndarray]:
    """One layer's frames, and how far the last one moves when it goes on with equal features.

    Features that equal those of the frame before give that frame.
    """
    track = [first]
    for seen, now in pairwise(found):
        same = np.array_equal(seen.scores, now.scores)
        track.append(track[-1] if same else following.follow(now, track[-1], seed))
        advance()
    again = following.follow(found[-1], track[-1], seed)
    return track, alignment.movement(*alignment.chained(np.stack([track[-1], again])))


def _hits(points: np.ndarray, labels: np.ndarray, seed: int) -> int:
    score = neighbour_accuracy(points, labels, seed=seed)
    return round(score.accuracy * score.n)


def _held(found: Components, frame: np.ndarray) -> Trust:
    [made] = trust(found.scores, [frame])
    return made
