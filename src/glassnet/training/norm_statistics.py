"""Batch normalisation after few steps: statistics of the current weights, not of earlier ones."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from glassnet.config import TrainingConfig
from glassnet.contract import Learner
from glassnet.data.batches import Batches

FEW_STEPS = 500
"""Trainings of fewer steps estimate the statistics again after each epoch. Running statistics are
those of about the last 20 steps, in which the weights of a short training change much."""

MAX_BATCHES = 50
"""Batches that the statistics are averaged over, at most."""


def estimate(
    network: nn.Module, learner: Learner, config: TrainingConfig, batches: Batches, epoch: int
) -> None:
    """Replace the running statistics of a network by the averages over batches of its data.

    Everything else is in evaluation mode, so that the statistics are of what is evaluated, without
    augmentation and dropout. Nothing happens to a network without batch normalisation.

    Args:
        network: the network with the weights that are evaluated.
        learner: runs a batch.
        config: of the training.
        batches: the training split.
        epoch: the epoch whose order of batches is used.
    """
    layers = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    if not layers:
        return
    mode = network.training
    network.eval()
    with torch.no_grad(), _cumulative(layers):
        for _, batch in zip(range(MAX_BATCHES), batches.epoch(epoch), strict=False):
            learner.step(network, batch, config, epoch)
    network.train(mode)


@contextmanager
def _cumulative(layers: list[_BatchNorm]) -> Iterator[None]:
    """Average the statistics over all batches from now on, with equal weights."""
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
        layer.train()
    yield
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
        layer.eval()
