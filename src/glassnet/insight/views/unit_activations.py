"""Activations of selective units along one text."""

import numpy as np
from torch import Tensor

from glassnet.contract import Data, MakeProvenance, TextModel
from glassnet.findings import Claim, ClaimRecorder, Heatmap, count, number
from glassnet.inference.texts import bare
from glassnet.insight.measures.unit_selectivity import SelectiveUnit, hidden_states
from glassnet.insight.views.branches import of_units


def unit_activations(
    data: Data,
    text_model: TextModel,
    provenance: MakeProvenance,
    units: list[SelectiveUnit],
    words: Tensor,
    text: str,
    *,
    name: str,
    intro: str,
    split: str = "",
    n: int = 1,
    seed: int | None = None,
) -> Heatmap:
    """Show the activations of some units after each word of a text.

    Args:
        data, text_model, provenance: of a network that classifies texts.
        units: the best one first.
        words: (1, T) int64, without padding.
        text: the text that the words are from.
        name: the finding's name.
        intro: the beginning of the summary, without a full stop.
        split: for the provenance, as `seed`.
        n: number of texts that measured the units.
        seed: of the subsample that these texts are from.
    """
    states = hidden_states(text_model, words)[0]
    values = states[:, [unit.unit for unit in units]].T.astype(np.float64)
    row, peak = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    columns = tuple(bare(piece) for piece in data.vocabulary.pieces(text))
    record = ClaimRecorder()
    most_active = number("the most active unit", units[row].unit, "Unit {:.0f}")
    activation = number(f"activation after “{columns[peak]}”", values[row, peak], "{:+.2f}")
    return Heatmap(
        name=name,
        section="texts",
        title=f"{record(most_active)} is at {record(activation)} after “{columns[peak]}”",
        summary=f"{intro}, and the {record(count('units shown', len(units)))} units that separate "
        f"the classes best, the best one first. {separation(data, record, units[0], n)}, on "
        f"{record(count('test texts', n))} test texts that did not select it."
        f"{of_units(text_model)}",
        provenance=provenance(split=split, n=n, seed=seed),
        claims=record.claims,
        values=values,
        scale=values / max(float(np.abs(values).max()), 1e-12),
        row_names=tuple(f"unit {unit.unit}, {direction(data, unit)}" for unit in units),
        column_names=columns,
        row_label="unit of the last recurrent layer",
        column_label="the text, word by word",
        unit="activation",
        diverging=True,
    )


def direction(data: Data, unit: SelectiveUnit) -> str:
    """Name the class that a high activation speaks for or against."""
    return f"{'for' if unit.rises else 'against'} {data.class_names[unit.label]}"


CHANCE = 0.5
"""The AUROC of a unit that knows nothing of the class."""


def separation(data: Data, record: ClaimRecorder, unit: SelectiveUnit, n: int) -> str:
    """State how well a unit separates its class, as measured on n texts."""
    names = data.class_names
    others = names[1 - unit.label] if len(names) == 2 else "the rest"
    name = record(number("the most selective unit", unit.unit, "Unit {:.0f}"))
    auroc = record(auroc_claim(unit, n))
    classes = f"{names[unit.label]} from {others}"
    if unit.low <= CHANCE:
        return f"{name} does not clearly separate {classes}: its AUROC is {auroc}"
    return f"{name} alone separates {classes} with an AUROC of {auroc}"


def auroc_claim(unit: SelectiveUnit, n: int) -> Claim:
    """Return a unit's AUROC, measured on n texts, with its 95 % interval."""
    return number(
        f"AUROC of unit {unit.unit}", unit.auroc, "{:.3f}", n, low=unit.low, high=unit.high
    )
