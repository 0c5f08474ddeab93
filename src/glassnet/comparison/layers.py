"""Layers of two sides: how similar they are, and maps of the same test examples in one frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet import progress
from glassnet.comparison.differences import Pair
from glassnet.comparison.sides import Side
from glassnet.contract import ExplainOptions, Model
from glassnet.explain.evidence import RunEvidence
from glassnet.findings import (
    METHOD_NAMES,
    Claim,
    ClaimRecorder,
    Examples,
    Heatmap,
    Provenance,
    Scatter,
    ScatterPanel,
    gain,
    interval,
    number,
    share,
)
from glassnet.inference.layers import family
from glassnet.inference.subsample import examples_of
from glassnet.insight.measures.alignment import rotate, standardization
from glassnet.insight.measures.layer_similarity import (
    centred_gram,
    cka_interval,
    linear_cka,
    shuffled_cka,
)
from glassnet.insight.measures.neighbour_accuracy import NeighbourAccuracy, neighbour_accuracy
from glassnet.insight.measures.projections import project
from glassnet.insight.views.projections import map_key
from glassnet.stats.comparisons import LEVEL, paired_difference

SECTION = "layers"

POINTS, SEED = 1_000, 0
"""Test examples of maps that no run has stored, and of the similarity of layers."""

MAX_LAYERS = 14
"""Rows and columns of the heat map of similarities."""

EXAMPLES = "examples"
"""Name of the record of the examples on the maps."""


def similarity(pair: Pair, index: int, provenance: Provenance) -> Heatmap | None:
    """Compare every layer of the first network with every one of the second by linear CKA.

    None if their test examples differ.
    """
    if pair.shared.order is None:
        return None
    one, other = pair.first, pair.second
    positions = one.data.subsample(POINTS, SEED)
    found = _measure(one.first, other.first, positions, pair.shared.order[positions])
    rows, columns = _block_outputs(one.model), _block_outputs(other.model)
    values, n = found["values"], len(positions)
    record = ClaimRecorder()
    low, high = (float(end) for end in found["interval"])
    last = number(
        f"CKA of {rows[-1]} and {columns[-1]}",
        values[-1, -1],
        "{:.2f}",
        n,
        low=low,
        high=high,
        layer=rows[-1],
    )
    chance = number("CKA of the last layers, examples shuffled", found["shuffled"], "{:.2f}", n)
    count = record(number("test examples", n, "{:,.0f}"))
    of_groups = ""
    if one.is_group or other.is_group:
        of_groups = " Of a group, the network of its first seed is compared."
    return Heatmap(
        name=f"layer-similarity-{index}",
        section=SECTION,
        title=f"The similarity (CKA) of {rows[-1]} of {one.label} and {columns[-1]} of "
        f"{other.label} is {record(last)}",
        summary=f"Linear CKA of layers on the same {count} test examples; 1 is equal up "
        f"to rotation and scale. That of these two has the 95 % interval "
        f"{record(interval(last, '{:.2f} to {:.2f}', 1))}; with the examples shuffled it is "
        f"{record(chance)}.{of_groups}",
        provenance=dataclasses.replace(provenance, n=n, seed=SEED),
        claims=record.claims,
        values=values,
        scale=np.nan_to_num(values),
        row_names=tuple(rows),
        column_names=tuple(columns),
        row_label=f"layer of {one.label}",
        column_label=f"layer of {other.label}",
        unit="linear CKA",
        span=(0.0, 1.0),
    )


def _measure(
    one: RunEvidence, other: RunEvidence, positions: np.ndarray, other_positions: np.ndarray
) -> Mapping[str, np.ndarray]:
    """Linear CKA of all layers, and for the last ones its interval and its value by chance.

    Cached in the first run's folder, by the weights of both.
    """

    def make() -> dict[str, np.ndarray]:
        grams = _grams(one, positions), _grams(other, other_positions)
        values = np.array([[linear_cka(a, b) for b in grams[1]] for a in grams[0]])
        a, b = grams[0][-1], grams[1][-1]
        ends, shuffled = cka_interval(a, b, SEED), shuffled_cka(a, b, SEED)
        return {"values": values, "interval": np.array(ends), "shuffled": np.array(shuffled)}

    return one.cache(f"linear-cka-{other.model.digest}-{len(positions)}-{SEED}", make)


def _block_outputs(model: Model) -> tuple[str, ...]:
    """The layers of a network; of many, those before the next convolution or linear layer."""
    layers = model.all_layers
    if len(layers) <= MAX_LAYERS:
        return layers
    modules = dict(model.network.named_modules())
    families = [family(modules[layer]) for layer in layers]
    last = [
        layer
        for layer, successor in zip(layers, [*families[1:], "linear"], strict=True)
        if successor in ("conv", "linear")
    ]
    chosen = np.linspace(0, len(last) - 1, min(len(last), MAX_LAYERS)).round().astype(int)
    return tuple(last[k] for k in chosen)


def _grams(evidence: RunEvidence, positions: np.ndarray) -> list[np.ndarray]:
    """Inner products (n, n) of each layer, one layer in memory at a time."""
    model, layers = evidence.model, _block_outputs(evidence.model)
    inputs = evidence.data.inputs(evidence.data.test.take(positions))
    grams = []
    with progress.stage(f"layers of {evidence.run.name}", len(layers), "layers") as advance:
        for layer in layers:
            with progress.silenced():
                grams.append(centred_gram(model.activations(inputs, [layer])[layer]))
            advance(note=layer)
    return grams


@dataclass(frozen=True, eq=False)
class _Map:
    """The map of a side: its layer, points (n, 2) in the common frame, and neighbour accuracy."""

    side: Side
    layer: str
    points: np.ndarray
    accuracy: NeighbourAccuracy


def maps(
    sides: Sequence[Side], pairs: Sequence[Pair], method: str, provenance: Provenance
) -> tuple[Scatter, Examples] | None:
    """Map the last layer of each side that is tested on the examples of the first, in one frame.

    Maps that `explain` has stored for all of them are taken; else there are fewer points.
    """
    orders = {pair.second.label: pair.shared.order for pair in pairs if pair.first is sides[0]}
    shown = [side for side in sides if side is sides[0] or orders.get(side.label) is not None]
    if len(shown) < 2 or sides[0].missing:
        return None
    points, seed = _stored_options(shown, method)
    lead = sides[0].first
    positions = lead.data.subsample(points, seed)
    labels = lead.data.test.labels[positions]
    drawn: list[_Map] = []
    for side in shown:
        order = orders.get(side.label)
        own = positions if order is None else order[positions]
        reference = drawn[0].points if drawn else None
        drawn.append(_map(side, method, (points, seed), own, labels, reference))
    examples = examples_of(lead.data, lead.model, points, seed, EXAMPLES)
    return _scatter(drawn, method, labels, lead, seed, provenance), _without_predictions(examples)


def _stored_options(sides: Sequence[Side], method: str) -> tuple[int, int]:
    """Points and seed with which `explain` has made the maps of all sides; else the default."""
    known = [
        {
            (int(options["points"]), int(options["seed"]))
            for record in side.first.run.info.get("explain_records", ())
            if method in (options := record["options"])["methods"]
            and side.first.task.layers[-1] in options["layers"]
        }
        for side in sides
    ]
    return max(set.intersection(*known), default=(POINTS, SEED))


def _map(
    side: Side,
    method: str,
    chosen: tuple[int, int],
    positions: np.ndarray,
    labels: np.ndarray,
    reference: np.ndarray | None,
) -> _Map:
    evidence, layer = side.first, side.first.task.layers[-1]
    points, seed = chosen
    in_own_order = np.array_equal(positions, evidence.data.subsample(points, seed))
    key = map_key(ExplainOptions((layer,), (method,), points, seed), method, layer)

    def make() -> dict[str, np.ndarray]:
        inputs = evidence.data.inputs(evidence.data.test.take(positions))
        title = f"{METHOD_NAMES[method]} of {layer}, {side.label}"
        made = project(evidence.model.activations(inputs, [layer])[layer], method, seed, title)
        return {"points": made.points, "explained": np.array(made.explained)}

    made = evidence.cache(key if in_own_order else f"{key}-other-order", make)["points"]
    accuracy = neighbour_accuracy(made, labels, seed=seed)
    standardised = standardization(made)(made)
    if reference is not None:
        standardised = rotate(standardised, reference, has_axes=False)
    return _Map(side, layer, standardised.astype(np.float32), accuracy)


def _scatter(
    drawn: Sequence[_Map],
    method: str,
    labels: np.ndarray,
    lead: RunEvidence,
    seed: int,
    provenance: Provenance,
) -> Scatter:
    record, n = ClaimRecorder(), len(labels)
    title = f"{METHOD_NAMES[method]}: {_verdict(record, drawn, method)}"
    count = record(number("test examples on each map", n, "{:,.0f}"))
    panels = tuple(
        ScatterPanel(
            label=f"{each.layer} of {each.side.label}",
            points=each.points,
            note=f"{each.accuracy.method} accuracy on this map {record(_accuracy(each, method))}",
            numbers={"neighbour_accuracy_plane": each.accuracy.accuracy},
        )
        for each in drawn
    )
    return Scatter(
        name=f"maps-{method}",
        section=SECTION,
        title=title,
        summary=f"The last layer of each network on the same {count} test examples. The maps are "
        "centred, scaled to one radius and rotated onto the first; a point has the same example in "
        "every panel.",
        provenance=dataclasses.replace(provenance, n=n, seed=seed),
        claims=record.claims,
        panels=panels,
        labels=labels,
        class_names=lead.data.class_names,
        examples=EXAMPLES,
    )


def _accuracy(each: _Map, method: str) -> Claim:
    accuracy = each.accuracy
    name = f"{accuracy.method} accuracy of {each.side.label}"
    return share(name, accuracy.hits, accuracy.n, method=method, layer=each.layer)


def _verdict(record: ClaimRecorder, drawn: Sequence[_Map], method: str) -> str:
    """Compare the first two maps, or state only that there are several."""
    if len(drawn) > 2:
        return "the last layer of each network"
    first, second = drawn
    found = paired_difference(second.accuracy.correct, first.accuracy.correct)
    name = f"{first.accuracy.method} accuracy of {second.side.label} less {first.side.label}"
    change = gain(f"{name} (points)", found, first.accuracy.n, method=method)
    if found.p >= LEVEL:
        return f"no clear difference in how the classes separate ({record(change)})"
    better = second if found.value > 0 else first
    by = dataclasses.replace(change, formatted=f"{100 * abs(found.value):.1f} points")
    return f"the classes separate better on the map of {better.side.label}, by {record(by)}"


def _without_predictions(examples: Examples) -> Examples:
    """The examples without the predictions of one of the networks."""
    return dataclasses.replace(examples, predicted=None, confidence=None)
