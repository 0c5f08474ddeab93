"""Scores of short runs of words, beside the recurrent layers: what a linear classifier knows."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from glassnet.data.vocabulary import PADDING

PRIME = 2_147_483_647
FACTORS = (1_000_003, 7_919, 31)
"""What spreads runs of words over the table; any odd numbers would do."""


class NGrams(nn.Module):
    """A score per class for every run of 1 to `longest` words.

    Runs of two words and more share a table of `buckets` rows by their hash, so that none has to be
    listed (Weinberger et al. 2009). All scores begin at 0.

    Args:
        words: numbers that a word can have.
        classes: number of classes.
        longest: words in the longest runs, at least 1.
        buckets: rows of each table of longer runs.
        dropout: share of the runs that are left out of each batch.
    """

    def __init__(
        self, words: int, classes: int, longest: int, buckets: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        rows = [words, *[buckets] * (longest - 1)]
        self.scores = nn.ModuleList(nn.Embedding(count, classes) for count in rows)
        self.dropout = dropout
        for table in self.scores:
            nn.init.zeros_(table.weight)

    def forward(self, words: Tensor) -> Tensor:
        """Numbers of words (B, T) int64 to what the runs that end at each word score: (B, T, C)."""
        length = words.shape[1]
        total = torch.zeros(*words.shape, self.scores[0].weight.shape[1], device=words.device)
        for before, (rows, table) in enumerate(zip(self._rows(words), self.scores, strict=True)):
            counted = words[:, before:] != PADDING
            if self.training and self.dropout:
                kept = torch.rand(counted.shape, device=words.device) >= self.dropout
                counted = counted & kept
            scores = table(rows) * counted.unsqueeze(2)
            if self.training:
                scores = scores / (1 - self.dropout)
            total = total + nn.functional.pad(scores, (0, 0, min(before, length), 0))
        return total

    def _rows(self, words: Tensor) -> Iterator[Tensor]:
        """For runs of 1, 2, ... words: the table's row of each run, (B, T - before)."""
        run = words
        yield run
        for before, table in enumerate(list(self.scores)[1:], start=1):
            multiplier, factor, shift = FACTORS
            run = (run[:, :-1] * multiplier + words[:, before:] * factor + before * shift) % PRIME
            yield run % table.num_embeddings
