"""Where in the network, and when in training, the classes come apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Claim, CurvePanel, Curves, Finding, Heatmap, Series, Table, claims
from glassnet.insight.measures.probe_map import (
    INPUT,
    LEAST,
    NAMES,
    SHARES,
    Map,
    held_out,
    measure,
    verdict,
)
from glassnet.stats.intervals import percent

ROLES = ("first", "second", "third", "fourth", "fifth", "sixth")
"""Of the lines that stand for layers, in their order."""

PALE = 0.05
"""The share of the cells that may lie below the colours' scale."""


def probe_map(evidence: Evidence, options: ExplainOptions) -> Iterator[Finding]:
    """Probes, neighbours, Fisher ratio and dimension of every layer at every kept epoch."""
    labels = evidence.test.labels[held_out(evidence, options)]
    if len(labels) < LEAST or len(np.unique(labels)) < 2:
        return
    found = measure(evidence, options)
    shown = tuple(dict.fromkeys((INPUT, *options.layers)))
    yield _heatmap(evidence, found, options)
    if len(found.epochs) > 1:
        yield _curves(evidence, found, shown, options)
    yield _table(evidence, found, options)


def _heatmap(evidence: Evidence, found: Map, options: ExplainOptions) -> Heatmap:
    probe = found.of("probe")
    names = tuple(
        f"{each.name} (chosen)" if place == found.chosen else each.name
        for place, each in enumerate(found.columns)
    )
    names = tuple(name.removeprefix("epoch ") for name in names)
    # A few cells far below all others would leave the others one colour.
    low, high = 100 * np.quantile(probe, PALE), 100 * probe.max()
    title, summary, record = _story(found, options)
    return Heatmap(
        name="probe-map",
        section="dynamics",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="test", n=found.n, seed=options.seed),
        claims=record,
        values=100 * probe,
        scale=((100 * probe - low) / max(high - low, 1e-9)).clip(0, 1),
        row_names=found.layers,
        column_names=names,
        row_label="layer",
        column_label="epoch",
        unit="% of held-out points that a linear probe names right",
        span=(float(low), float(high)),
        digits=1,
    )


def _story(found: Map, options: ExplainOptions) -> tuple[str, str, tuple[Claim, ...]]:
    """The one sentence, its title, and the records of its numbers."""
    n = claims.number("held-out points", found.n, f"{found.n:,}", found.n)
    chance = claims.number("chance", found.chance, percent(found.chance), found.n)
    where = verdict(found)
    if where is None:
        best = int(found.of("probe")[:, found.chosen].argmax())
        top = found.claim("probe", best, found.chosen)
        return (
            "No layer tells the classes apart",
            f"The best linear probe, at {found.layers[best]}, is right on {_with_interval(top)} of "
            f"{n.formatted} held-out points; chance is {chance.formatted}.",
            (top, _ends(top), n, chance),
        )
    layer, column = found.layers[where.layer], found.columns[where.column]
    own = found.claim("probe", where.layer, where.column)
    record, others = [own, _ends(own), n], []
    for name in dict.fromkeys((INPUT, *options.layers)):
        place = found.layers.index(name) if name in found.layers else where.layer
        if place < where.layer:
            record.append(found.claim("probe", place, where.column))
            others.append(f"{record[-1].formatted} at {name}")
    words = (
        f"A linear probe at {layer} is right on {_with_interval(own)} of {n.formatted} held-out "
    )
    words += f"points then ({', '.join(others)})" if others else "points then"
    if column.epoch:
        record.append(found.claim("probe", where.layer, 0))
        words += f", on {record[-1].formatted} before training"
    if found.columns[-1].epoch is None:
        record.append(found.claim("probe", where.layer, -1))
        what = found.columns[-1].name.removeprefix("shuffled ")
        words += f", and on {record[-1].formatted} where the {what} were shuffled"
    when = "before training" if column.epoch == 0 else f"by {column.name}"
    title = f"The classes separate at {layer} {when}"
    if where.layer == 0:
        title = "The classes lie as far apart in the raw input as in any layer"
    elif column.epoch:
        record.append(claims.number("the epoch", column.epoch, column.name))
    return title, f"{words}; chance is {chance.formatted}.", (*record, chance)


def _with_interval(record: Claim) -> str:
    return f"{record.formatted} {_ends(record).formatted}"


def _ends(record: Claim) -> Claim:
    return claims.interval(record, "[{:.1f}, {:.1f}]")


def _curves(
    evidence: Evidence, found: Map, shown: Sequence[str], options: ExplainOptions
) -> Curves:
    layers = [found.layers.index(name) for name in shown if name in found.layers][: len(ROLES)]
    epochs = list(found.epochs)
    x = np.array([found.columns[place].epoch for place in epochs], np.float64)
    panels = (
        _panel(found, layers, epochs, x, "probe", "linear probe (% right)"),
        _panel(found, layers, epochs, x, "neighbours", "10 nearest neighbours (% right)"),
        _panel(found, layers, epochs, x, "fisher", "Fisher ratio"),
        _panel(found, layers, epochs, x, "dimension", "effective dimension"),
    )
    last = layers[-1]
    first, chosen = epochs[0], found.chosen
    record = (
        found.claim("fisher", last, first),
        found.claim("fisher", last, chosen),
        found.claim("neighbours", last, first),
        found.claim("neighbours", last, chosen),
        claims.number("held-out points", found.n, f"{found.n:,}", found.n),
    )
    name = found.layers[last]
    return Curves(
        name="probe-curves",
        section="dynamics",
        title=f"The Fisher ratio at {name} goes from {record[0].formatted} to {record[1].formatted}",
        summary="It is the scatter of the classes' means over the scatter within classes, first "
        f"before training, then with the chosen weights; the 10 nearest neighbours name "
        f"{record[2].formatted} of {record[4].formatted} held-out points right before and {record[3].formatted} "
        "after. Bands are 95 % intervals.",
        provenance=evidence.provenance(split="test", n=found.n, seed=options.seed),
        claims=record,
        x_label="epoch",
        panels=panels,
    )


def _panel(
    found: Map, layers: Sequence[int], epochs: list[int], x: np.ndarray, measure: str, label: str
) -> CurvePanel:
    series = []
    for role, layer in zip(ROLES, layers, strict=False):
        ends = [found.interval(measure, layer, place) for place in epochs]
        scale = 100 if measure in SHARES else 1
        series.append(
            Series(
                label=found.layers[layer],
                role=role,
                x=x,
                y=scale * found.of(measure)[layer, epochs],
                low=scale * np.array([each["low"] for each in ends]),
                high=scale * np.array([each["high"] for each in ends]),
            )
        )
    return CurvePanel(y_label=label, series=tuple(series), mark=None)


def _table(evidence: Evidence, found: Map, options: ExplainOptions) -> Table:
    rows: list[tuple[str | float | int | None, ...]] = []
    column = found.chosen
    for layer, name in enumerate(found.layers):
        cells = [_cell(found, quantity, layer) for quantity in NAMES]
        rows.append((name, found.widths[layer], *cells))
    spread = found.of("dimension")[:, column]
    widest = 1 + int(spread[1:].argmax())
    record = found.claim("dimension", widest, column)
    last = found.claim("dimension", len(found.layers) - 1, column)
    n = claims.number("held-out points", found.n, f"{found.n:,}", found.n)
    return Table(
        name="probe-table",
        section="dynamics",
        title=f"The points spread in {record.formatted} directions at {found.layers[widest]}, "
        f"in {last.formatted} at {found.layers[-1]}",
        summary=f"Every layer with the chosen weights, on {n.formatted} held-out points: ridge probe "
        "and 10 nearest neighbours (5-fold), Fisher ratio, effective dimension, with 95 % "
        "intervals. The probe's penalty is the points' mean squared distance from their mean.",
        provenance=evidence.provenance(split="test", n=found.n, seed=options.seed),
        claims=(record, last, n),
        columns=(
            "layer", "values", "linear probe (%)", "10-NN (%)", "Fisher ratio", "dimension",
        ),
        formats=("", ",d", "", "", "", ""),
        rows=tuple(rows),
    )  # fmt: skip


def _cell(found: Map, quantity: str, layer: int) -> str:
    """A number with its interval, in a table's words."""
    record = found.claim(quantity, layer, found.chosen)
    assert record.low is not None  # noqa: S101
    assert record.high is not None  # noqa: S101
    if quantity in SHARES:
        return f"{100 * record.value:.1f} ({100 * record.low:.1f} to {100 * record.high:.1f})"
    digits = len(record.formatted.partition(".")[2])
    return f"{record.formatted} ± {record.high - record.value:.{digits}f}"
