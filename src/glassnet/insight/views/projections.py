"""Projections: the tensors behind chosen layers, laid out in the plane, with what is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Scatter, ScatterPanel, Table
from glassnet.findings.claims import count, fraction, number
from glassnet.insight.measures.neighbor_accuracy import Separability, neighbour_accuracy
from glassnet.insight.measures.projections import ITERATIONS, NAMES, Projection, project
from glassnet.insight.views import projection_quality as quality
from glassnet.insight.views.projection_quality import MapQuality, quality_table
from glassnet.stats.intervals import percent

KEPT = {"pca": "pca", "tsne": f"tsne-{sum(ITERATIONS)}"}
"""What maps are kept under: those of other settings are other maps."""


def projections(evidence: Evidence, options: ExplainOptions) -> Iterator[Scatter | Table]:
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
    qualities = _qualities(evidence, options, maps) if maps else {}
    for method in maps:
        yield _scatter(
            evidence, options, method, maps[method], whole, planes[method], qualities[method]
        )
    yield _table(evidence, options, whole, planes)
    if maps:
        yield quality_table(evidence, options, qualities)


def _in_full(
    evidence: Evidence, options: ExplainOptions, labels: np.ndarray
) -> dict[str, Separability]:
    """Neighbours in the whole space of the raw input and of every layer; kept."""
    names = ["input", *options.layers]
    scores = {}
    with progress.stage("neighbours", len(names)) as advance:
        for name in names:

            def make(name: str = name) -> dict[str, np.ndarray]:
                features = _features(evidence, options, name)
                return neighbour_accuracy(features, labels, seed=options.seed).arrays()

            stored = evidence.cached(_key(options, "neighbours", name), make)
            scores[name] = Separability.of(stored)
            advance(note=name)
    return scores


def _qualities(
    evidence: Evidence, options: ExplainOptions, maps: Mapping[str, Mapping[str, Projection]]
) -> dict[str, dict[str, MapQuality]]:
    """How far each map can be believed, by method and layer; kept."""
    qualities: dict[str, dict[str, MapQuality]] = {method: {} for method in maps}
    for layer in options.layers:
        drawn = {method: maps[method][layer].points for method in maps}

        def make(layer: str = layer, drawn: dict = drawn) -> dict[str, np.ndarray]:
            return quality.measured(_features(evidence, options, layer), drawn, options.seed, layer)

        name = "-".join(["trust", *(KEPT[method] for method in maps)])
        stored = evidence.cached(_key(options, name, layer), make)
        for method, found in quality.restored(stored, maps, layer).items():
            qualities[method][layer] = found
    return qualities


def _map(evidence: Evidence, options: ExplainOptions, layer: str, method: str) -> Projection:
    def make() -> dict[str, np.ndarray]:
        title = f"{NAMES[method]} of {layer}"
        made = project(_features(evidence, options, layer), method, options.seed, title)
        return {"points": made.points, "explained": np.array(made.explained)}

    stored = evidence.cached(_key(options, KEPT[method], layer), make)
    return Projection(stored["points"], tuple(stored["explained"].tolist()))


def _features(evidence: Evidence, options: ExplainOptions, layer: str) -> np.ndarray:
    return evidence.subsample_activations(options.points, options.seed, options.layers)[layer]


def _key(options: ExplainOptions, what: str, layer: str) -> str:
    return f"{what}-{layer}-{options.points}-{options.seed}"


def _scatter(
    evidence: Evidence,
    options: ExplainOptions,
    method: str,
    maps: Mapping[str, Projection],
    whole: Mapping[str, Separability],
    plane: Mapping[str, Separability],
    qualities: Mapping[str, MapQuality],
) -> Scatter:
    examples = evidence.examples(options.points, options.seed)
    record, n = ClaimRecorder(), len(examples.labels)
    title = f"{NAMES[method]}: {_verdict(record, plane)}"
    shares = ", ".join(
        f"{layer} {record(plane[layer].claim(_on_map(layer)))}" for layer in options.layers
    )
    summary = (
        "Held-out points whose class the 10 nearest neighbours on the map (10-NN) name: "
        f"{shares} (n = {record(count('test examples', n))}; chance "
        f"{record(fraction('chance', _chance(examples.labels)))})."
    )
    panels = tuple(
        _panel(record, layer, maps[layer], whole[layer], plane[layer], qualities[layer])
        for layer in maps
    )
    return Scatter(
        name=method,
        section="layers",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="test", n=n, seed=options.seed),
        claims=(*record.claims, *(claim for layer in maps for claim in qualities[layer].claims)),
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


def _verdict(record: ClaimRecorder, plane: Mapping[str, Separability]) -> str:
    """Which map tells the classes apart best, unless the first one does as well."""
    first, *_ = plane
    best = max(plane, key=lambda layer: plane[layer].accuracy)
    if len(plane) == 1:
        right = record(plane[first].claim(_on_map(first)))
        return f"{right} of the points lie among their class at {first}"
    if plane[first].high >= plane[best].low:
        return f"no map tells the classes apart better than that of {first}"
    return f"the classes come apart best at {best}"


def _on_map(layer: str) -> str:
    return f"10-NN accuracy on the map of {layer}"


def _in_all(layer: str) -> str:
    return f"10-NN accuracy in all dimensions of {layer}"


def _panel(
    record: ClaimRecorder,
    layer: str,
    map_: Projection,
    full: Separability,
    plane: Separability,
    quality: MapQuality,
) -> ScatterPanel:
    note = (
        f"10-NN accuracy {record(full.claim(_in_all(layer)))} in all "
        f"{record(count(f'dimensions of {layer}', full.dimensions))} dimensions, "
        f"{record(plane.claim(_on_map(layer)))} on this map"
    )
    numbers = {
        "neighbour_accuracy_full": full.accuracy,
        "neighbour_accuracy_plane": plane.accuracy,
        "dimensions": float(full.dimensions),
    }
    labels = axes(map_.explained)
    if map_.explained:
        whole = fraction(f"variance explained on the map of {layer}", sum(map_.explained))
        note = f"{record(whole)} of the variance; {note}"
        numbers["variance_explained"] = float(sum(map_.explained))
    return ScatterPanel(
        label=layer,
        points=map_.points,
        x_label=labels[0],
        y_label=labels[1],
        note=f"{note}; {quality.note}",
        numbers=numbers | quality.numbers,
        quality_scores=quality.quality_scores,
        neighbours_kept=quality.trust.neighbours_kept,
        distorted=quality.trust.distorted,
        distorted_label=quality.dimmed,
    )


def _table(
    evidence: Evidence,
    options: ExplainOptions,
    whole: Mapping[str, Separability],
    planes: Mapping[str, Mapping[str, Separability]],
) -> Table:
    first, last = options.layers[0], options.layers[-1]
    first = "input" if first == last else first
    change = 100 * (whole[last].accuracy - whole[first].accuracy)
    n, record = whole[last].n, ClaimRecorder()
    gain = number(f"10-NN accuracy of {last} less {first} (points)", change, "{:+.1f} points", n)
    ends = dict.fromkeys((options.layers[0], last))
    shown = " and ".join(f"{layer} {record(whole[layer].claim(_in_all(layer)))}" for layer in ends)
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
        title=f"From {first} to {last} 10-NN accuracy changes by {record(gain)}",
        summary=f"10-nearest-neighbour accuracy on held-out points: the raw input gives "
        f"{record(whole['input'].claim(_in_all('input')))}, {shown} (5-fold, n = "
        f"{record(count('test examples', n))} test examples).",
        provenance=evidence.provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
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
