"""Class selectivity of single units, as AUROC on held-out texts."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glassnet import progress
from glassnet.contract import Cache, Data, TextModel
from glassnet.inference.texts import batches, lengths_of, lengths_of_test, rows
from glassnet.stats.ranks import auroc, auroc_interval

MAX_TEXTS = 1000
"""Test texts behind the numbers: one half selects units, the other half measures them."""

MAX_UNITS = 12
"""Units that are selected."""

SUMMARIES = ("mean over the words", "at the last word")
"""Statistics that summarise a unit's activations along a text."""


@dataclass(frozen=True)
class SelectiveUnit:
    """A unit that separates one class from the rest.

    Attributes:
        unit: its number.
        label: the class.
        rises: whether its activation is higher on texts of this class, or lower.
        summary: position in `SUMMARIES`.
        selection_auroc: AUROC in [0.5, 1] on the texts that selected it.
        auroc: AUROC on the other half of the texts.
        low, high: its 95 % interval (DeLong).
    """

    unit: int
    label: int
    rises: bool
    summary: int
    selection_auroc: float
    auroc: float
    low: float
    high: float


def most_selective_units(
    data: Data, text_model: TextModel, cache: Cache, seed: int
) -> tuple[list[SelectiveUnit], int]:
    """Return the most selective units, best first, and the number of texts that measured them.

    Units, classes and summaries are selected by their AUROC, one class against the rest, on one
    half of a subsample of test texts. The other half measures them: the best of many looks better
    on the texts that selected it. No unit is returned for a single class or fewer than 4 texts.
    """
    values, labels = summarized_activations(data, text_model, cache, seed)
    if len(np.unique(labels)) < 2 or len(labels) < 4:
        return [], 0
    random = np.random.default_rng(seed).random(len(labels))
    order = np.lexsort((random, labels))  # class by class, so that both halves are stratified
    selecting, measuring = order[::2], order[1::2]
    classes = np.arange(len(data.class_names))
    classes = classes[1:] if len(classes) == 2 else classes
    areas = np.stack(
        [auroc_by_unit(summary[selecting], labels[selecting], classes) for summary in values]
    )
    distance = np.abs(areas - 0.5).transpose(1, 0, 2).reshape(areas.shape[1], -1)
    units = []
    for unit in np.argsort(-distance.max(axis=1), kind="stable")[:MAX_UNITS]:
        choice = distance[unit].argmax()
        summary, column = np.unravel_index(choice, (len(values), len(classes)))
        label, rises = int(classes[column]), bool(areas[summary, unit, column] >= 0.5)
        scores = values[summary][measuring, unit] * (1 if rises else -1)
        area, influences = auroc(scores, labels[measuring] == label)
        if len(classes) == 1 and not rises:
            label, rises = 0, True  # against the second of two classes is for the first one
        units.append(
            SelectiveUnit(
                int(unit),
                label,
                rises,
                int(summary),
                float(distance[unit, choice]) + 0.5,
                area,
                *auroc_interval(area, influences),
            )
        )
    return units, len(measuring)


def summarized_activations(
    data: Data, text_model: TextModel, cache: Cache, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Summarise every unit's activations on a subsample of test texts; cached.

    Returns:
        (summaries, n, units) float32 in the order of `SUMMARIES`, and the labels (n,) int64.
    """
    positions = data.subsample(MAX_TEXTS, seed)
    positions = positions[lengths_of_test(data, cache)[positions] > 0]
    labels = data.test.labels[positions]
    if not len(positions):
        return np.zeros((len(SUMMARIES), 0, 0), np.float32), labels

    def make() -> dict[str, np.ndarray]:
        words, lengths = rows(data, positions)
        values: dict[int, np.ndarray] = {}
        with progress.stage("units", int(lengths.sum()), "words") as advance:
            for batch in batches(lengths.numpy()):
                part = torch.from_numpy(batch)
                summaries = _summaries(text_model, words[part, : int(lengths[part].max())])
                values |= dict(zip(batch.tolist(), summaries, strict=True))
                advance(int(lengths[part].sum()))
        return {"values": np.stack([values[i] for i in range(len(positions))], axis=1)}

    return cache(f"units-{seed}", make)["values"], labels


def auroc_by_unit(values: np.ndarray, labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Compute the AUROC of every unit for every class against the rest.

    Args:
        values: (n, units).
        labels: (n,) int64.
        classes: (c,) class numbers.

    Returns:
        (units, c) float64; 0.5 for a class that all texts have, or none.

    Example:
        >>> values = np.array([[0.1, 5], [0.2, 4], [0.3, 3]])
        >>> auroc_by_unit(values, np.array([0, 0, 1]), np.array([1]))
        array([[1.],
               [0.]])
    """
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0).T
    in_class = labels[:, None] == classes
    hits = in_class.sum(axis=0)
    pairs = hits * (len(labels) - hits)
    above = ranks @ in_class - hits * (hits + 1) / 2
    return np.where(pairs > 0, above / np.maximum(pairs, 1), 0.5)


def hidden_states(text_model: TextModel, words: Tensor) -> np.ndarray:
    """Return the states of the last recurrent layer for words (B, T): (B, T, units) float32."""
    with torch.inference_mode():
        states = text_model.hidden_states(text_model.embed(words), lengths_of(words))
        return states.float().numpy()


def _summaries(text_model: TextModel, words: Tensor) -> np.ndarray:
    """(B, summaries, units) float32."""
    states, lengths = hidden_states(text_model, words), lengths_of(words).numpy()
    present = (words != 0).numpy()[:, :, None]
    mean = (states * present).sum(axis=1) / lengths[:, None]
    return np.stack([mean, states[np.arange(len(words)), lengths - 1]], axis=1)
