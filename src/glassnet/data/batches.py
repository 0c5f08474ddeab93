"""Batches of whole tensors, in an order that the seed and the epoch alone decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor


def channels_first(images: np.ndarray) -> Tensor:
    """Images (n, H, W) or (n, H, W, channels) as a tensor (n, channels, H, W) of their type."""
    pixels = torch.from_numpy(np.ascontiguousarray(images))
    return pixels.unsqueeze(1) if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)


STRETCH = 50
"""So many batches are drawn together before they are sorted by length: enough to be even, and few
enough that what meets in a batch stays a matter of chance."""


def lengths(rows: Tensor, padding: int) -> Tensor:
    """Numbers in each row before the filling at its end: (n,) int64.

    Example:
        >>> lengths(torch.tensor([[5, 7, 0], [0, 0, 0]]), padding=0).tolist()
        [2, 0]
    """
    return (rows != padding).sum(dim=1)


class Batches:
    """A split's tensors, cut into batches; the position within an epoch is a plain number.

    The tensors move to the device once. The batches of an epoch differ in size by at most one, so
    that none is left with a single example, which batch normalisation could not bear.

    Args:
        tensors: each with the example as its first axis.
        size: examples per batch at most, over all processes together.
        seed: with the epoch's number it decides the order; None keeps the given order.
        device: where the batches lie.
        rank, world: this process takes every `world`-th example of a batch, from `rank` on.
        padding: the number that fills up rows of the first tensor at their end; where it is given,
            rows of like length come together, so that little of a batch is filling.

    Example:
        >>> batches = Batches([torch.arange(10)], size=4, seed=None)
        >>> [batch[0].tolist() for batch in batches.epoch(0)]
        [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]
        >>> [batch[0].tolist() for batch in batches.epoch(0, start=2)]
        [[7, 8, 9]]
    """

    def __init__(
        self,
        tensors: Sequence[Tensor],
        size: int,
        seed: int | None,
        device: torch.device | str = "cpu",
        rank: int = 0,
        world: int = 1,
        padding: int | None = None,
    ) -> None:
        self.tensors = tuple(tensor.to(device) for tensor in tensors)
        self.examples = len(self.tensors[0])
        self.count = -(-self.examples // size)
        self.seed = seed
        self.rank, self.world = rank, world
        self.lengths = None if padding is None else lengths(tensors[0], padding)

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        return self.count

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Tensor, ...]]:
        """The batches of one epoch, from batch `start` on."""
        for chosen in self._order(number).tensor_split(self.count)[start:]:
            mine = chosen[self.rank :: self.world].to(self.tensors[0].device)
            yield tuple(tensor[mine] for tensor in self.tensors)

    def places(self, number: int) -> Tensor:
        """Which examples this process gets in an epoch, in the order in which they come: int64."""
        parts = self._order(number).tensor_split(self.count)
        return torch.cat([chosen[self.rank :: self.world] for chosen in parts])

    def _order(self, epoch: int) -> Tensor:
        if self.seed is None:
            given = torch.arange(self.examples)
            return given if self.lengths is None else self.lengths.argsort(stable=True)
        # A generator of its own per epoch: resuming needs no replay of earlier epochs.
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + epoch) % 2**63)
        drawn = torch.randperm(self.examples, generator=generator)
        return drawn if self.lengths is None else self._bucketed(drawn, generator)

    def _bucketed(self, drawn: Tensor, generator: torch.Generator) -> Tensor:
        """Sort by length within stretches of `STRETCH` batches, then shuffle the batches."""
        assert self.lengths is not None  # noqa: S101
        size = -(-self.examples // self.count)
        stretches = drawn.split(STRETCH * size)
        order = torch.cat([part[self.lengths[part].argsort(stable=True)] for part in stretches])
        batches = order.tensor_split(self.count)
        # Batches of one size change places: sizes differ by one, and the larger ones come first.
        larger = self.examples % self.count
        places = [
            *torch.randperm(larger, generator=generator),
            *(larger + torch.randperm(self.count - larger, generator=generator)),
        ]
        return torch.cat([batches[place] for place in places])
