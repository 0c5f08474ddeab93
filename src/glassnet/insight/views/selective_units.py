"""Units that separate the classes best, measured on texts that did not select them."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, ExplainOptions, MakeProvenance, Model, TextModel
from glassnet.findings import (
    ClaimRecorder,
    Heatmap,
    Interval,
    Table,
    count,
    interval,
    number,
)
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of_test, near, rows
from glassnet.insight.measures.unit_selectivity import (
    SUMMARIES,
    SelectiveUnit,
    most_selective_units,
)
from glassnet.insight.views.branches import of_units
from glassnet.insight.views.unit_activations import (
    auroc_claim,
    direction,
    separation,
    unit_activations,
)

SECTION = "texts"

N_TEXTS = 2
"""Texts along which activations are shown."""

MIN_LENGTH, MAX_LENGTH = 12, 40
"""Words of such a text; more do not fit side by side."""


def selective_units(
    data: Data,
    model: Model,
    text_model: TextModel,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Heatmap | Table]:
    """Show the most selective units along a few test texts, and as a table.

    Yields nothing for a single class or fewer than 4 test texts.
    """
    units, n = most_selective_units(data, text_model, cache, options.seed)
    if not units:
        return
    for rank, position in enumerate(_shown_texts(data, model, cache), 1):
        words, _ = rows(data, np.array([position]))
        yield unit_activations(
            data,
            text_model,
            provenance,
            units,
            words,
            str(data.test.inputs[position]),
            name=f"unit-activations-{rank}",
            intro=f"A test text of {data.class_names[int(data.test.labels[position])]}",
            split="test",
            n=n,
            seed=options.seed,
        )
    yield _table(data, text_model, provenance, units, n, options.seed)


def _shown_texts(data: Data, model: Model, cache: Cache) -> list[int]:
    """Positions of the most confident correct texts that fit, of different classes if possible."""
    predictions = prediction(data, model)
    candidates = near(lengths_of_test(data, cache), MIN_LENGTH, MAX_LENGTH, N_TEXTS)
    confidence = predictions.probabilities[candidates].max(axis=1)
    ordered = candidates[np.argsort(-confidence, kind="stable")]
    labels = predictions.split.labels
    right = ordered[predictions.predicted[ordered] == labels[ordered]]
    first = {int(labels[i]): int(i) for i in right[::-1]}
    return sorted(first.values(), key=right.tolist().index)[:N_TEXTS]


def _table(
    data: Data,
    text_model: TextModel,
    provenance: MakeProvenance,
    units: list[SelectiveUnit],
    n: int,
    seed: int,
) -> Table:
    best, record = units[0], ClaimRecorder()
    change = np.mean([unit.auroc - unit.selection_auroc for unit in units])
    selection = number("AUROC on the texts that selected it", best.selection_auroc, "{:.3f}")
    shift = number("mean change of AUROC on other texts", change, "{:+.3f}")
    return Table(
        name="selective-units",
        section=SECTION,
        title=separation(data, record, best, n),
        summary=f"Measured on {record(count('test texts', n))} test texts, with the 95 % interval "
        f"{record(interval(auroc_claim(best, n), '{:.3f} to {:.3f}', 1))} (DeLong). On the other "
        f"half of the subsample, which selected the unit, its AUROC is {record(selection)}. On "
        f"average over these {record(count('units shown', len(units)))} units, the AUROC differs "
        f"by {record(shift)} from that on the texts that selected them.{of_units(text_model)}",
        provenance=provenance(split="test", n=n, seed=seed),
        claims=record.claims,
        columns=(
            "unit",
            "high activation",
            "summary of the text",
            "AUROC on selecting texts",
            "AUROC on other texts",
            "95 % interval",
        ),
        formats=("d", "", "", ".3f", ".3f", ".3f"),
        rows=tuple(
            (
                unit.unit,
                direction(data, unit),
                SUMMARIES[unit.summary],
                unit.selection_auroc,
                unit.auroc,
                Interval(low=unit.low, high=unit.high),
            )
            for unit in units
        ),
    )
