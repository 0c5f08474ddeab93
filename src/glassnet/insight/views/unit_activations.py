"""Activations of selective units along one text."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from glassnet.contract import Evidence
from glassnet.findings import Claim, ClaimRecorder, Heatmap
from glassnet.findings.claims import count, number
from glassnet.inference.texts import bare
from glassnet.insight.measures.unit_selectivity import SelectiveUnit, hidden_states


def unit_activations(
    evidence: Evidence,
    units: list[SelectiveUnit],
    words: Tensor,
    text: str,
    *,
    name: str,
    before: str,
    split: str = "",
    n: int = 1,
    seed: int | None = None,
) -> Heatmap:
    """The activations of some units along one text.

    Args:
        units: best first.
        words: (1, T) int64, without filling.
        text: what they are the words of.
        name: the finding's.
        before: what the reading begins with, without a full stop.
        split, n, seed: for the receipt; n texts measured the units.
    """
    values = hidden_states(evidence, words)[0][:, [each.unit for each in units]].T.astype(
        np.float64
    )
    largest = max(float(np.abs(values).max()), 1e-12)
    row, peak = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    columns = tuple(bare(piece) for piece in evidence.vocabulary.pieces(text))
    record, most = ClaimRecorder(), units[row].unit
    height = number(f"activation after “{columns[peak]}”", values[row, peak], "{:+.2f}")
    return Heatmap(
        name=name,
        section="texts",
        title=f"{record(number('the most active unit', most, 'Unit {:.0f}'))} is at "
        f"{record(height)} after “{columns[peak]}”",
        summary=f"{before}, and the {record(count('units shown', len(units)))} units that follow a "
        f"class best, the best one first. {best_unit(evidence, record, units[0], n)}, on "
        f"{record(count('test texts', n))} test texts that did not choose it.",
        provenance=evidence.provenance(split=split, n=n, seed=seed),
        claims=record.claims,
        values=values,
        scale=values / largest,
        row_names=tuple(f"unit {each.unit}, {direction(evidence, each)}" for each in units),
        column_names=columns,
        row_label="unit of the last recurrent layer",
        column_label="the text, word by word",
        unit="activation",
        diverging=True,
    )


def direction(evidence: Evidence, unit: SelectiveUnit) -> str:
    return f"{'for' if unit.rises else 'against'} {evidence.class_names[unit.label]}"


def best_unit(evidence: Evidence, record: ClaimRecorder, unit: SelectiveUnit, n: int) -> str:
    names = evidence.class_names
    others = names[1 - unit.label] if len(names) == 2 else "the rest"
    which = record(number("the most selective unit", unit.unit, "Unit {:.0f}"))
    area = record(area_of(unit, n))
    return f"{which} alone tells {names[unit.label]} from {others} at AUROC {area}"


def area_of(unit: SelectiveUnit, n: int) -> Claim:
    what = f"AUROC of unit {unit.unit}"
    return number(what, unit.area, "{:.3f}", n, low=unit.low, high=unit.high)
