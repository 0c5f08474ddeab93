"""Projections: the tensors behind chosen layers, laid out in the plane, with what is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet import cores, progress
from glassnet.contract import Evidence, Options
from glassnet.errors import UsageError, suggest
from glassnet.findings import Scatter, ScatterPanel, Table, Told
from glassnet.insight import trust as trusting
from glassnet.insight.badge import Badge, badges_table
from glassnet.insight.claims import count, fraction, number
from glassnet.insight.intervals import percent
from glassnet.insight.separability import Separability, neighbour_accuracy
from glassnet.insight.trust import stability, trust

COMPONENTS = 50
"""t-SNE sees this many principal components of a wider layer."""

BARNES_HUT_UP_TO = 10_000
"""Points up to which the Barnes-Hut gradient was measured faster than the interpolated one."""

ITERATIONS = (125, 375)
"""t-SNE's steps with and without early exaggeration.

Half again as many took half again as long and were no more trustworthy: 0.989 both ways on 5,000
points of a layer of 2,352 values.
"""


@dataclass(frozen=True, eq=False)
class Projection:
    """Points in the plane: `points` (n, 2) float32; `explained`, the variance share per axis."""

    points: np.ndarray
    explained: tuple[float, ...] = ()


def projections(evidence: Evidence, options: Options) -> Iterator[Scatter | Table]:
    """PCA and t-SNE of every layer asked for: do they tell the classes apart, are they true?"""
    labels = evidence.examples(options.points, options.seed).labels
    whole = _in_full(evidence, options, labels)
    maps = {
        method: {layer: _map(evidence, options, layer, method) for layer in options.layers}
        for method in options.methods
    }
    planes = {
        method: {
            layer: neighbour_accuracy(map_.points, labels, seed=options.seed)
            for layer, map_ in maps[method].items()
        }
        for method in maps
    }
    badges = _badges(evidence, options, maps) if maps else {}
    for method in maps:
        yield _scatter(
            evidence, options, method, maps[method], whole, planes[method], badges[method]
        )
    yield _table(evidence, options, whole, planes)
    if maps:
        yield badges_table(evidence, options, badges)


def project(features: np.ndarray, method: str, seed: int, title: str = "") -> Projection:
    """Lay points out in the plane, the same way every time.

    Args:
        features: (n, dimensions) float32.
        method: `pca` or `tsne`.
        seed: starts whatever is random.

    Raises:
        UsageError: there is no such method.
    """
    if method not in METHODS:
        raise UsageError(f"there is no projection {method!r}", suggest(method, METHODS))
    return METHODS[method](features, seed, title)


def pca(features: np.ndarray, seed: int, title: str = "") -> Projection:
    """The first two principal components; each axis points to where its largest weight is positive.

    Example:
        >>> line = np.outer(np.arange(9.0), [3.0, 4.0])
        >>> [round(share, 3) for share in pca(line, 0).explained]
        [1.0, 0.0]
    """
    points, explained = principal_components(features, 2, seed)
    return Projection(points, tuple(float(share) for share in explained))


def tsne(features: np.ndarray, seed: int, title: str = "", start: str = "pca") -> Projection:
    """t-SNE by openTSNE: perplexity 30, started from PCA, on up to 50 principal components.

    Source: van der Maaten & Hinton 2008; Poličar, Stražar & Zupan 2024 (openTSNE); start and
    learning rate after Kobak & Berens 2019.

    Args:
        features: (n, dimensions) with n of at least 5.
        start: `pca`, or `random` for places drawn by the seed.
    """
    from openTSNE import TSNE

    if not np.ptp(features, axis=0).any():  # a dead layer: all points are one
        return Projection(np.zeros((len(features), 2), np.float32))
    features = np.pad(features, ((0, 0), (0, max(0, 2 - features.shape[1]))))
    if features.shape[1] > COMPONENTS:
        features, _ = principal_components(features, min(COMPONENTS, len(features)), seed)
    small = len(features) <= BARNES_HUT_UP_TO
    with progress.stage(title or "t-SNE", sum(ITERATIONS), "steps") as advance:
        embedding = TSNE(
            perplexity=min(30, (len(features) - 1) / 3),
            early_exaggeration_iter=ITERATIONS[0],
            n_iter=ITERATIONS[1],
            initialization=start,
            negative_gradient_method="bh" if small else "fft",
            neighbors="exact" if small else "approx",
            n_jobs=cores.working(),
            random_state=seed,
            callbacks=lambda step, error, points: advance(25, note=f"KL {error:.2f}") or False,
            callbacks_every_iters=25,
        ).fit(np.ascontiguousarray(features, dtype=np.float64))
    return Projection(np.asarray(embedding, dtype=np.float32))


def principal_components(
    features: np.ndarray, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """(n, count) float32 scores and (count,) shares of the variance; signs are made unique."""
    from sklearn.decomposition import PCA

    count = min(count, *features.shape)
    if not np.ptp(features, axis=0).any():  # a dead layer: no variance to share
        return np.zeros((len(features), max(count, 2)), np.float32), np.zeros(max(count, 2))
    solver = "full" if min(features.shape) <= 4 * count else "auto"
    model = PCA(count, svd_solver=solver, random_state=seed).fit(features)
    strongest = np.abs(model.components_).argmax(axis=1)
    signs = np.sign(model.components_[np.arange(count), strongest])
    scores = model.transform(features) * signs
    missing = max(0, 2 - count)  # a layer of one unit still gets a plane
    return (
        np.pad(scores, ((0, 0), (0, missing))).astype(np.float32),
        np.pad(model.explained_variance_ratio_, (0, missing)),
    )


METHODS: Mapping[str, Callable[[np.ndarray, int, str], Projection]] = {"pca": pca, "tsne": tsne}
NAMES = {"pca": "PCA", "tsne": "t-SNE"}
AGAIN: Mapping[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "pca": lambda features, seed: pca(features, seed).points,
    "tsne": lambda features, seed: tsne(features, seed, f"t-SNE from seed {seed}", "random").points,
}
"""The same methods with all that is random in them drawn by the seed, the start included."""

KEPT = {"pca": "pca", "tsne": f"tsne-{sum(ITERATIONS)}"}
"""What maps are kept under: those of other settings are other maps."""


def _in_full(evidence: Evidence, options: Options, labels: np.ndarray) -> dict[str, Separability]:
    """Neighbours in the whole space of the raw input and of every layer; kept."""
    names = ["input", *options.layers]
    scores = {}
    with progress.stage("neighbours", len(names)) as advance:
        for name in names:

            def make(name: str = name) -> dict[str, np.ndarray]:
                features = _features(evidence, options, name)
                return neighbour_accuracy(features, labels, seed=options.seed).arrays()

            kept = evidence.keep(_key(options, "neighbours", name), make)
            scores[name] = Separability.of(kept)
            advance(note=name)
    return scores


def _badges(
    evidence: Evidence, options: Options, maps: Mapping[str, Mapping[str, Projection]]
) -> dict[str, dict[str, Badge]]:
    """How far each map can be believed, by method and layer; kept."""
    badges: dict[str, dict[str, Badge]] = {method: {} for method in maps}
    for layer in options.layers:
        drawn = [maps[method][layer].points for method in maps]

        def make(layer: str = layer, drawn: list[np.ndarray] = drawn) -> dict[str, np.ndarray]:
            features = _features(evidence, options, layer)
            found = trust(features, drawn, f"trust in {layer}")
            starts = [stability(features, AGAIN[method], options.seed) for method in maps]
            return {**trusting.arrays(found), "stable": np.stack(starts)}

        name = "-".join(["trust", *(KEPT[method] for method in maps)])
        kept = evidence.keep(_key(options, name, layer), make)
        held = trusting.of_arrays(kept)
        for method, found, stable in zip(maps, held, kept["stable"], strict=True):
            badges[method][layer] = Badge(f"{NAMES[method]} of {layer}", found, stable)
    return badges


def _map(evidence: Evidence, options: Options, layer: str, method: str) -> Projection:
    def make() -> dict[str, np.ndarray]:
        title = f"{NAMES[method]} of {layer}"
        made = project(_features(evidence, options, layer), method, options.seed, title)
        return {"points": made.points, "explained": np.array(made.explained)}

    kept = evidence.keep(_key(options, KEPT[method], layer), make)
    return Projection(kept["points"], tuple(kept["explained"].tolist()))


def _features(evidence: Evidence, options: Options, layer: str) -> np.ndarray:
    return evidence.activations(options.points, options.seed, options.layers)[layer]


def _key(options: Options, what: str, layer: str) -> str:
    return f"{what}-{layer}-{options.points}-{options.seed}"


def _scatter(
    evidence: Evidence,
    options: Options,
    method: str,
    maps: Mapping[str, Projection],
    whole: Mapping[str, Separability],
    plane: Mapping[str, Separability],
    badges: Mapping[str, Badge],
) -> Scatter:
    examples = evidence.examples(options.points, options.seed)
    told, n = Told(), len(examples.labels)
    title = f"{NAMES[method]}: {_verdict(told, plane)}"
    shares = ", ".join(
        f"{layer} {told(plane[layer].claim(_on_map(layer)))}" for layer in options.layers
    )
    reading = (
        "Held-out points whose class the 10 nearest neighbours on the map (10-NN) name: "
        f"{shares} (n = {told(count('test examples', n))}; chance "
        f"{told(fraction('chance', _chance(examples.labels)))})."
    )
    panels = tuple(
        _panel(told, layer, maps[layer], whole[layer], plane[layer], badges[layer])
        for layer in maps
    )
    return Scatter(
        name=method,
        section="layers",
        title=title,
        reading=reading,
        receipt=evidence.receipt(split="test", n=n, seed=options.seed),
        claims=(*told.claims, *(claim for layer in maps for claim in badges[layer].claims)),
        panels=panels,
        labels=examples.labels,
        class_names=examples.class_names,
        examples=examples.name,
    )


def axes(explained: Sequence[float]) -> tuple[str, str]:
    """The labels of a map's axes: what share of the variance each explains; empty for t-SNE."""
    if not explained:
        return "", ""
    first, second = map(percent, explained)
    return f"component 1 ({first} of variance)", f"component 2 ({second})"


def _verdict(told: Told, plane: Mapping[str, Separability]) -> str:
    """Which map tells the classes apart best, unless the first one does as well."""
    first, *_ = plane
    best = max(plane, key=lambda layer: plane[layer].accuracy)
    if len(plane) == 1:
        right = told(plane[first].claim(_on_map(first)))
        return f"{right} of the points lie among their class at {first}"
    if plane[first].high >= plane[best].low:
        return f"no map tells the classes apart better than that of {first}"
    return f"the classes come apart best at {best}"


def _on_map(layer: str) -> str:
    return f"10-NN accuracy on the map of {layer}"


def _in_all(layer: str) -> str:
    return f"10-NN accuracy in all dimensions of {layer}"


def _panel(
    told: Told,
    layer: str,
    map_: Projection,
    full: Separability,
    plane: Separability,
    badge: Badge,
) -> ScatterPanel:
    note = (
        f"10-NN accuracy {told(full.claim(_in_all(layer)))} in all "
        f"{told(count(f'dimensions of {layer}', full.dimensions))} dimensions, "
        f"{told(plane.claim(_on_map(layer)))} on this map"
    )
    numbers = {
        "neighbour_accuracy_full": full.accuracy,
        "neighbour_accuracy_plane": plane.accuracy,
        "dimensions": float(full.dimensions),
    }
    labels = axes(map_.explained)
    if map_.explained:
        whole = fraction(f"variance explained on the map of {layer}", sum(map_.explained))
        note = f"{told(whole)} of the variance; {note}"
        numbers["variance_explained"] = float(sum(map_.explained))
    return ScatterPanel(
        label=layer,
        points=map_.points,
        x_label=labels[0],
        y_label=labels[1],
        note=f"{note}; {badge.note}",
        numbers=numbers | badge.numbers,
        gauges=badge.gauges,
        kept=badge.trust.kept,
        distorted=badge.trust.distorted,
        distorted_label=badge.dimmed,
    )


def _table(
    evidence: Evidence,
    options: Options,
    whole: Mapping[str, Separability],
    planes: Mapping[str, Mapping[str, Separability]],
) -> Table:
    first, last = options.layers[0], options.layers[-1]
    first = "input" if first == last else first
    change = 100 * (whole[last].accuracy - whole[first].accuracy)
    n, told = whole[last].n, Told()
    gain = number(f"10-NN accuracy of {last} less {first} (points)", change, "{:+.1f} points", n)
    ends = dict.fromkeys((options.layers[0], last))
    shown = " and ".join(f"{layer} {told(whole[layer].claim(_in_all(layer)))}" for layer in ends)
    rows = []
    for layer in ["input", *options.layers]:
        score = whole[layer]
        rows.append(
            (
                layer,
                score.dimensions,
                100 * score.accuracy,
                f"{100 * score.low:.1f} to {100 * score.high:.1f}",
                *(
                    100 * plane[layer].accuracy if layer in plane else None
                    for plane in planes.values()
                ),
            )
        )
    return Table(
        name="separability",
        section="layers",
        title=f"From {first} to {last} 10-NN accuracy changes by {told(gain)}",
        reading=f"10-nearest-neighbour accuracy on held-out points: the raw input gives "
        f"{told(whole['input'].claim(_in_all('input')))}, {shown} (5-fold, n = "
        f"{told(count('test examples', n))} test examples).",
        receipt=evidence.receipt(split="test", n=n, seed=options.seed),
        claims=told.claims,
        columns=(
            "layer",
            "dimensions",
            "all dimensions (%)",
            "95 % interval",
            *(f"{NAMES[method]} map (%)" for method in planes),
        ),
        formats=("", ",d", ".1f", "", *(".1f" for _ in planes)),
        rows=tuple(rows),
    )


def _chance(labels: np.ndarray) -> float:
    return float(np.bincount(labels).max() / len(labels))
