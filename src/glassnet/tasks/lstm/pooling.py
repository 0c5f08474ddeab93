"""From a text's words to the text: what stands for it, whatever its length."""

from __future__ import annotations

import torch
from torch import Tensor, nn

KINDS = ("last", "mean", "max", "max-mean", "attention")


def within(lengths: Tensor, longest: int) -> Tensor:
    """Which positions are words and not filling: (B, T, 1) bool."""
    places = torch.arange(longest, device=lengths.device)
    return (places < lengths.unsqueeze(1)).unsqueeze(2)


class Mean(nn.Module):
    """The mean over a text's words; zero for an empty one."""

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, width) to (B, width)."""
        words = within(lengths, values.shape[1])
        return (values * words).sum(dim=1) / lengths.clamp(min=1).unsqueeze(1)


class Max(nn.Module):
    """The maximum over a text's words; zero for an empty one."""

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, width) to (B, width)."""
        words = within(lengths, values.shape[1])
        highest = values.masked_fill(~words, -torch.inf).amax(dim=1)
        return highest.masked_fill((lengths == 0).unsqueeze(1), 0.0)


class Last(nn.Module):
    """Where each direction comes to its end: at the last word forwards, at the first backwards.

    Args:
        units: per direction; what is wider holds the backward direction behind the forward one.
    """

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, width) to (B, width)."""
        last = (lengths.clamp(min=1) - 1).view(-1, 1, 1).expand(-1, 1, self.units)
        forward = values[..., : self.units].gather(1, last)[:, 0]
        ends = torch.cat([forward, values[:, 0, self.units :]], dim=1)
        return ends.masked_fill((lengths == 0).unsqueeze(1), 0.0)


class Attention(nn.Module):
    """A weighted mean over a text's words, by weights that are learned (Bahdanau et al. 2015)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, width) to (B, width)."""
        words = within(lengths, values.shape[1])
        scores = self.score(values).masked_fill(~words, -torch.inf)
        weights = scores.softmax(dim=1).masked_fill(~words, 0.0)  # an empty text has no weight
        return (values * weights).sum(dim=1)


class MaxMean(nn.Module):
    """The maximum and the mean, one behind the other."""

    def __init__(self) -> None:
        super().__init__()
        self.max, self.mean = Max(), Mean()

    def forward(self, values: Tensor, lengths: Tensor) -> Tensor:
        """(B, T, width) to (B, 2 * width)."""
        return torch.cat([self.max(values, lengths), self.mean(values, lengths)], dim=1)


def pooling(kind: str, width: int, units: int) -> tuple[nn.Module, int]:
    """A pooling of this kind, and the number of values that it gives.

    Args:
        kind: one of `KINDS`.
        width: values per word.
        units: of them per direction.
    """
    if kind == "last":
        return Last(units), width
    if kind == "attention":
        return Attention(width), width
    if kind == "max-mean":
        return MaxMean(), 2 * width
    return (Max() if kind == "max" else Mean()), width
