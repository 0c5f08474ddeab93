"""Units that separate the classes best, measured on texts that did not choose them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Heatmap, Table
from glassnet.findings.claims import count, interval, number
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of_test, near, rows
from glassnet.insight.measures.unit_selectivity import (
    SUMMARIES,
    SelectiveUnit,
    most_selective_units,
)
from glassnet.insight.views.unit_activations import area_of, best_unit, direction, unit_activations

SHOWN = 2
"""Texts along which they are shown."""

FEWEST, MOST = 12, 40
"""Words of such a text; more do not fit side by side."""


def selective_units(evidence: Evidence, options: ExplainOptions) -> Iterator[Heatmap | Table]:
    """The units that tell classes apart best: along a few test texts, and as a table."""
    units, n = most_selective_units(evidence, options.seed)
    if not units:
        return
    for rank, place in enumerate(_shown(evidence), 1):
        words, _ = rows(evidence, np.array([place]))
        text = str(evidence.test.inputs[place])
        name = evidence.class_names[int(evidence.test.labels[place])]
        yield unit_activations(
            evidence,
            units,
            words,
            text,
            name=f"unit-activations-{rank}",
            before=f"A test text of {name}",
            split="test",
            n=n,
            seed=options.seed,
        )
    yield _table(evidence, units, n, options.seed)


def _table(evidence: Evidence, units: list[SelectiveUnit], n: int, seed: int) -> Table:
    best, record = units[0], ClaimRecorder()
    drop = np.mean([each.chosen - each.area for each in units])
    chosen = number("AUROC on the texts that chose it", best.chosen, "{:.3f}")
    return Table(
        name="selective-units",
        section="texts",
        title=best_unit(evidence, record, best, n),
        summary=f"Measured on {record(count('test texts', n))} test texts, 95 % interval "
        f"{record(interval(area_of(best, n), '{:.3f} to {:.3f}', 1))} (DeLong); on the other half "
        f"of the draw, which chose it, {record(chosen)}. On average over these "
        f"{record(count('units shown', len(units)))} units, the half that chose them shows "
        f"{record(number('mean loss of AUROC on other texts', drop, '{:+.3f}'))} more.",
        provenance=evidence.provenance(split="test", n=n, seed=seed),
        claims=record.claims,
        columns=(
            "unit",
            "larger",
            "read as",
            "AUROC where chosen",
            "AUROC elsewhere",
            "95 % interval",
        ),
        formats=("d", "", "", ".3f", ".3f", ""),
        rows=tuple(
            (
                each.unit,
                direction(evidence, each),
                SUMMARIES[each.summary],
                each.chosen,
                each.area,
                f"{each.low:.3f} to {each.high:.3f}",
            )
            for each in units
        ),
    )


def _shown(evidence: Evidence) -> list[int]:
    """The surest right texts, of two classes if there are, that fit side by side."""
    answer = prediction(evidence)
    room = near(lengths_of_test(evidence), FEWEST, MOST, SHOWN)
    sure = room[np.argsort(-answer.probabilities[room].max(axis=1), kind="stable")]
    right = sure[answer.predicted[sure] == answer.split.labels[sure]]
    first = {int(answer.split.labels[i]): int(i) for i in right[::-1]}
    return sorted(first.values(), key=right.tolist().index)[:SHOWN]
