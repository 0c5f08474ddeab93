"""Units that follow a class: which ones, how well on other texts, and where in a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Claim, ClaimRecorder, Heatmap, Table
from glassnet.findings.claims import count, interval, number
from glassnet.inference.classification import prediction
from glassnet.inference.texts import (
    bare,
    batches,
    lengths_of,
    lengths_of_test,
    model_of,
    near,
    rows,
)
from glassnet.stats.ranks import auroc, ranks, standard_error, within

TEXTS = 1000
"""Test texts behind the choice of units: one half chooses, the other one measures."""

ROWS = 12
"""Units that are shown, the most selective ones first."""

SHOWN = 2
"""Texts along which they are shown."""

FEWEST, MOST = 12, 40
"""Words of such a text; more do not fit side by side."""

SUMMARIES = ("mean over the words", "at the last word")
"""What a unit's activations along a text are summed up by."""


@dataclass(frozen=True)
class Selective:
    """A unit that follows a class.

    Attributes:
        unit: its number.
        label: the class that it follows.
        rises: whether it is larger on texts of this class, else smaller.
        summary: position in `SUMMARIES`.
        chosen: AUROC in [0.5, 1] on the half of the texts that chose it.
        area, low, high: AUROC on the other half, with its 95 % interval (DeLong).
    """

    unit: int
    label: int
    rises: bool
    summary: int
    chosen: float
    area: float
    low: float
    high: float


def selective_units(evidence: Evidence, options: ExplainOptions) -> Iterator[Heatmap | Table]:
    """The units that tell classes apart best: along a few test texts, and as a table."""
    units, n = most_selective(evidence, options.seed)
    if not units:
        return
    for rank, place in enumerate(_shown(evidence), 1):
        words, _ = rows(evidence, np.array([place]))
        text = str(evidence.test.inputs[place])
        name = evidence.class_names[int(evidence.test.labels[place])]
        yield units_map(
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


def most_selective(evidence: Evidence, seed: int) -> tuple[list[Selective], int]:
    """The most selective units, best first, and the number of texts that measured them.

    Units, classes and summaries are chosen on one half of a draw of test texts by their AUROC, one
    class against the rest; the other half says how good they are, as the best of many is flattered
    by the texts that chose it. A unit may follow a class by falling. None for a single class.
    """
    values, labels = unit_values(evidence, seed)
    if len(np.unique(labels)) < 2 or len(labels) < 4:
        return [], 0
    random = np.random.default_rng(seed).random(len(labels))
    order = np.lexsort((random, labels))  # class by class, so that both halves have their share
    here, there = order[::2], order[1::2]
    classes = np.arange(len(evidence.class_names))
    classes = classes[1:] if len(classes) == 2 else classes
    areas = np.stack([areas_of(each[here], labels[here], classes) for each in values])
    away = np.abs(areas - 0.5).transpose(1, 0, 2).reshape(areas.shape[1], -1)
    best = np.argsort(-away.max(axis=1), kind="stable")[:ROWS]
    units = []
    for unit in best:
        summary, column = np.unravel_index(away[unit].argmax(), (len(values), len(classes)))
        label, rises = int(classes[column]), bool(areas[summary, unit, column] >= 0.5)
        scores = values[summary][there, unit] * (1 if rises else -1)
        area, influence = auroc(scores, labels[there] == label)
        if len(classes) == 1 and not rises:
            label, rises = 0, True  # what falls with the second of two classes rises with the first
        units.append(
            Selective(
                int(unit),
                label,
                rises,
                int(summary),
                float(away[unit].max()) + 0.5,
                area,
                *within(area, standard_error(influence)),
            )
        )
    return units, len(there)


def unit_values(evidence: Evidence, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Every unit's activation on a draw of test texts: mean over the words, and at the last; kept.

    Returns:
        (summaries, n, units) float32 and the texts' classes (n,) int64.
    """
    where = evidence.subsample(TEXTS, seed)
    where = where[lengths_of_test(evidence)[where] > 0]
    if not len(where):
        return np.zeros((len(SUMMARIES), 0, 0), np.float32), evidence.test.labels[where]

    def make() -> dict[str, np.ndarray]:
        words, lengths = rows(evidence, where)
        values: dict[int, np.ndarray] = {}
        with progress.stage("units", int(lengths.sum()), "words") as advance:
            for batch in batches(lengths.numpy()):
                part = torch.from_numpy(batch)
                summed = _summaries(evidence, words[part, : int(lengths[part].max())])
                values |= dict(zip(batch.tolist(), summed, strict=True))
                advance(int(lengths[part].sum()))
        return {"values": np.stack([values[i] for i in range(len(where))], axis=1)}

    return evidence.cached(f"units-{seed}", make)["values"], evidence.test.labels[where]


def areas_of(values: np.ndarray, labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """AUROC of every unit for every class against the rest: (units, classes) float64.

    Args:
        values: (n, units).
        labels: (n,) int64.
        classes: the class numbers that are asked for; 0.5 where one has all texts or none.

    Example:
        >>> areas_of(np.array([[0.1, 5], [0.2, 4], [0.3, 3]]), np.array([0, 0, 1]), np.array([1]))
        array([[1.],
               [0.]])
    """
    order = np.stack([ranks(column) for column in values.T])
    own = labels[:, None] == classes
    hits = own.sum(axis=0)
    pairs = hits * (len(labels) - hits)
    above = order @ own - hits * (hits + 1) / 2
    return np.where(pairs > 0, above / np.maximum(pairs, 1), 0.5)


def units_map(
    evidence: Evidence,
    units: list[Selective],
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
    values = _states(evidence, words)[0][:, [each.unit for each in units]].T.astype(np.float64)
    largest = max(float(np.abs(values).max()), 1e-12)
    row, peak = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    columns = tuple(bare(piece) for piece in evidence.vocabulary.pieces(text))
    record, most = ClaimRecorder(), units[row].unit
    height = number(f"activation after “{columns[peak]}”", values[row, peak], "{:+.2f}")
    return Heatmap(
        name=name,
        section="texts",
        title=f"{record(number('the most active unit', most, 'Unit {:.0f}'))} is at {record(height)} "
        f"after “{columns[peak]}”",
        summary=f"{before}, and the {record(count('units shown', len(units)))} units that follow a "
        f"class best, the best one first. {_best(evidence, record, units[0], n)}, on "
        f"{record(count('test texts', n))} test texts that did not choose it.",
        provenance=evidence.provenance(split=split, n=n, seed=seed),
        claims=record.claims,
        values=values,
        scale=values / largest,
        row_names=tuple(f"unit {each.unit}, {_follows(evidence, each)}" for each in units),
        column_names=columns,
        row_label="unit of the last recurrent layer",
        column_label="the text, word by word",
        unit="activation",
        diverging=True,
    )


def _table(evidence: Evidence, units: list[Selective], n: int, seed: int) -> Table:
    best, record = units[0], ClaimRecorder()
    drop = np.mean([each.chosen - each.area for each in units])
    chosen = number("AUROC on the texts that chose it", best.chosen, "{:.3f}")
    return Table(
        name="selective-units",
        section="texts",
        title=_best(evidence, record, best, n),
        summary=f"Measured on {record(count('test texts', n))} test texts, 95 % interval "
        f"{record(interval(_area(best, n), '{:.3f} to {:.3f}', 1))} (DeLong); on the other half of "
        f"the draw, which chose it, {record(chosen)}. On average over these "
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
                _follows(evidence, each),
                SUMMARIES[each.summary],
                each.chosen,
                each.area,
                f"{each.low:.3f} to {each.high:.3f}",
            )
            for each in units
        ),
    )


def _follows(evidence: Evidence, unit: Selective) -> str:
    return f"{'for' if unit.rises else 'against'} {evidence.class_names[unit.label]}"


def _best(evidence: Evidence, record: ClaimRecorder, unit: Selective, n: int) -> str:
    names = evidence.class_names
    others = names[1 - unit.label] if len(names) == 2 else "the rest"
    which = record(number("the most selective unit", unit.unit, "Unit {:.0f}"))
    area = record(_area(unit, n))
    return f"{which} alone tells {names[unit.label]} from {others} at AUROC {area}"


def _area(unit: Selective, n: int) -> Claim:
    what = f"AUROC of unit {unit.unit}"
    return number(what, unit.area, "{:.3f}", n, low=unit.low, high=unit.high)


def _shown(evidence: Evidence) -> list[int]:
    """The surest right texts, of two classes if there are, that fit side by side."""
    answer = prediction(evidence)
    room = near(lengths_of_test(evidence), FEWEST, MOST, SHOWN)
    sure = room[np.argsort(-answer.probabilities[room].max(axis=1), kind="stable")]
    right = sure[answer.predicted[sure] == answer.split.labels[sure]]
    first = {int(answer.split.labels[i]): int(i) for i in right[::-1]}
    return sorted(first.values(), key=right.tolist().index)[:SHOWN]


def _states(evidence: Evidence, words: Tensor) -> np.ndarray:
    """(B, T, units) float32."""
    network = model_of(evidence)
    with torch.inference_mode():
        return network.hidden_states(network.embed(words), lengths_of(words)).float().numpy()


def _summaries(evidence: Evidence, words: Tensor) -> np.ndarray:
    """(B, summaries, units) float32."""
    states, lengths = _states(evidence, words), lengths_of(words).numpy()
    present = (words != 0).numpy()[:, :, None]
    mean = (states * present).sum(axis=1) / lengths[:, None]
    return np.stack([mean, states[np.arange(len(words)), lengths - 1]], axis=1)
