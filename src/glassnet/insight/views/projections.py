"""PCA and t-SNE of the chosen layers, and how well each layer separates the classes."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet import progress
from glassnet.contract import Cache, Data, ExplainOptions, MakeProvenance, Model
from glassnet.errors import DataError
from glassnet.findings import (
    METHOD_NAMES,
    Cell,
    Claim,
    ClaimRecorder,
    Interval,
    Scatter,
    ScatterPanel,
    Table,
    count,
    fraction,
    gain,
    interval,
    projection_name,
    share,
)
from glassnet.inference.subsample import EXAMPLES, subsample_activations
from glassnet.insight.measures.neighbour_accuracy import NeighbourAccuracy, neighbour_accuracy
from glassnet.insight.measures.probe_map import INPUT
from glassnet.insight.measures.projections import Projection, project, settings_key
from glassnet.insight.views.projection_quality import (
    QualitySummary,
    layer_quality,
    quality_table,
    summaries,
)
from glassnet.stats.comparisons import LEVEL, Difference, holm, paired_difference, stands_out
from glassnet.stats.intervals import percent

SECTION = "layers"

MIN_POINTS = 3
"""Points with neighbours to compare: each of two points is always nearest to the other."""

TESTED = (
    "Projections are compared on the same points (McNemar's exact test at the 5 % level, Holm's "
    "correction)."
)

Features = Callable[[], Mapping[str, np.ndarray]]
"""Layer -> (n, features) of the projected examples, computed on the first call."""


@dataclass(frozen=True, eq=False)
class _Projected:
    """One layer under one method, with the neighbour accuracy and the quality in the plane."""

    projection: Projection
    accuracy: NeighbourAccuracy
    quality: QualitySummary


def projections(
    data: Data, model: Model, cache: Cache, provenance: MakeProvenance, options: ExplainOptions
) -> Iterator[Scatter | Table]:
    """Show PCA and t-SNE of the chosen layers, their neighbour accuracy and their quality."""
    labels = data.test.labels[data.subsample(options.points, options.seed)]
    if len(labels) < MIN_POINTS:
        raise DataError(
            f"a map needs {MIN_POINTS} test examples, and there are {len(labels)}",
            "add test examples and train again",
        )

    @functools.cache
    def features() -> Mapping[str, np.ndarray]:
        return subsample_activations(data, model, options.points, options.seed, options.layers)

    in_full = _accuracies(cache, features, options, labels)
    projected = _projected(cache, features, options, labels)
    for method, layers in projected.items():
        yield _scatter(data, provenance, options, method, layers, in_full, labels)
    yield _accuracy_table(provenance, options, in_full, projected)
    if projected:
        qualities = {
            method: {layer: projection.quality for layer, projection in layers.items()}
            for method, layers in projected.items()
        }
        yield quality_table(provenance, options, qualities)


def _accuracies(
    cache: Cache, features: Features, options: ExplainOptions, labels: np.ndarray
) -> dict[str, NeighbourAccuracy]:
    """Measure the neighbour accuracy in all dimensions of the input and of each layer; cached."""
    names = [INPUT, *options.layers]
    accuracies = {}
    with progress.stage("nearest neighbours", len(names)) as advance:
        for name in names:

            def make(name: str = name) -> dict[str, np.ndarray]:
                return neighbour_accuracy(features()[name], labels, seed=options.seed).arrays()

            accuracies[name] = NeighbourAccuracy.from_arrays(
                cache(_key(options, "neighbour-votes", name), make)
            )
            advance(note=name)
    return accuracies


def _projected(
    cache: Cache, features: Features, options: ExplainOptions, labels: np.ndarray
) -> dict[str, dict[str, _Projected]]:
    """Project every layer by every method (method -> layer -> projection); cached."""
    by_method = {
        method: {
            layer: _projection(cache, features, options, layer, method) for layer in options.layers
        }
        for method in options.methods
    }
    accuracies = {
        method: {
            layer: neighbour_accuracy(projection.points, labels, seed=options.seed)
            for layer, projection in layers.items()
        }
        for method, layers in by_method.items()
    }
    qualities = {
        layer: _qualities(
            cache, features, options, layer, {m: by_method[m][layer] for m in by_method}
        )
        for layer in (options.layers if by_method else ())
    }
    return {
        method: {
            layer: _Projected(projection, accuracies[method][layer], qualities[layer][method])
            for layer, projection in layers.items()
        }
        for method, layers in by_method.items()
    }


def _projection(
    cache: Cache, features: Features, options: ExplainOptions, layer: str, method: str
) -> Projection:
    def make() -> dict[str, np.ndarray]:
        title = projection_name(method, layer)
        made = project(features()[layer], method, options.seed, title)
        return {"points": made.points, "explained": np.array(made.explained)}

    cached = cache(map_key(options, method, layer), make)
    return Projection(cached["points"], tuple(cached["explained"].tolist()))


def _qualities(
    cache: Cache,
    features: Features,
    options: ExplainOptions,
    layer: str,
    layer_projections: Mapping[str, Projection],
) -> dict[str, QualitySummary]:
    """Measure the quality of a layer's projections, by method; cached."""

    def make() -> dict[str, np.ndarray]:
        points = {method: projection.points for method, projection in layer_projections.items()}
        return layer_quality(features()[layer], points, options.seed, layer)

    name = "-".join(["neighbour-quality", *map(settings_key, layer_projections)])
    return summaries(cache(_key(options, name, layer), make), layer_projections, layer)


def map_key(options: ExplainOptions, method: str, layer: str) -> str:
    """Name what the map of a layer is cached under."""
    return _key(options, settings_key(method), layer)


def _key(options: ExplainOptions, name: str, layer: str) -> str:
    return f"{name}-{layer}-{options.points}-{options.seed}"


def _scatter(
    data: Data,
    provenance: MakeProvenance,
    options: ExplainOptions,
    method: str,
    layers: Mapping[str, _Projected],
    in_full: Mapping[str, NeighbourAccuracy],
    labels: np.ndarray,
) -> Scatter:
    record, n = ClaimRecorder(), len(labels)
    accuracies = {layer: projection.accuracy for layer, projection in layers.items()}
    knn = next(iter(accuracies.values()))
    title = f"{METHOD_NAMES[method]}: {_verdict(record, method, accuracies)}"
    shares = ", ".join(
        f"{layer} {record(in_plane(method, layer, accuracies[layer]))}" for layer in options.layers
    )
    summary = (
        f"{knn.n_neighbors}-nearest-neighbour ({knn.method}) accuracy of held-out points in the "
        f"projection: {shares} (n = {record(count('test examples', n))}; chance "
        f"{record(fraction('chance', np.bincount(labels).max() / n))})."
    )
    if len(accuracies) > 1:
        summary += f" {TESTED}"
    panels = tuple(_panel(record, method, layer, layers[layer], in_full[layer]) for layer in layers)
    return Scatter(
        name=method,
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
        panels=panels,
        labels=labels,
        class_names=data.class_names,
        examples=EXAMPLES,
    )


def axis_labels(explained: Sequence[float]) -> tuple[str, str]:
    """Label the axes with the share of the variance that each explains; empty for t-SNE."""
    if not explained:
        return "", ""
    first, second = map(percent, explained)
    return f"component 1 ({first} of variance)", f"component 2 ({second})"


def _verdict(
    record: ClaimRecorder, method: str, accuracies: Mapping[str, NeighbourAccuracy]
) -> str:
    """Name the projection that separates the classes best, or better than the first one does."""
    first, *others = accuracies
    if not others:
        correct = record(in_plane(method, first, accuracies[first]))
        return f"{correct} of the points lie among their own class at {first}"
    gains = {layer: difference(accuracies[layer], accuracies[first]) for layer in others}
    corrected = dict(zip(others, holm([gains[layer].p for layer in others]), strict=True))
    better = [layer for layer in others if corrected[layer] < LEVEL and gains[layer].value > 0]
    if best := [layer for layer in accuracies if _is_best(layer, accuracies)]:
        return f"the classes separate best at {best[0]}"
    if not better:
        return f"no projection separates the classes clearly better than that of {first}"
    highest = max(better, key=lambda layer: gains[layer].value)
    return f"the classes separate better at {highest} than at {first}"


def _is_best(layer: str, accuracies: Mapping[str, NeighbourAccuracy]) -> bool:
    own, others = accuracies[layer], [accuracies[each] for each in accuracies if each != layer]
    gains = [difference(own, other) for other in others]
    return all(gain.value > 0 for gain in gains) and stands_out([gain.p for gain in gains])


def difference(one: NeighbourAccuracy, other: NeighbourAccuracy) -> Difference:
    """Compare the accuracies of the same points in two spaces: that of `one` less the other's."""
    return paired_difference(one.correct, other.correct)


def in_plane(
    method: str, layer: str, accuracy: NeighbourAccuracy, network: str | None = None
) -> Claim:
    """Claim the k-NN accuracy in a projection of a layer, of a control network if one is named."""
    n, hits = accuracy.n, accuracy.hits
    return share(
        f"{accuracy.method} accuracy", hits, n, method=method, layer=layer, network=network
    )


def in_all(layer: str, accuracy: NeighbourAccuracy, network: str | None = None) -> Claim:
    """Claim the k-NN accuracy in all dimensions of a layer, see `in_plane`."""
    n, hits = accuracy.n, accuracy.hits
    name = f"{accuracy.method} accuracy in all dimensions"
    return share(name, hits, n, layer=layer, network=network)


def _panel(
    record: ClaimRecorder,
    method: str,
    layer: str,
    projected: _Projected,
    in_full: NeighbourAccuracy,
) -> ScatterPanel:
    note = (
        f"{in_full.method} accuracy {record(in_all(layer, in_full))} in all "
        f"{record(count('dimensions', in_full.dimensions, layer=layer))} dimensions, "
        f"{record(in_plane(method, layer, projected.accuracy))} in this projection"
    )
    numbers = {
        "neighbour_accuracy_full": in_full.accuracy,
        "neighbour_accuracy_plane": projected.accuracy.accuracy,
        "dimensions": float(in_full.dimensions),
    }
    explained = projected.projection.explained
    if explained:
        total = fraction("variance explained", sum(explained), method=method, layer=layer)
        note = f"{record(total)} of the variance; {note}"
        numbers["variance_explained"] = float(sum(explained))
    return projected.quality.panel(
        record, layer, projected.projection.points, note, numbers, axis_labels(explained)
    )


def _accuracy_table(
    provenance: MakeProvenance,
    options: ExplainOptions,
    in_full: Mapping[str, NeighbourAccuracy],
    projected: Mapping[str, Mapping[str, _Projected]],
) -> Table:
    first, last = options.layers[0], options.layers[-1]
    first = INPUT if first == last else first
    n, record = in_full[last].n, ClaimRecorder()
    knn, change = in_full[last], difference(in_full[last], in_full[first])
    by = gain(f"{knn.method} accuracy of {last} less {first} (points)", change, n)
    ends = dict.fromkeys((options.layers[0], last))
    shown = " and ".join(f"{layer} {record(in_all(layer, in_full[layer]))}" for layer in ends)
    return Table(
        name="separability",
        section=SECTION,
        title=f"{knn.method} accuracy changes by {record(by)} from {first} to {last}"
        if change.p < LEVEL
        else f"No clear change of {knn.method} accuracy from {first} to {last} ({record(by)})",
        summary=f"{knn.n_neighbors}-nearest-neighbour accuracy of held-out points: {INPUT} "
        f"{record(in_all(INPUT, in_full[INPUT]))}, {shown} (5-fold, n = "
        f"{record(count('test examples', n))} test examples). The change, on the same points, has "
        f"the 95 % interval {record(interval(by, '{:+.1f} to {:+.1f} points', 1))}.",
        provenance=provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
        stands_out=change.p < LEVEL,
        columns=(
            "layer",
            "dimensions",
            "all dimensions (%)",
            "95 % interval",
            *(f"{METHOD_NAMES[method]} (%)" for method in projected),
        ),
        formats=("", ",d", ".1f", ".1f", *(".1f" for _ in projected)),
        on_projections=tuple(range(4, 4 + len(projected))),
        rows=tuple(
            _accuracy_row(layer, accuracy, projected) for layer, accuracy in in_full.items()
        ),
    )


def _accuracy_row(
    layer: str,
    in_full: NeighbourAccuracy,
    projected: Mapping[str, Mapping[str, _Projected]],
) -> tuple[Cell, ...]:
    low, high = in_full.interval
    in_plane = [layers.get(layer) for layers in projected.values()]
    return (
        layer,
        in_full.dimensions,
        100 * in_full.accuracy,
        Interval(low=100 * low, high=100 * high),
        *(
            None if projection is None else 100 * projection.accuracy.accuracy
            for projection in in_plane
        ),
    )
