"""Class selectivity of single units, as AUROC on held-out texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glassnet import progress
from glassnet.contract import Evidence
from glassnet.inference.texts import batches, lengths_of, lengths_of_test, model_of, rows
from glassnet.stats.ranks import auroc, auroc_interval

TEXTS = 1000
"""Test texts behind the choice of units: one half chooses, the other one measures."""

ROWS = 12
"""Units that are shown, the most selective ones first."""

SUMMARIES = ("mean over the words", "at the last word")
"""What a unit's activations along a text are summed up by."""


@dataclass(frozen=True)
class SelectiveUnit:
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


def most_selective_units(evidence: Evidence, seed: int) -> tuple[list[SelectiveUnit], int]:
    """The most selective units, best first, and the number of texts that measured them.

    Units, classes and summaries are chosen on one half of a draw of test texts by their AUROC, one
    class against the rest; the other half says how good they are, as the best of many is flattered
    by the texts that chose it. A unit may follow a class by falling. None for a single class.
    """
    values, labels = summarized_activations(evidence, seed)
    if len(np.unique(labels)) < 2 or len(labels) < 4:
        return [], 0
    random = np.random.default_rng(seed).random(len(labels))
    order = np.lexsort((random, labels))  # class by class, so that both halves have their share
    here, there = order[::2], order[1::2]
    classes = np.arange(len(evidence.class_names))
    classes = classes[1:] if len(classes) == 2 else classes
    areas = np.stack([auroc_by_unit(each[here], labels[here], classes) for each in values])
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
            SelectiveUnit(
                int(unit),
                label,
                rises,
                int(summary),
                float(away[unit].max()) + 0.5,
                area,
                *auroc_interval(area, influence),
            )
        )
    return units, len(there)


def summarized_activations(evidence: Evidence, seed: int) -> tuple[np.ndarray, np.ndarray]:
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


def auroc_by_unit(values: np.ndarray, labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """AUROC of every unit for every class against the rest: (units, classes) float64.

    Args:
        values: (n, units).
        labels: (n,) int64.
        classes: the class numbers that are asked for; 0.5 where one has all texts or none.

    Example:
        >>> auroc_by_unit(np.array([[0.1, 5], [0.2, 4], [0.3, 3]]), np.array([0, 0, 1]), np.array([1]))
        array([[1.],
               [0.]])
    """
    from scipy.stats import rankdata

    order = rankdata(values, axis=0).T
    own = labels[:, None] == classes
    hits = own.sum(axis=0)
    pairs = hits * (len(labels) - hits)
    above = order @ own - hits * (hits + 1) / 2
    return np.where(pairs > 0, above / np.maximum(pairs, 1), 0.5)


def hidden_states(evidence: Evidence, words: Tensor) -> np.ndarray:
    """(B, T, units) float32."""
    network = model_of(evidence)
    with torch.inference_mode():
        return network.hidden_states(network.embed(words), lengths_of(words)).float().numpy()


def _summaries(evidence: Evidence, words: Tensor) -> np.ndarray:
    """(B, summaries, units) float32."""
    states, lengths = hidden_states(evidence, words), lengths_of(words).numpy()
    present = (words != 0).numpy()[:, :, None]
    mean = (states * present).sum(axis=1) / lengths[:, None]
    return np.stack([mean, states[np.arange(len(words)), lengths - 1]], axis=1)
