"""Text classifiers: probabilities and log-odds of many texts, in batches of bounded size."""

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from glassnet import progress
from glassnet.contract import CLASSES, Cache, Data, TrainedNetwork
from glassnet.data.texts.vocabulary import LINE_BREAK

BATCH_WORDS = 20_000
"""Words in a batch, padding included."""

BLOCK = 1000
"""Texts that are encoded at once."""

MIN_WORDS, MAX_WORDS = 8, 80
"""Length of the texts that are shown in full."""


def lengths_of(words: Tensor) -> Tensor:
    """Count the words of each row of (B, T): (B,) int64."""
    return (words != 0).sum(dim=1)


def rows(data: Data, where: np.ndarray) -> tuple[Tensor, Tensor]:
    """Encode the test texts at these positions: word indices (B, T) and lengths (B,)."""
    words = data.inputs_of(data.test.inputs[where])[:]
    lengths = lengths_of(words)
    return words[:, : int(lengths.max())], lengths


def lengths_of_test(data: Data, cache: Cache) -> np.ndarray:
    """Count the words of each test text that the network reads: (n,) int64; cached."""

    def make() -> dict[str, np.ndarray]:
        blocks = blocks_of(data, data.test.inputs, "words of the test texts")
        return {"lengths": np.concatenate([lengths_of(block).numpy() for block in blocks])}

    return cache("text-lengths", make)["lengths"]


def blocks_of(data: Data, texts: np.ndarray, title: str) -> Iterator[Tensor]:
    """Encode texts block by block, as word indices: (at most BLOCK, T) each."""
    with progress.stage(title, len(texts), "texts") as advance:
        for start in range(0, len(texts), BLOCK):
            block = texts[start : start + BLOCK]
            yield data.inputs_of(block)[:]
            advance(len(block))


def batches(lengths: np.ndarray, max_words: int = BATCH_WORDS) -> Iterator[np.ndarray]:
    """Group texts of similar length into batches of a limited number of words, with padding.

    Args:
        lengths: (n,) numbers of words, at least 1 each.
        max_words: words in a batch; a longer text has a batch of its own.

    Yields:
        Positions, shortest texts first.

    Example:
        >>> [batch.tolist() for batch in batches(np.array([5, 1, 2, 9]), max_words=6)]
        [[1, 2], [0], [3]]
    """
    order = np.argsort(lengths, kind="stable")
    start = 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - start) * lengths[order[end]] > max_words:
            yield order[start:end]
            start = end


def log_odds(logits: Tensor, target: Tensor) -> Tensor:
    """Compute the log-odds of a class against all others together, in nats: (B,).

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


def by_batch(lengths: Tensor, compute: Callable[[Tensor, int], Tensor]) -> Tensor:
    """Compute something for every text, in batches, and return it in the texts' order.

    Args:
        lengths: (n,) numbers of words, at least 1 each.
        compute: maps positions (B,) and the longest of their lengths to results (B, ...).
    """
    parts = [torch.from_numpy(batch) for batch in batches(lengths.numpy())]
    with torch.inference_mode():
        results = torch.cat([compute(part, int(lengths[part].max())) for part in parts])
    return results[torch.argsort(torch.cat(parts))]


def probabilities(model: TrainedNetwork, words: Tensor) -> np.ndarray:
    """Predict class probabilities, (n, classes) float32, of texts as word indices (n, T)."""
    return by_batch(
        lengths_of(words),
        lambda part, longest: model.forward(words[part, :longest])[CLASSES],
    ).numpy()


def target_of(class_names: Sequence[str], predicted: int) -> int:
    """Choose the class whose log-odds are shown: the second of two, else the predicted one."""
    return 1 if len(class_names) == 2 else predicted


def quantity(class_names: Sequence[str]) -> str:
    """Name the log-odds that are shown."""
    two = len(class_names) == 2
    return f"log-odds of {class_names[1] if two else 'the predicted class'}"


def near(lengths: np.ndarray, min_words: int, max_words: int, enough: int) -> np.ndarray:
    """Find the texts with `min_words` to `max_words` words, or else the `enough` nearest to that.

    Example:
        >>> near(np.array([3, 10, 0, 200, 90]), min_words=8, max_words=80, enough=2)
        array([1, 0])
    """
    off = np.maximum(np.maximum(min_words - lengths, lengths - max_words), 0)
    order = np.argsort(off, kind="stable")
    order = order[lengths[order] > 0]
    return order[: max(enough, int((off[order] == 0).sum()))]


def bare(piece: str) -> str:
    """Strip punctuation, space and `<br>` from around a word.

    Example:
        >>> bare("superb, "), bare("don't [...]<br /><br />"), bare("... ")
        ('superb', "don't", '...')
    """
    plain = re.sub(LINE_BREAK, " ", piece, flags=re.IGNORECASE)
    match = re.search(r"[^\W_](?:.*[^\W_])?", plain, re.DOTALL)
    return match.group() if match else piece.strip()


def caption(names: tuple[str, ...], label: int, predicted: int, confidence: str) -> str:
    """Describe a text by its label and its predicted class, with the confidence.

    Example:
        >>> caption(("negative", "positive"), 0, 1, "99.1 %")
        'negative, taken for positive (99.1 %)'
    """
    verdict = "right" if label == predicted else f"taken for {names[predicted]}"
    return f"{names[label]}, {verdict} ({confidence})"
