"""Units that separate the classes best, measured on texts that did not select them."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Heatmap, Table, count, interval, number
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of_test, near, rows
from glassnet.insight.measures.unit_selectivity import (
    SUMMARIES,
    SelectiveUnit,
    most_selective_units,
)
from glassnet.insight.views.unit_activations import (
    auroc_claim,
    direction,
    separation,
    unit_activations,
)

N_TEXTS = 2
"""Texts along which activations are shown."""

MIN_LENGTH, MAX_LENGTH = 12, 40
"""Words of such a text; more do not fit side by side."""


def selective_units(evidence: Evidence, options: ExplainOptions) -> Iterator[Heatmap | Table]:
    """Show the most selective units along a few test texts, and as a table.

    Yields nothing for a single class or fewer than 4 test texts.
    """
    units, n = most_selective_units(evidence, options.seed)
    if not units:
        return
    for rank, position in enumerate(_shown_texts(evidence), 1):
        words, _ = rows(evidence, np.array([position]))
        yield unit_activations(
            evidence,
            units,
            words,
            str(evidence.test.inputs[position]),
            name=f"unit-activations-{rank}",
            intro=f"A test text of {evidence.class_names[int(evidence.test.labels[position])]}",
            split="test",
            n=n,
            seed=options.seed,
        )
    yield _table(evidence, units, n, options.seed)


def _shown_texts(evidence: Evidence) -> list[int]:
    """Positions of the most confident correct texts that fit, of different classes if possible."""
    predictions = prediction(evidence)
    candidates = near(lengths_of_test(evidence), MIN_LENGTH, MAX_LENGTH, N_TEXTS)
    confidence = predictions.probabilities[candidates].max(axis=1)
    ordered = candidates[np.argsort(-confidence, kind="stable")]
    labels = predictions.split.labels
    right = ordered[predictions.predicted[ordered] == labels[ordered]]
    first = {int(labels[i]): int(i) for i in right[::-1]}
    return sorted(first.values(), key=right.tolist().index)[:N_TEXTS]


def _table(evidence: Evidence, units: list[SelectiveUnit], n: int, seed: int) -> Table:
    best, record = units[0], ClaimRecorder()
    optimism = np.mean([unit.selection_auroc - unit.auroc for unit in units])
    selection = number("AUROC on the texts that selected it", best.selection_auroc, "{:.3f}")
    loss = number("mean loss of AUROC on other texts", optimism, "{:+.3f}")
    return Table(
        name="selective-units",
        section="texts",
        title=separation(evidence, record, best, n),
        summary=f"Measured on {record(count('test texts', n))} test texts, with the 95 % interval "
        f"{record(interval(auroc_claim(best, n), '{:.3f} to {:.3f}', 1))} (DeLong). On the other "
        f"half of the subsample, which selected the unit, its AUROC is {record(selection)}. On "
        f"average over these {record(count('units shown', len(units)))} units, the AUROC on the "
        f"texts that selected them is higher by {record(loss)}.",
        provenance=evidence.provenance(split="test", n=n, seed=seed),
        claims=record.claims,
        columns=(
            "unit",
            "high activation",
            "summary of the text",
            "AUROC on selecting texts",
            "AUROC on other texts",
            "95 % interval",
        ),
        formats=("d", "", "", ".3f", ".3f", ""),
        rows=tuple(
            (
                unit.unit,
                direction(evidence, unit),
                SUMMARIES[unit.summary],
                unit.selection_auroc,
                unit.auroc,
                f"{unit.low:.3f} to {unit.high:.3f}",
            )
            for unit in units
        ),
    )
