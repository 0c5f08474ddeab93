"""Networks that read texts: asked in batches of bounded size, in the log-odds of a class."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from glassnet import progress
from glassnet.contract import Evidence, TextModel

WORDS = 20_000
"""Words that pass through a network at once, the filling included."""

TEXTS = 1000
"""Texts that are turned into numbers at once."""

FEWEST, MOST = 8, 80
"""Words of a text that a person is shown whole."""


def model_of(evidence: Evidence) -> TextModel:
    """The network, as what it is to these insights."""
    return cast("TextModel", evidence.network)


def lengths_of(words: Tensor) -> Tensor:
    """Number of words of each row of (B, T): (B,) int64."""
    return (words != 0).sum(dim=1)


def rows(evidence: Evidence, where: np.ndarray) -> tuple[Tensor, Tensor]:
    """Test texts at these positions as words (B, T) and numbers of words (B,)."""
    words = evidence.inputs_of(evidence.test.inputs[where])
    lengths = lengths_of(words)
    return words[:, : int(lengths.max())], lengths


def lengths_of_test(evidence: Evidence) -> np.ndarray:
    """(n,) int64, how many words of each test text the network reads; kept."""

    def make() -> dict[str, np.ndarray]:
        blocks = blocks_of(evidence, evidence.test.inputs, "words of the test texts")
        return {"lengths": np.concatenate([lengths_of(block).numpy() for block in blocks])}

    return evidence.cached("text-lengths", make)["lengths"]


def blocks_of(evidence: Evidence, texts: np.ndarray, title: str) -> Iterator[Tensor]:
    """Texts as words, block by block: (at most TEXTS, T) each."""
    with progress.stage(title, len(texts), "texts") as advance:
        for start in range(0, len(texts), TEXTS):
            block = texts[start : start + TEXTS]
            yield evidence.inputs_of(block)
            advance(len(block))


def batches(lengths: np.ndarray, most: int = WORDS) -> Iterator[np.ndarray]:
    """Cut texts into batches of similar length that hold at most so many words, filling included.

    Args:
        lengths: (n,) numbers of words, at least 1 each.
        most: a text of more words has a batch of its own.

    Yields:
        Positions, shortest texts first; together all of them.

    Example:
        >>> [batch.tolist() for batch in batches(np.array([5, 1, 2, 9]), most=6)]
        [[1, 2], [0], [3]]
    """
    order = np.argsort(lengths, kind="stable")
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * lengths[order[end]] > most:
            yield order[start:end]
            start = end


def log_odds(logits: Tensor, target: Tensor) -> Tensor:
    """Log-odds of a class against all others together, in nats: (B,).

    That is `logits[target] - logsumexp(the other logits)`; with two classes, the difference of the
    two logits.

    Args:
        logits: (B, classes), two classes at least.
        target: (B,) int64.

    Example:
        >>> log_odds(torch.tensor([[1.0, 3.0]]), torch.tensor([1]))
        tensor([2.])
    """
    own = functional.one_hot(target, logits.shape[1]).bool()
    return logits[own] - logits.masked_fill(own, -torch.inf).logsumexp(dim=1)


def by_batch(lengths: Tensor, ask: Callable[[Tensor, int], Tensor]) -> Tensor:
    """Ask for something about every text, in batches, and put the answers in the texts' order.

    Args:
        lengths: (n,) numbers of words, at least 1 each.
        ask: positions (B,) and the longest of their lengths to answers (B, ...).
    """
    parts = [torch.from_numpy(batch) for batch in batches(lengths.numpy())]
    with torch.inference_mode():
        answers = torch.cat([ask(part, int(lengths[part].max())) for part in parts])
    return answers[torch.argsort(torch.cat(parts))]


def probabilities(evidence: Evidence, words: Tensor) -> np.ndarray:
    """(n, classes) float32 for any number of texts as words (n, T), one word each at least."""

    def ask(part: Tensor, longest: int) -> Tensor:
        return evidence.forward(words[part, :longest])["probabilities"]

    return by_batch(lengths_of(words), ask).numpy()


def target_of(evidence: Evidence, predicted: int) -> int:
    """The class whose log-odds are spoken of: the second of two, else the predicted one."""
    return 1 if len(evidence.class_names) == 2 else predicted


def quantity(evidence: Evidence) -> str:
    """What is spoken of, in words."""
    two = len(evidence.class_names) == 2
    return f"log-odds of {evidence.class_names[1] if two else 'the predicted class'}"


def near(lengths: np.ndarray, fewest: int, most: int, enough: int) -> np.ndarray:
    """Positions of the texts of so many words, or else of the `enough` that come nearest.

    Example:
        >>> near(np.array([3, 10, 0, 200, 90]), fewest=8, most=80, enough=2)
        array([1, 0])
    """
    off = np.maximum(np.maximum(fewest - lengths, lengths - most), 0)
    order = np.argsort(off, kind="stable")
    order = order[lengths[order] > 0]
    return order[: max(enough, int((off[order] == 0).sum()))]


def bare(piece: str) -> str:
    """A piece of a text without what stands around its word.

    Example:
        >>> bare("superb, "), bare("don't [...] "), bare("... ")
        ('superb', "don't", '...')
    """
    found = re.search(r"[^\W_](?:.*[^\W_])?", piece, re.DOTALL)
    return found.group() if found else piece.strip()


def caption(names: tuple[str, ...], label: int, predicted: int, confidence: str) -> str:
    """What a text is and what it was taken for, with the confidence in words.

    Example:
        >>> caption(("negative", "positive"), 0, 1, "99.1 %")
        'negative, taken for positive (99.1 %)'
    """
    verdict = "right" if label == predicted else f"taken for {names[predicted]}"
    return f"{names[label]}, {verdict} ({confidence})"
