"""Probability of the predicted class as the words with the highest attributions are replaced."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from glassnet import progress
from glassnet.contract import Evidence
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of, lengths_of_test, model_of, probabilities, rows
from glassnet.insight.measures.attribution import integrated_gradients, occlusion

TEXTS = 100
"""Test texts behind the curve at most."""

LONGEST = 150
"""Words that such a text has at most."""

READ = 1_200_000
"""Words that may be read to leave out every word of every text once; it bounds their number."""

STEPS = 16
"""Points of the way at which gradients are taken; ranks need fewer than sums."""

DRAWS = 3
"""Random orders that are averaged."""

SHARES = np.array([0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])
"""Shares of a text's words that are replaced."""

CHUNK = 10
"""Texts that are worked on at once."""

ORDERS = ("integrated gradients", "leaving one word out", "random words")
"""Whose order the words go in."""


def deletion_probabilities(evidence: Evidence, seed: int) -> dict[str, np.ndarray]:
    """The probability of the answer by order, share and text.

    Returns:
        `probabilities` (orders, shares, texts) float64 in [0, 1] of the class that is predicted for the
        whole text; `where` (texts,) int64, their positions in the test set.
    """
    where = _drawn(evidence, seed)
    predicted = prediction(evidence).predicted
    parts = [np.zeros((len(ORDERS), len(SHARES), 0))]
    random = np.random.default_rng(seed)
    with progress.stage("taking words away", len(where)) as advance:
        for start in range(0, len(where), CHUNK):
            chunk = where[start : start + CHUNK]
            words, _ = rows(evidence, chunk)
            target = torch.from_numpy(predicted[chunk])
            parts.append(_probabilities(evidence, words, target, random))
            advance(len(chunk))
    return {"probabilities": np.concatenate(parts, axis=2), "where": where}


def replace_words(words: Tensor, values: np.ndarray, share: float, unknown: int) -> Tensor:
    """The texts with this share of their words unknown, those of the greatest values first.

    Args:
        words: (B, T) int64, filled up with 0 at the end.
        values: (B, T) float.
        share: in [0, 1]; of each text, the number is rounded.

    Example:
        >>> replace_words(torch.tensor([[7, 8, 9, 0]]), np.array([[1.0, 3.0, 2.0, 0.0]]), 2 / 3, 1)
        tensor([[7, 1, 1, 0]])
    """
    present = (words != 0).numpy()
    order = np.argsort(np.where(present, -values, np.inf), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    count = np.floor(share * present.sum(axis=1, keepdims=True) + 0.5)
    return words.masked_fill(torch.from_numpy(present & (rank < count)), unknown)


def _drawn(evidence: Evidence, seed: int) -> np.ndarray:
    """Texts short enough, as many as the bound on the work allows, in the order of the draw."""
    lengths = lengths_of_test(evidence)
    fit = np.flatnonzero((lengths > 0) & (lengths <= LONGEST))
    where = np.random.default_rng(seed).permutation(fit)[:TEXTS]
    return where[np.cumsum(lengths[where] ** 2) <= READ]


def _probabilities(
    evidence: Evidence, words: Tensor, target: Tensor, random: np.random.Generator
) -> np.ndarray:
    """(orders, shares, B) float64."""
    network, lengths = model_of(evidence), lengths_of(words)
    unknown = evidence.vocabulary.unknown
    values = [
        integrated_gradients(network, words, lengths, target, STEPS).values,
        occlusion(network, words, lengths, target, unknown),
        *(random.random(tuple(words.shape)) for _ in range(DRAWS)),
    ]
    changed = [replace_words(words, each, share, unknown) for each in values for share in SHARES]
    own = np.tile(target.numpy(), len(changed))
    own_probabilities = probabilities(evidence, torch.cat(changed))[np.arange(len(own)), own]
    lines = own_probabilities.reshape(len(values), len(SHARES), -1).astype(np.float64)
    return np.stack([lines[0], lines[1], lines[2:].mean(axis=0)])
