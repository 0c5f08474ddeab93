"""Probability of the predicted class as the words with the highest attributions are replaced."""

import numpy as np
import torch
from torch import Tensor

from glassnet import progress
from glassnet.contract import Cache, Data, Model, TextModel
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of, lengths_of_test, probabilities, rows
from glassnet.insight.measures.attribution import integrated_gradients, occlusion

MAX_TEXTS = 100
"""Test texts behind the curve."""

MAX_LENGTH = 150
"""Words of such a text."""

MAX_OCCLUSION_WORDS = 1_200_000
"""Words that occlusion reads in all, which bounds the number of texts."""

STEPS = 16
"""Points at which gradients are taken; ranks need fewer than values do."""

RANDOM_ORDERS = 3
"""Random orders that are averaged."""

SHARES = np.array([0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])
"""Shares of a text's words that are replaced."""

TEXTS_AT_ONCE = 10
"""Texts that are processed together."""

ORDERS = ("integrated gradients", "occlusion", "random words")
"""Orders in which words are replaced."""


def deletion_probabilities(
    data: Data, model: Model, text_model: TextModel, cache: Cache, seed: int
) -> dict[str, np.ndarray]:
    """Compute the probability of the predicted class by order, share and text.

    Returns:
        `probabilities` (orders, shares, texts) float64 in [0, 1] of the class that is predicted for
        the full text; `positions` (texts,) int64, the positions of the texts in the test set.
    """
    positions = _chosen_texts(data, cache, seed)
    predicted = prediction(data, model).predicted
    parts = [np.zeros((len(ORDERS), len(SHARES), 0))]
    random = np.random.default_rng(seed)
    with progress.stage("replacing words", len(positions)) as advance:
        for start in range(0, len(positions), TEXTS_AT_ONCE):
            batch = positions[start : start + TEXTS_AT_ONCE]
            words, _ = rows(data, batch)
            parts.append(
                _probabilities(
                    data, model, text_model, words, torch.from_numpy(predicted[batch]), random
                )
            )
            advance(len(batch))
    return {"probabilities": np.concatenate(parts, axis=2), "positions": positions}


def replace_words(words: Tensor, values: np.ndarray, share: float, unknown: int) -> Tensor:
    """Replace the words with the highest values by the unknown word.

    Args:
        words: (B, T) int64, padded with 0 at the end.
        values: (B, T) float.
        share: in [0, 1], of each text's words; the number is rounded.
        unknown: the number of the unknown word.

    Example:
        >>> replace_words(torch.tensor([[7, 8, 9, 0]]), np.array([[1.0, 3.0, 2.0, 0.0]]), 2 / 3, 1)
        tensor([[7, 1, 1, 0]])
    """
    present = (words != 0).numpy()
    order = np.argsort(np.where(present, -values, np.inf), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    count = np.floor(share * present.sum(axis=1, keepdims=True) + 0.5)
    return words.masked_fill(torch.from_numpy(present & (rank < count)), unknown)


def _chosen_texts(data: Data, cache: Cache, seed: int) -> np.ndarray:
    """Positions of a random subsample of short test texts, as many as occlusion can process."""
    lengths = lengths_of_test(data, cache)
    short = np.flatnonzero((lengths > 0) & (lengths <= MAX_LENGTH))
    positions = np.random.default_rng(seed).permutation(short)[:MAX_TEXTS]
    return positions[np.cumsum(lengths[positions] ** 2) <= MAX_OCCLUSION_WORDS]


def _probabilities(
    data: Data,
    model: Model,
    text_model: TextModel,
    words: Tensor,
    target: Tensor,
    random: np.random.Generator,
) -> np.ndarray:
    """(orders, shares, B) float64."""
    lengths, unknown = lengths_of(words), data.vocabulary.unknown
    values = [
        integrated_gradients(text_model, words, lengths, target, STEPS).values,
        occlusion(text_model, words, lengths, target, unknown),
        *(random.random(tuple(words.shape)) for _ in range(RANDOM_ORDERS)),
    ]
    changed = [replace_words(words, order, share, unknown) for order in values for share in SHARES]
    targets = np.tile(target.numpy(), len(changed))
    of_target = probabilities(model, torch.cat(changed))[np.arange(len(targets)), targets]
    by_order = of_target.reshape(len(values), len(SHARES), -1).astype(np.float64)
    return np.stack([by_order[0], by_order[1], by_order[2:].mean(axis=0)])
