"""Scores of short runs of words, beside the recurrent layers: what a linear classifier knows."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from glassnet.data.vocabulary import PADDING

PRIME = 2_147_483_647
FACTORS = (1_000_003, 7_919, 31)
"""What spreads runs of words over a table; any odd numbers would do."""

GAIN = 10.0
"""Sparse scores want a rate ten times that of recurrent layers; so that one rate serves both, a
score is so many times what is learned."""


class NGrams(nn.Module):
    """A score per class for every run of 1 to `longest` words.

    Runs of two words and more share a table of `buckets` rows by their hash, so that none has to be
    listed (Weinberger et al. 2009). All scores begin at 0. Those of runs that tell the classes
    apart in the training texts move faster: each is scaled by the size of the run's log-count
    ratio, as in NB-SVM (Wang & Manning 2012).

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
        for before, (rows, table) in enumerate(zip(self._rows(words), self.scores, strict=True)):
            counted = words[:, before:] != PADDING
            if self.training and self.dropout:
                kept = torch.rand(counted.shape, device=words.device) >= self.dropout
                counted = counted & kept
            scale = GAIN / (1 - self.dropout if self.training else 1)
            scores = table(rows) * self._ratios(before)[rows] * (counted.unsqueeze(2) * scale)
            total = total + nn.functional.pad(scores, (0, 0, words.shape[1] - scores.shape[1], 0))
        return torch.cat([-total, total], dim=2) if self.columns == 1 else total

    @torch.no_grad()
    def count(self, words: Tensor, labels: Tensor) -> None:
        """Learn from the training texts which runs tell the classes apart.

        Args:
            words: (n, T) int64, filled up with 0.
            labels: (n,) int64.
        """
        chosen = [1] if self.columns == 1 else range(self.columns)
        for before in range(len(self.scores)):
            ratios = self._ratios(before)
            for column, label in enumerate(chosen):
                found = [self._counts(words[part], before) for part in _parts(labels == label)]
                inside, outside = (1 + counts for counts in found)
                ratio = (inside / inside.sum()).log() - (outside / outside.sum()).log()
                ratios[:, column] = ratio.abs()

    def _counts(self, words: Tensor, before: int) -> Tensor:
        """How often each row of a table of runs occurs: (rows,) float32."""
        counts = torch.zeros(len(self._ratios(before)), device=words.device)
        for part in words.split(1000):  # bounds the memory of what comes between
            rows = list(self._rows(part))[before]
            seen = rows[part[:, before:] != PADDING]
            counts += torch.bincount(seen, minlength=len(counts))
        return counts

    def _ratios(self, before: int) -> Tensor:
        ratios = getattr(self, f"ratios{before + 1}")
        assert isinstance(ratios, Tensor)  # noqa: S101
        return ratios

    def _rows(self, words: Tensor) -> Iterator[Tensor]:
        """For runs of 1, 2, ... words: the table's row of each run, (B, T - before)."""
        run = words
        yield run
        for before, table in enumerate(list(self.scores)[1:], start=1):
            multiplier, factor, shift = FACTORS
            run = (run[:, :-1] * multiplier + words[:, before:] * factor + before * shift) % PRIME
            yield run % table.num_embeddings


def _parts(inside: Tensor) -> tuple[Tensor, Tensor]:
    return inside.nonzero()[:, 0], (~inside).nonzero()[:, 0]
