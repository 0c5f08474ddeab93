"""Number of threads of a training, from the size of its steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from glassnet import parallel, seeding
from glassnet.config import TrainingConfig
from glassnet.contract import Learner, Signature, Splits
from glassnet.training.setup import n_threads

MIN_PARALLEL_OPERATIONS = 100_000_000
"""Multiply-adds in the forward pass of a step from which several threads train. Threads wait for
each other several times in a step; beside other programs that takes longer than small steps do
(`benchmarks/busy_machine.py`). The default networks of images need 250 million or more for the
built-in data."""

EXAMPLES = 8
"""Training examples whose operations are counted."""


def threads_for(
    learner: Learner, config: TrainingConfig, splits: Splits, signature: Signature
) -> int:
    """Threads of each process: those of the configuration, or one if the steps are small.

    Depends on the network and the data alone, not on how busy the machine is: the last digits of a
    training depend on its threads.

    Raises:
        ConfigError: the network cannot be built.
    """
    if config.threads or operations_per_step(learner, config, splits, signature) >= (
        MIN_PARALLEL_OPERATIONS
    ):
        return n_threads(config)
    return 1


def operations_per_step(
    learner: Learner, config: Any, splits: Splits, signature: Signature
) -> float:
    """Multiply-adds of the layers in the forward pass of one step, counted on a few examples.

    Recurrent layers of which each time step is small do not count.
    """
    n = min(EXAMPLES, len(splits.train))
    positions = np.linspace(0, len(splits.train) - 1, n).astype(np.int64)
    tensors = learner.tensors(splits.train.take(positions), config, signature)
    with seeding.fork_rng():
        network = learner.build(config, signature).eval()
        with torch.inference_mode(), _counting(network, config.batch_size) as counts:
            learner.step(network, tuple(rows[:] for rows in tensors), config, 0.0)
    return sum(counts) / len(tensors[0]) * config.batch_size


@contextmanager
def _counting(network: nn.Module, batch_size: int) -> Iterator[list[int]]:
    """Count the multiply-adds of every layer with weights, except embeddings, which are read."""
    counts: list[int] = []

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Any) -> None:
        if isinstance(layer, nn.RNNBase):
            n_weights = cast("Tensor", layer.weight_hh_l0).numel()
            if parallel.has_small_time_steps(batch_size, n_weights):
                return
        values = inputs[0] if isinstance(layer, _ConvTransposeNd) else output
        while isinstance(values, tuple):  # recurrent layers return their states as well
            values = values[0]
        n_features = values.shape[1 if isinstance(layer, _ConvNd) else -1]
        weights = sum(p.numel() for p in layer.parameters(recurse=False) if p.ndim > 1)
        counts.append(values.numel() // n_features * weights)

    handles = [
        layer.register_forward_hook(count)
        for layer in network.modules()
        if not isinstance(layer, nn.Embedding)
        and any(p.ndim > 1 for p in layer.parameters(recurse=False))
    ]
    try:
        yield counts
    finally:
        for handle in handles:
            handle.remove()
