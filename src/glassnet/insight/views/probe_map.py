"""Probe map: how well each layer separates the classes, at each recorded epoch."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from torch import Tensor, nn

from glassnet import progress
from glassnet.contract import CONTROL_NETWORKS, Evidence, ExplainOptions
from glassnet.findings import Claim, CurvePanel, Curves, Finding, Heatmap, Series, Table, claims
from glassnet.insight.measures.folds import stratified_folds
from glassnet.insight.measures.probe_map import (
    INPUT,
    MEASURES,
    SHARES,
    Column,
    ProbeMap,
    layer_measures,
    separation,
)
from glassnet.stats.intervals import percent

MAX_POINTS = 800
"""The cost of a probe grows with the cube of the points; 800 give a share near 1 to within a
percentage point."""

MIN_POINTS = 20

MAX_BYTES = 256 << 20
"""Bytes of activations in memory at once."""

NAMES = {
    "probe": "linear probe accuracy",
    "neighbours": "10-NN accuracy",
    "fisher": "Fisher ratio",
    "dimension": "effective dimension",
}

ROLES = ("first", "second", "third", "fourth", "fifth", "sixth")
"""Styles of the layers' lines, in order."""

BELOW_SCALE = 0.05
"""Share of the cells that may lie below the colour scale."""

Network = Callable[[], nn.Module]


def probe_map(evidence: Evidence, options: ExplainOptions) -> Iterator[Finding]:
    """Show linear probe, 10-NN, Fisher ratio and dimension of every layer at every epoch."""
    labels = evidence.test.labels[_test_positions(evidence, options)]
    if len(labels) < MIN_POINTS or len(np.unique(labels)) < 2:
        return
    measured = measure(evidence, options)
    yield _heatmap(evidence, measured, options)
    if len(measured.epoch_columns) > 1:
        yield _curves(evidence, measured, tuple(dict.fromkeys((INPUT, *options.layers))), options)
    yield _table(evidence, measured, options)


def measure(evidence: Evidence, options: ExplainOptions) -> ProbeMap:
    """Measure every layer of every recorded network on held-out points; cached.

    This costs one pass of the points through each network, besides `layer_measures`.
    """
    positions, seed = _test_positions(evidence, options), options.seed
    inputs, labels = evidence.inputs(evidence.test.take(positions)), evidence.test.labels[positions]
    networks = _networks(evidence)
    columns, layers = tuple(column for column, _ in networks), (INPUT, *evidence.all_layers)
    cached = evidence.cached(
        f"probe-map-{len(labels)}-{seed}-{len(columns)}",
        lambda: _measure(evidence, networks, layers[1:], inputs, labels, seed),
    )
    return ProbeMap(
        layers=layers,
        widths=tuple(cached["widths"].tolist()),
        columns=columns,
        values=cached["values"],
        n=len(labels),
        chance=float(np.bincount(labels).max() / len(labels)),
        chosen=next(k for k, column in enumerate(columns) if column.epoch == evidence.best_epoch),
    )


def _test_positions(evidence: Evidence, options: ExplainOptions) -> np.ndarray:
    return evidence.subsample(min(MAX_POINTS, options.points), options.seed)


def _networks(evidence: Evidence) -> list[tuple[Column, Network]]:
    """List the recorded epochs, including the best one, then the control network with chance."""

    networks: list[tuple[Column, Network]] = [
        (Column(f"epoch {epoch}", epoch), partial(evidence.network_at, epoch))
        for epoch in sorted({*evidence.snapshots, evidence.best_epoch})
    ]
    for name in CONTROL_NETWORKS[1:]:
        if (network := evidence.control_network(name)) is not None:
            networks.append((Column(name, None), lambda network=network: network))  # type: ignore[misc]
    return networks


def _measure(
    evidence: Evidence,
    networks: Sequence[tuple[Column, Network]],
    layers: Sequence[str],
    inputs: Tensor,
    labels: np.ndarray,
    seed: int,
) -> dict[str, np.ndarray]:
    folds = stratified_folds(labels, seed)
    raw_inputs = evidence.raw_inputs(inputs)
    first = evidence.activations(inputs[:1], layers)
    widths = [raw_inputs.shape[1], *(first[layer].shape[1] for layer in layers)]
    values = np.empty((1 + len(layers), len(networks), len(MEASURES)))
    with progress.stage(
        "probes of all layers and epochs", 1 + len(layers) * len(networks), "layers"
    ) as advance:
        values[0] = layer_measures(raw_inputs, labels, folds)
        advance()
        for column, (name, network) in enumerate(networks):
            loaded = network()
            for group in _groups(layers, widths[1:], len(labels)):
                activations = evidence.activations(inputs, [layers[k] for k in group], loaded)
                for k in group:
                    values[1 + k, column] = layer_measures(
                        activations.pop(layers[k]), labels, folds
                    )
                    advance(note=name.name)
    return {"values": values, "widths": np.array(widths)}


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


def _claim(measured: ProbeMap, measure: str, layer: int, column: int) -> Claim:
    """One number of the map as a claim."""
    name = f"{NAMES[measure]} at {measured.layers[layer]}, {measured.columns[column].name}"
    value = float(measured.of(measure)[layer, column])
    if measure in SHARES:
        return claims.share(name, round(value * measured.n), measured.n)
    formatted = f"{value:.2f}" if measure == "fisher" else f"{value:.1f}"
    return claims.number(
        name, value, formatted, measured.n, **measured.interval(measure, layer, column)
    )


def _heatmap(evidence: Evidence, measured: ProbeMap, options: ExplainOptions) -> Heatmap:
    probe = measured.of("probe")
    names = tuple(
        column.name.removeprefix("epoch ") + (" (chosen)" if k == measured.chosen else "")
        for k, column in enumerate(measured.columns)
    )
    # A few cells far below all others would give the others one colour.
    low, high = 100 * np.quantile(probe, BELOW_SCALE), 100 * probe.max()
    title, summary, recorded = _summary(measured, options)
    return Heatmap(
        name="probe-map",
        section="dynamics",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="test", n=measured.n, seed=options.seed),
        claims=recorded,
        values=100 * probe,
        scale=((100 * probe - low) / max(high - low, 1e-9)).clip(0, 1),
        row_names=measured.layers,
        column_names=names,
        row_label="layer",
        column_label="epoch",
        unit="linear probe accuracy (% of held-out points)",
        span=(float(low), float(high)),
        digits=1,
    )


def _summary(measured: ProbeMap, options: ExplainOptions) -> tuple[str, str, tuple[Claim, ...]]:
    """Title, summary and their claims."""
    separated = separation(measured)
    n = claims.number("held-out points", measured.n, f"{measured.n:,}", measured.n)
    chance = claims.number("chance", measured.chance, percent(measured.chance), measured.n)
    if separated is None:
        best = int(measured.of("probe")[:, measured.chosen].argmax())
        top = _claim(measured, "probe", best, measured.chosen)
        return (
            "No layer separates the classes",
            f"The best linear probe, at {measured.layers[best]}, classifies "
            f"{_with_interval(top)} of {n.formatted} held-out points correctly; chance is "
            f"{chance.formatted}.",
            (top, _interval(top), n, chance),
        )
    layer, column = measured.layers[separated.layer], measured.columns[separated.column]
    own = _claim(measured, "probe", separated.layer, separated.column)
    recorded, others = [own, _interval(own), n], []
    for name in dict.fromkeys((INPUT, *options.layers)):
        place = measured.layers.index(name) if name in measured.layers else separated.layer
        if place < separated.layer:
            recorded.append(_claim(measured, "probe", place, separated.column))
            others.append(f"{recorded[-1].formatted} at {name}")
    summary = (
        f"A linear probe at {layer} then classifies {_with_interval(own)} of {n.formatted} "
        "held-out points correctly"
    )
    if others:
        summary += f" ({', '.join(others)})"
    if column.epoch:
        recorded.append(_claim(measured, "probe", separated.layer, 0))
        summary += f", {recorded[-1].formatted} before training"
    if measured.columns[-1].epoch is None:
        recorded.append(_claim(measured, "probe", separated.layer, -1))
        shuffled = measured.columns[-1].name
        summary += f", and {recorded[-1].formatted} in a control network trained on {shuffled}"
    when = "before training" if column.epoch == 0 else f"by {column.name}"
    title = f"The classes separate at {layer} {when}"
    if separated.layer == 0:
        title = "No layer separates the classes better than the raw input"
    elif column.epoch:
        recorded.append(claims.number("the epoch", column.epoch, column.name))
    return title, f"{summary}; chance is {chance.formatted}.", (*recorded, chance)


def _with_interval(claim: Claim) -> str:
    return f"{claim.formatted} {_interval(claim).formatted}"


def _interval(claim: Claim) -> Claim:
    return claims.interval(claim, "[{:.1f}, {:.1f}]")


def _curves(
    evidence: Evidence, measured: ProbeMap, shown: Sequence[str], options: ExplainOptions
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
    recorded = (
        _claim(measured, "fisher", last, before),
        _claim(measured, "fisher", last, after),
        _claim(measured, "neighbours", last, before),
        _claim(measured, "neighbours", last, after),
        claims.number("held-out points", measured.n, f"{measured.n:,}", measured.n),
    )
    fisher_before, fisher_after, knn_before, knn_after, n = (claim.formatted for claim in recorded)
    name = measured.layers[last]
    return Curves(
        name="probe-curves",
        section="dynamics",
        title=f"The Fisher ratio at {name} goes from {fisher_before} to {fisher_after}",
        summary="The Fisher ratio is the scatter between the class means over the scatter within "
        "classes, before training and with the chosen weights. 10-NN accuracy goes from "
        f"{knn_before} to {knn_after} of {n} held-out points. Bands are 95 % intervals.",
        provenance=evidence.provenance(split="test", n=measured.n, seed=options.seed),
        claims=recorded,
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


def _table(evidence: Evidence, measured: ProbeMap, options: ExplainOptions) -> Table:
    rows: list[tuple[str | float | int | None, ...]] = [
        (name, measured.widths[layer], *(_cell(measured, measure, layer) for measure in NAMES))
        for layer, name in enumerate(measured.layers)
    ]
    widest = 1 + int(measured.of("dimension")[1:, measured.chosen].argmax())
    most = _claim(measured, "dimension", widest, measured.chosen)
    last = _claim(measured, "dimension", len(measured.layers) - 1, measured.chosen)
    n = claims.number("held-out points", measured.n, f"{measured.n:,}", measured.n)
    return Table(
        name="probe-table",
        section="dynamics",
        title=f"The effective dimension is {most.formatted} at {measured.layers[widest]}, "
        f"{last.formatted} at {measured.layers[-1]}",
        summary=f"Every layer with the chosen weights, on {n.formatted} held-out points: ridge "
        "probe and 10-NN accuracy (5-fold), Fisher ratio and effective dimension, with 95 % "
        "intervals. The probe's penalty is the points' mean squared distance from their mean.",
        provenance=evidence.provenance(split="test", n=measured.n, seed=options.seed),
        claims=(most, last, n),
        columns=(
            *("layer", "values", "linear probe (%)"),
            *("10-NN (%)", "Fisher ratio", "dimension"),
        ),
        formats=("", ",d", "", "", "", ""),
        rows=tuple(rows),
    )


def _cell(measured: ProbeMap, measure: str, layer: int) -> str:
    """Format a number with its interval."""
    claim, ends = (
        _claim(measured, measure, layer, measured.chosen),
        measured.interval(measure, layer, measured.chosen),
    )
    if measure in SHARES:
        return f"{100 * claim.value:.1f} ({100 * ends['low']:.1f} to {100 * ends['high']:.1f})"
    digits = len(claim.formatted.partition(".")[2])
    return f"{claim.formatted} ± {ends['high'] - claim.value:.{digits}f}"
