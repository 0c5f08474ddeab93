"""Probe map: how well each layer separates the classes, at each recorded epoch."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

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
    Rows,
)
from glassnet.findings import (
    Cell,
    ClaimRecorder,
    CurvePanel,
    Curves,
    Finding,
    Heatmap,
    Interval,
    Series,
    Table,
)
from glassnet.insight.measures.probe_map import (
    INPUT,
    MEASURES,
    SHARES,
    Column,
    ProbeMap,
    layer_measures,
)
from glassnet.insight.views.separation import NAMES, claim_of, points, separation_in_words
from glassnet.stats.folds import stratified_folds

SECTION = "dynamics"

MAX_POINTS = 800
"""The cost of a probe grows with the cube of the points; 800 give a share near 1 to within a
percentage point."""

MIN_POINTS = 20

MAX_BYTES = 256 << 20
"""Bytes of activations in memory at once."""

ROLES = ("first", "second", "third", "fourth", "fifth", "sixth")
"""Styles of the layers' lines, in order."""

Network = Callable[[], nn.Module]


def probe_map(
    data: Data,
    model: Model,
    networks: Networks,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Finding]:
    """Show linear probe, 10-NN, Fisher ratio and dimension of every layer at every epoch."""
    if not is_measurable(data, options):
        return
    measured = measure(data, model, networks, cache, options)
    yield _heatmap(provenance, measured, options)
    if len(measured.epoch_columns) > 1:
        yield _curves(provenance, measured, tuple(dict.fromkeys((INPUT, *options.layers))), options)
    yield _table(provenance, measured, options)


def is_measurable(data: Data, options: ExplainOptions) -> bool:
    """Whether there are enough points, of two classes or more."""
    labels = data.test.labels[_test_positions(data, options)]
    return len(labels) >= MIN_POINTS and len(np.unique(labels)) > 1


def measure(
    data: Data, model: Model, networks: Networks, cache: Cache, options: ExplainOptions
) -> ProbeMap:
    """Measure every layer of every recorded network on held-out points; cached.

    This costs one pass of the points through each network, besides `layer_measures`.
    """
    positions, seed = _test_positions(data, options), options.seed
    inputs, labels = data.inputs(data.test.take(positions)), data.test.labels[positions]
    recorded = _networks(networks)
    columns, layers = tuple(column for column, _ in recorded), (INPUT, *model.all_layers)
    cached = cache(
        f"probe-map-values-{len(labels)}-{seed}-{len(columns)}",
        lambda: _measure(data, model, recorded, layers[1:], inputs, labels, seed),
    )
    return ProbeMap(
        layers=layers,
        widths=tuple(cached["widths"].tolist()),
        columns=columns,
        values=cached["values"],
        correct=cached["correct"],
        n=len(labels),
        chance=float(np.bincount(labels).max() / len(labels)),
        chosen=next(k for k, column in enumerate(columns) if column.epoch == networks.best_epoch),
    )


def _test_positions(data: Data, options: ExplainOptions) -> np.ndarray:
    return data.subsample(min(MAX_POINTS, options.points), options.seed)


def _networks(networks: Networks) -> list[tuple[Column, Network]]:
    """List the recorded epochs, including the best one, then the control network with chance."""

    recorded: list[tuple[Column, Network]] = [
        (Column(epoch), partial(networks.network_at, epoch))
        for epoch in sorted({*networks.snapshots, networks.best_epoch})
    ]
    for name in CONTROL_NETWORKS[1:]:
        if (network := networks.control_network(name)) is not None:
            recorded.append((Column(None, name), lambda network=network: network))  # type: ignore[misc]
    return recorded


def _measure(
    data: Data,
    model: Model,
    recorded: Sequence[tuple[Column, Network]],
    layers: Sequence[str],
    inputs: Rows,
    labels: np.ndarray,
    seed: int,
) -> dict[str, np.ndarray]:
    folds = stratified_folds(labels, seed)
    raw_inputs = data.raw_inputs(inputs)
    first = model.activations(inputs[:1], layers)
    widths = [raw_inputs.shape[1], *(first[layer].shape[1] for layer in layers)]
    values = np.empty((1 + len(layers), len(recorded), len(MEASURES)))
    correct = np.empty((*values.shape[:2], len(labels)), bool)
    with progress.stage(
        "probes of all layers and epochs", 1 + len(layers) * len(recorded), "layers"
    ) as advance:
        values[0], correct[0] = layer_measures(raw_inputs, labels, folds)
        advance()
        for column, (shown, network) in enumerate(recorded):
            loaded = network()
            for group in _groups(layers, widths[1:], len(labels)):
                activations = model.activations(inputs, [layers[k] for k in group], loaded)
                for k in group:
                    values[1 + k, column], correct[1 + k, column] = layer_measures(
                        activations.pop(layers[k]), labels, folds
                    )
                    advance(note=shown.control_network or f"epoch {shown.epoch}")
    return {"values": values, "correct": correct, "widths": np.array(widths)}


def _groups(layers: Sequence[str], widths: Sequence[int], n: int) -> Iterator[list[int]]:
    """Group consecutive layers whose activations fit into `MAX_BYTES`; a wider one is alone."""
    group: list[int] = []
    for place in range(len(layers)):
        if group and 4 * n * sum(widths[k] for k in [*group, place]) > MAX_BYTES:
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def _heatmap(provenance: MakeProvenance, measured: ProbeMap, options: ExplainOptions) -> Heatmap:
    probe = measured.of("probe")
    names = tuple(
        (column.control_network or str(column.epoch)) + " (chosen)" * (k == measured.chosen)
        for k, column in enumerate(measured.columns)
    )
    low, high = 100 * probe.min(), 100 * probe.max()
    record = ClaimRecorder()
    title, summary, separates = separation_in_words(record, measured, options)
    return Heatmap(
        name="probe-map",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(split="test", n=measured.n, seed=options.seed),
        claims=record.claims,
        stands_out=separates,
        values=100 * probe,
        scale=((100 * probe - low) / max(high - low, 1e-9)),
        row_names=measured.layers,
        column_names=names,
        row_label="layer",
        column_label="epoch",
        unit="linear probe accuracy (% of held-out points)",
        span=(float(low), float(high)),
        digits=1,
    )


def _curves(
    provenance: MakeProvenance, measured: ProbeMap, shown: Sequence[str], options: ExplainOptions
) -> Curves:
    layers = [measured.layers.index(name) for name in shown if name in measured.layers][
        : len(ROLES)
    ]
    panels = tuple(
        _panel(measured, layers, measure, label)
        for measure, label in (
            ("probe", "linear probe accuracy (%)"),
            ("neighbours", "10-NN accuracy (%)"),
            ("fisher", "Fisher ratio"),
            ("dimension", "effective dimension"),
        )
    )
    last = layers[-1]
    before, after = measured.epoch_columns[0], measured.chosen
    record = ClaimRecorder()
    fisher_before, fisher_after, knn_before, knn_after = (
        record(claim_of(measured, measure, last, column))
        for measure in ("fisher", "neighbours")
        for column in (before, after)
    )
    name = measured.layers[last]
    return Curves(
        name="probe-curves",
        section=SECTION,
        title=f"The Fisher ratio at {name} goes from {fisher_before} to {fisher_after}",
        summary="The Fisher ratio is the scatter between the class means over the scatter within "
        "classes, before training and with the chosen weights. 10-NN accuracy goes from "
        f"{knn_before} to {knn_after} of {points(record, measured)} held-out points. Bands are "
        "95 % intervals.",
        provenance=provenance(split="test", n=measured.n, seed=options.seed),
        claims=record.claims,
        x_label="epoch",
        panels=panels,
    )


def _panel(measured: ProbeMap, layers: Sequence[int], measure: str, label: str) -> CurvePanel:
    columns, series = list(measured.epoch_columns), []
    epochs = np.array([measured.columns[column].epoch for column in columns], np.float64)
    scale = 100 if measure in SHARES else 1
    for role, layer in zip(ROLES, layers, strict=False):
        ends = [measured.interval(measure, layer, column) for column in columns]
        series.append(
            Series(
                label=measured.layers[layer],
                role=role,
                x=epochs,
                y=scale * measured.of(measure)[layer, columns],
                low=scale * np.array([end["low"] for end in ends]),
                high=scale * np.array([end["high"] for end in ends]),
            )
        )
    return CurvePanel(y_label=label, series=tuple(series), mark=None)


def _table(provenance: MakeProvenance, measured: ProbeMap, options: ExplainOptions) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (name, measured.widths[layer], *(_cell(measured, measure, layer) for measure in NAMES))
        for layer, name in enumerate(measured.layers)
    ]
    widest = 1 + int(measured.of("dimension")[1:, measured.chosen].argmax())
    most = claim_of(measured, "dimension", widest, measured.chosen)
    last = claim_of(measured, "dimension", len(measured.layers) - 1, measured.chosen)
    record = ClaimRecorder()
    return Table(
        name="probe-table",
        section=SECTION,
        title=f"The effective dimension is {record(most)} at {measured.layers[widest]}, "
        f"{record(last)} at {measured.layers[-1]}",
        summary=f"Every layer with the chosen weights, on {points(record, measured)} held-out "
        "points: ridge probe and 10-NN accuracy (5-fold), Fisher ratio and effective dimension, "
        "with 95 % intervals. The probe's penalty is the points' mean squared distance from their "
        "mean.",
        provenance=provenance(split="test", n=measured.n, seed=options.seed),
        claims=record.claims,
        columns=(
            *("layer", "values", "linear probe (%)"),
            *("10-NN (%)", "Fisher ratio", "dimension"),
        ),
        formats=("", ",d", ".1f", ".1f", ".2f", ".1f"),
        rows=tuple(rows),
    )


def _cell(measured: ProbeMap, measure: str, layer: int) -> Interval:
    """A number with its interval."""
    scale = 100 if measure in SHARES else 1
    value = float(measured.of(measure)[layer, measured.chosen])
    ends = measured.interval(measure, layer, measured.chosen)
    return Interval(value=scale * value, low=scale * ends["low"], high=scale * ends["high"])
