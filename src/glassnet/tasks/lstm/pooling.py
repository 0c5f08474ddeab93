"""Pooling layers for padded sequences: last state, mean, maximum, both, or attention."""

import torch
from torch import Tensor, nn

KINDS = ("last", "mean", "max", "max-mean", "attention")


def word_mask(lengths: Tensor, n_positions: int) -> Tensor:
    """Mask of the positions that hold a word, not padding: (B, T, 1) bool."""
    positions = torch.arange(n_positions, device=lengths.device)
    return (positions < lengths.unsqueeze(1)).unsqueeze(2)


class Mean(nn.Module):
    """Mean over the words of a text; zero for an empty text."""

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, size) to (B, size)."""
        mask = word_mask(lengths, values.shape[1])
        return (values * mask).sum(dim=1) / lengths.clamp(min=1).unsqueeze(1)


class Max(nn.Module):
    """Maximum over the words of a text; zero for an empty text."""

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, size) to (B, size)."""
        mask = word_mask(lengths, values.shape[1])
        maxima = values.masked_fill(~mask, -torch.inf).amax(dim=1)
        return maxima.masked_fill((lengths == 0).unsqueeze(1), 0.0)


class Last(nn.Module):
    """Final state of each direction: at the last word forwards, at the first word backwards.

    Args:
        hidden_size: values per direction; the backward direction follows the forward one.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, size) to (B, size)."""
        last = (lengths.clamp(min=1) - 1).view(-1, 1, 1).expand(-1, 1, self.hidden_size)
        forward = values[..., : self.hidden_size].gather(1, last)[:, 0]
        ends = torch.cat([forward, values[:, 0, self.hidden_size :]], dim=1)
        return ends.masked_fill((lengths == 0).unsqueeze(1), 0.0)


class Attention(nn.Module):
    """Mean over the words of a text with learned weights (Bahdanau et al. 2015)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.score = nn.Linear(size, 1)

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, size) to (B, size)."""
        mask = word_mask(lengths, values.shape[1])
        scores = self.score(values).masked_fill(~mask, -torch.inf)
        weights = scores.softmax(dim=1).masked_fill(~mask, 0.0)  # an empty text has no weight
        return (values * weights).sum(dim=1)


class MaxMean(nn.Module):
    """Maximum and mean, concatenated."""

    def __init__(self) -> None:
        super().__init__()
        self.max, self.mean = Max(), Mean()

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, size) to (B, 2 * size)."""
        return torch.cat([self.max(values, lengths), self.mean(values, lengths)], dim=1)


def make_pooling(kind: str, size: int, hidden_size: int) -> tuple[nn.Module, int]:
    """Make a pooling layer, and give the size of its output.

    Args:
        kind: one of `KINDS`.
        size: values per word.
        hidden_size: values per word and direction.
    """
    if kind == "last":
        return Last(hidden_size), size
    if kind == "attention":
        return Attention(size), size
    if kind == "max-mean":
        return MaxMean(), 2 * size
    return (Max() if kind == "max" else Mean()), size
