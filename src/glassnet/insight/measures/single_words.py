"""Word counts, frequent words, and the log-odds of single words."""

from __future__ import annotations

import numpy as np
import torch

from glassnet.contract import Evidence
from glassnet.inference.texts import blocks_of, log_odds, model_of

ONCE_IN = 500
"""A frequent word occurs at least once in so many training texts, on average ..."""

AT_LEAST = 10
"""... and so often at all."""


def word_counts(evidence: Evidence) -> np.ndarray:
    """How often each word stands in the training texts: (classes, words) int64; kept."""

    def make() -> dict[str, np.ndarray]:
        classes, known = len(evidence.class_names), len(evidence.vocabulary.words)
        counts, start = np.zeros((classes, known), np.int64), 0
        for block in blocks_of(evidence, evidence.train.inputs, "words of the training texts"):
            labels = evidence.train.labels[start : start + len(block)]
            for label in np.unique(labels):
                read = block.numpy()[labels == label].ravel()
                counts[label] += np.bincount(read, minlength=known)
            start += len(block)
        counts[:, evidence.vocabulary.padding] = 0
        return {"counts": counts}

    return evidence.cached("train-words", make)["counts"]


def frequent_words(evidence: Evidence) -> np.ndarray:
    """Numbers of the words that are frequent in the training texts, the most frequent first.

    A word has a letter; the unknown word is none.
    """
    counts = word_counts(evidence).sum(axis=0)
    least = max(AT_LEAST, -(-len(evidence.train) // ONCE_IN))
    spelt = [any(map(str.isalpha, word)) for word in evidence.vocabulary.words]
    spelt[evidence.vocabulary.unknown] = spelt[evidence.vocabulary.padding] = False
    order = np.argsort(-counts, kind="stable")
    return order[(counts[order] >= least) & np.array(spelt)[order]]


def single_word_effects(evidence: Evidence, words: np.ndarray) -> np.ndarray:
    """What each word alone does to every class: (n, classes) float64 in nats.

    The log-odds of the class for the word alone, less those for the unknown word alone.
    """
    unknown = np.array([evidence.vocabulary.unknown])
    return _alone(evidence, words) - _alone(evidence, unknown)


def _alone(evidence: Evidence, words: np.ndarray) -> np.ndarray:
    """(n, classes) float64: the log-odds of every class for texts of one word."""
    network, classes = model_of(evidence), len(evidence.class_names)
    with torch.inference_mode():
        texts = torch.from_numpy(words)[:, None]
        logits = network.logits(network.embed(texts), torch.ones(len(words), dtype=torch.int64))
        each = [log_odds(logits, torch.full((len(words),), c)) for c in range(classes)]
        return torch.stack(each, dim=1).double().numpy()
