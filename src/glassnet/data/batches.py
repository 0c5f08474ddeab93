"""Mini-batches of in-memory tensors, in an order that depends only on seed and epoch."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from glassnet.contract import Rows
from glassnet.data.ragged import RaggedTensor


def channels_first(images: np.ndarray) -> Tensor:
    """Images (n, H, W) or (n, H, W, channels) as a tensor (n, channels, H, W) of their dtype."""
    pixels = torch.from_numpy(np.ascontiguousarray(images))
    return pixels.unsqueeze(1) if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)


BUCKET_BATCHES = 50
"""Number of batches whose examples are sorted by length together: enough for batches of even
length, and few enough for examples to meet at random."""


class Batches:
    """Mini-batches of the tensors of a split, from any batch of any epoch.

    The tensors are moved to the device once. The batches of an epoch differ in size by at most one,
    so that none has a single example, on which batch normalisation would fail.

    Args:
        tensors: each with the examples along its first axis. If the first one is a `RaggedTensor`,
            rows of similar length are batched together, so that batches contain little padding.
        batch_size: maximum number of examples per batch, over all processes.
        seed: determines the order together with the epoch; None leaves the order unchanged.
        device: device of the batches.
        rank, world_size: this process gets every `world_size`-th example of a batch, from `rank`.

    Example:
        >>> batches = Batches([torch.arange(10)], batch_size=4, seed=None)
        >>> [batch[0].tolist() for batch in batches.epoch(0)]
        [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]
        >>> [batch[0].tolist() for batch in batches.epoch(0, start=2)]
        [[7, 8, 9]]
    """

    def __init__(
        self,
        tensors: Sequence[Rows],
        batch_size: int,
        seed: int | None,
        device: torch.device | str = "cpu",
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self.tensors = tuple(tensor.to(device) for tensor in tensors)
        self.n_examples = len(self.tensors[0])
        self.n_batches = -(-self.n_examples // batch_size)
        self.seed = seed
        self.rank, self.world_size, self.device = rank, world_size, device
        first = tensors[0]
        self.lengths = first.lengths if isinstance(first, RaggedTensor) else None

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        return self.n_batches

    def epoch(self, number: int, start: int = 0) -> Iterator[tuple[Tensor, ...]]:
        """The batches of one epoch, from batch `start`."""
        for positions in self._order(number).tensor_split(self.n_batches)[start:]:
            mine = positions[self.rank :: self.world_size].to(self.device)
            yield tuple(tensor[mine] for tensor in self.tensors)

    def endless(self, start: int = 0) -> Iterator[tuple[Tensor, ...]]:
        """The batches of one epoch after another, from the `start`-th of all."""
        number, first = divmod(start, self.n_batches)
        yield from self.epoch(number, first)
        for later in itertools.count(number + 1):
            yield from self.epoch(later)

    def positions(self, number: int) -> Tensor:
        """The positions of the examples that this process gets in an epoch, in order: int64."""
        batches = self._order(number).tensor_split(self.n_batches)
        return torch.cat([positions[self.rank :: self.world_size] for positions in batches])

    def _order(self, epoch: int) -> Tensor:
        if self.seed is None:
            if self.lengths is None:
                return torch.arange(self.n_examples)
            return self.lengths.argsort(stable=True)
        # Each epoch has its own generator, so that resuming needs no replay of earlier epochs.
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + epoch) % 2**63)
        shuffled = torch.randperm(self.n_examples, generator=generator)
        return shuffled if self.lengths is None else self._bucketed(shuffled, generator)

    def _bucketed(self, shuffled: Tensor, generator: torch.Generator) -> Tensor:
        """Sort by length within buckets of `BUCKET_BATCHES` batches, then shuffle the batches."""
        assert self.lengths is not None  # noqa: S101
        size = -(-self.n_examples // self.n_batches)
        buckets = shuffled.split(BUCKET_BATCHES * size)
        order = torch.cat([part[self.lengths[part].argsort(stable=True)] for part in buckets])
        batches = order.tensor_split(self.n_batches)
        # Only batches of one size are exchanged: the sizes differ by one, the larger come first.
        larger = self.n_examples % self.n_batches
        places = [
            *torch.randperm(larger, generator=generator),
            *(larger + torch.randperm(self.n_batches - larger, generator=generator)),
        ]
        return torch.cat([batches[place] for place in places])
