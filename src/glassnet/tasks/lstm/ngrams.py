"""Scores of short runs of words, beside the recurrent layers: what a linear classifier knows."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glassnet.data.texts.vocabulary import PADDING

PRIME = 2_147_483_647
FACTORS = (1_000_003, 7_919, 31)
"""What spreads runs of words over a table; any odd numbers would do."""

GAIN = 10.0
"""Sparse scores want a rate ten times that of recurrent layers; so that one rate serves both, a
score is so many times what is learned."""

LEAST = 2
"""Runs that stand in fewer training texts say nothing: most of them are names of a single film."""

AT_ONCE = 1000
"""Texts that are counted at once, which bounds the memory."""


class NGrams(nn.Module):
    """A score per class for every run of 1 to `longest` words, where it first stands in a text.

    A run counts once a text, however often it stands there. Runs of two words and more share a
    table of `buckets` rows by their hash, so that none has to be listed (Weinberger et al. 2009).
    All scores begin at 0. Those of runs that tell the classes apart in the training texts move
    faster: each is scaled by the size of the run's log-count ratio, as in NB-SVM (Wang & Manning
    2012).

    Args:
        words: numbers that a word can have.
        classes: number of classes; of two the second one's score is kept, the first one's is its
            opposite.
        longest: words in the longest runs, at least 1.
        buckets: rows of each table of longer runs.
        dropout: share of the runs that are left out of each batch.
    """

    def __init__(
        self, words: int, classes: int, longest: int, buckets: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.columns = 1 if classes == 2 else classes
        rows = [words, *[buckets] * (longest - 1)]
        self.scores = nn.ModuleList(nn.Embedding(count, self.columns) for count in rows)
        self.dropout = dropout
        for place, table in enumerate(self.scores):
            nn.init.zeros_(table.weight)
            self.register_buffer(f"ratios{place + 1}", torch.ones_like(table.weight))

    def forward(self, words: Tensor) -> Tensor:
        """Numbers of words (B, T) int64 to what the runs that end at each word score: (B, T, C)."""
        total = torch.zeros(*words.shape, self.columns, device=words.device)
        for before, (rows, counted) in enumerate(self._runs(words)):
            if self.training and self.dropout:
                kept = torch.rand(counted.shape, device=words.device) >= self.dropout
                counted = counted & kept
            scale = GAIN / (1 - self.dropout if self.training else 1)
            scores = self.scores[before](rows) * F.embedding(rows, self._ratios(before))
            scores = scores * (counted.unsqueeze(2) * scale)
            total = total + F.pad(scores, (0, 0, words.shape[1] - scores.shape[1], 0))
        return torch.cat([-total, total], dim=2) if self.columns == 1 else total

    @torch.no_grad()
    def count(self, words: Tensor, labels: Tensor, weights: Tensor | None = None) -> None:
        """Learn from the training texts which runs tell the classes apart.

        Args:
            words: (n, T) int64, filled up with 0.
            labels: (n,) int64.
            weights: (n,) how often each text counts; once where none are given.
        """
        place = words.device  # where the texts lie; the network may lie elsewhere yet
        classes = torch.tensor([1]) if self.columns == 1 else torch.arange(self.columns)
        inside = labels.unsqueeze(1) == classes.to(place)
        each = torch.ones(len(labels), device=place) if weights is None else weights
        found = [
            [torch.zeros(table.weight.shape, device=place) for _ in range(2)]
            for table in self.scores
        ]
        for start in range(0, len(words), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            own, others = (inside[part] * each[part, None], ~inside[part] * each[part, None])
            for (rows, counted), counts in zip(self._runs(words[part]), found, strict=True):
                text = counted.nonzero()[:, 0]
                counts[0].index_add_(0, rows[counted], own[text])
                counts[1].index_add_(0, rows[counted], others[text])
        for before, (texts, others) in enumerate(found):
            ratios = _log_share(texts) - _log_share(others)
            self._ratios(before).copy_(ratios.abs().masked_fill(texts + others < LEAST, 0.0))

    def _ratios(self, before: int) -> Tensor:
        ratios = getattr(self, f"ratios{before + 1}")
        assert isinstance(ratios, Tensor)  # noqa: S101
        return ratios

    def _runs(self, words: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """For runs of 1, 2, ... words: the table's rows, and which of them count.

        Both are (B, T - before).
        """
        run = words
        yield run, first_of_each(run, words != PADDING)
        for before, table in enumerate(list(self.scores)[1:], start=1):
            multiplier, factor, shift = FACTORS
            run = (run[:, :-1] * multiplier + words[:, before:] * factor + before * shift) % PRIME
            rows = run % table.num_embeddings
            yield rows, first_of_each(rows, words[:, before:] != PADDING)


def first_of_each(numbers: Tensor, counted: Tensor) -> Tensor:
    """Where in each row (B, T) a number stands for the first time, of those that are `counted`.

    Example:
        >>> numbers = torch.tensor([[4, 7, 4, 0]])
        >>> first_of_each(numbers, numbers != 0).tolist()
        [[True, True, False, False]]
    """
    ordered, order = numbers.masked_fill(~counted, -1).sort(dim=1, stable=True)
    new = torch.cat([torch.ones_like(counted[:, :1]), ordered[:, 1:] != ordered[:, :-1]], dim=1)
    return torch.zeros_like(counted).scatter(1, order, new) & counted


def _log_share(texts: Tensor) -> Tensor:
    """Log of each row's share of all, one text added to each."""
    return ((1 + texts) / (1 + texts).sum(dim=0)).log()
