"""Ragged tensors: rows of different lengths, padded when a batch of them is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

PADDING = 0
"""The value that pads rows at their end; no row contains it."""


@dataclass(frozen=True, eq=False)
class RaggedTensor:
    """Rows of positive integers of different lengths, such as the token ids of texts.

    Takes the memory of its values alone. Indexed with positions, it gives a batch that is padded to
    the longest of its rows.

    Attributes:
        values: (total + 1,) int32, row after row, and the padding.
        starts: (n,) int64, the position of each row in `values`.
        lengths: (n,) int64.

    Example:
        >>> rows = RaggedTensor.from_rows([[5, 7], [4], [8, 9, 6]])
        >>> rows[torch.tensor([1, 0])].tolist()
        [[4, 0], [5, 7]]
    """

    values: Tensor
    starts: Tensor
    lengths: Tensor

    @classmethod
    def from_rows(cls, rows: Sequence[np.ndarray | Sequence[int]]) -> Self:
        """Join rows of integers."""
        lengths = torch.tensor([len(row) for row in rows], dtype=torch.int64)
        values = np.concatenate([*rows, [PADDING]], dtype=np.int32, casting="unsafe")
        return cls(torch.from_numpy(values), lengths.cumsum(0) - lengths, lengths)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, positions: Tensor | slice) -> Tensor:
        """The rows at these positions, (B, longest) int64; they are at least one value long."""
        starts, lengths = self.starts[positions, None], self.lengths[positions, None]
        longest = max(1, int(lengths.max())) if len(lengths) else 1
        columns = torch.arange(longest, device=self.values.device)
        return self.values[torch.where(columns < lengths, starts + columns, -1)].long()

    def take(self, positions: Tensor | slice) -> Self:
        """The rows at these positions, in this order; the values are shared."""
        return type(self)(self.values, self.starts[positions], self.lengths[positions])

    def to(self, device: torch.device | str) -> Self:
        """The same on a device."""
        return type(self)(self.values.to(device), self.starts.to(device), self.lengths.to(device))

    def flat(self) -> tuple[Tensor, Tensor]:
        """All values (total,) int64, row after row, and the number of each one's row."""
        rows = torch.arange(len(self), device=self.values.device).repeat_interleave(self.lengths)
        offsets = self.starts - (self.lengths.cumsum(0) - self.lengths)
        places = torch.arange(len(rows), device=self.values.device) + offsets[rows]
        return self.values[places].long(), rows

    def slices(self, max_values: int) -> Iterator[slice]:
        """Consecutive rows of at most `max_values` values with padding; a longer row is alone.

        Example:
            >>> rows = RaggedTensor.from_rows([[7, 8], [8, 7], [9] * 5, [7]])
            >>> [(part.start, part.stop) for part in rows.slices(4)]
            [(0, 2), (2, 3), (3, 4)]
        """
        start, longest = 0, 0
        for end, length in enumerate(self.lengths.tolist()):
            longest = max(longest, length)
            if end > start and (end + 1 - start) * longest > max_values:
                yield slice(start, end)
                start, longest = end, length
        if len(self):
            yield slice(start, len(self))


def lengths(rows: Tensor) -> Tensor:
    """Number of values of each padded row (B, T) that are not padding: (B,) int64.

    Example:
        >>> lengths(torch.tensor([[5, 7, 0], [0, 0, 0]])).tolist()
        [2, 0]
    """
    return (rows != PADDING).sum(dim=1)
