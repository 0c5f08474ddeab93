"""Word counts, frequent words, and the effects of single words on the log-odds."""

import numpy as np
import torch

from glassnet.contract import Cache, Data, TextModel
from glassnet.inference.texts import blocks_of, log_odds

TEXTS_PER_OCCURRENCE = 500
"""A frequent word occurs on average at least once in this many training texts ..."""

MIN_COUNT = 10
"""... and at least this often in all."""


def word_counts(data: Data, cache: Cache) -> np.ndarray:
    """Count every word in the training texts of each class: (classes, words) int64; cached."""

    def make() -> dict[str, np.ndarray]:
        n_classes, n_words = len(data.class_names), len(data.vocabulary.words)
        counts, start = np.zeros((n_classes, n_words), np.int64), 0
        for block in blocks_of(data, data.train.inputs, "words of the training texts"):
            labels = data.train.labels[start : start + len(block)]
            for label in np.unique(labels):
                words = block.numpy()[labels == label].ravel()
                counts[label] += np.bincount(words, minlength=n_words)
            start += len(block)
        counts[:, data.vocabulary.padding] = 0
        return {"counts": counts}

    return cache("train-words", make)["counts"]


def frequent_words(data: Data, cache: Cache) -> np.ndarray:
    """Return the numbers of words that are frequent in the training texts, most frequent first.

    Signs without a letter and the unknown word do not count as words.
    """
    counts = word_counts(data, cache).sum(axis=0)
    min_count = max(MIN_COUNT, -(-len(data.train) // TEXTS_PER_OCCURRENCE))
    is_word = [any(map(str.isalpha, word)) for word in data.vocabulary.words]
    is_word[data.vocabulary.unknown] = is_word[data.vocabulary.padding] = False
    order = np.argsort(-counts, kind="stable")
    return order[(counts[order] >= min_count) & np.array(is_word)[order]]


def single_word_effects(data: Data, text_model: TextModel, words: np.ndarray) -> np.ndarray:
    """Compute the effect of each word as a text of its own on every class.

    Returns:
        (n, classes) float64 in nats: the log-odds of the class for a text of this word only, less
        those for the unknown word only.
    """
    return _log_odds(data, text_model, words) - _log_odds(
        data, text_model, np.array([data.vocabulary.unknown])
    )


def _log_odds(data: Data, text_model: TextModel, words: np.ndarray) -> np.ndarray:
    """(n, classes) float64: the log-odds of every class for texts of one word."""
    classes = range(len(data.class_names))
    with torch.inference_mode():
        texts = torch.from_numpy(words)[:, None]
        logits = text_model.logits(
            text_model.embed(texts), torch.ones(len(words), dtype=torch.int64)
        )
        by_class = [log_odds(logits, torch.full((len(words),), c)) for c in classes]
        return torch.stack(by_class, dim=1).double().numpy()
