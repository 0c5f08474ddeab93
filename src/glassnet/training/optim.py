"""Optimizer, learning rate schedule and moving average of the weights."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from glassnet.config import TrainingConfig
from glassnet.training.rowwise_adam import RowwiseAdam, weights_by_row


def make_optimizer(config: TrainingConfig, network: nn.Module) -> torch.optim.Optimizer:
    """Adam, AdamW (Loshchilov & Hutter 2019) or SGD with Nesterov momentum.

    Weight decay applies to matrices and kernels, not to biases and normalisation weights. Modules
    may ask for `RowwiseAdam` in place of Adam.
    """
    parameters = list(network.parameters())
    groups: list[dict[str, Any]] = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    rate = config.learning_rate
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True, fused=True)
    betas, decoupled = (0.9, config.beta2), config.optimizer == "adamw"
    if rows := weights_by_row(network):
        return RowwiseAdam(groups, rows, lr=rate, betas=betas, decoupled_weight_decay=decoupled)
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    return kind(groups, lr=rate, betas=betas, fused=True)


def make_schedule(config: TrainingConfig, optimizer: torch.optim.Optimizer, steps: int) -> LambdaLR:
    """Learning rate schedule over `steps` steps; a function of the step alone."""
    return LambdaLR(optimizer, rate_factor(config, steps))


def rate_factor(config: TrainingConfig, steps: int) -> Callable[[int], float]:
    """Step -> factor in [0, 1] on the maximum learning rate.

    `one-cycle` rises from 1/25 during the warm-up and falls to 0, both along half a cosine (after
    Smith & Topin 2019).

    Example:
        >>> factor = rate_factor(TrainingConfig(schedule="one-cycle", warmup=0.3), 100)
        >>> [round(factor(step), 2) for step in (0, 30, 100)]
        [0.04, 1.0, 0.0]
    """
    rise = config.warmup * steps if config.schedule == "one-cycle" else 0.0

    def factor(step: int) -> float:
        if config.schedule == "constant":
            return 1.0
        if step < rise:
            return _half_cosine(1 / 25, 1.0, step / rise)
        return _half_cosine(1.0, 0.0, min((step - rise) / max(steps - rise, 1), 1.0))

    return factor


def make_average(config: TrainingConfig, network: nn.Module) -> AveragedModel | None:
    """Exponential moving average of weights and buffers; None if `ema_decay` is 0.

    The decay rises to `config.ema_decay` as (1 + n) / (10 + n) over the first n steps, so that the
    initial weights soon lose their influence.
    """
    if not config.ema_decay:
        return None

    @torch.no_grad()
    def update(averages: Sequence[Tensor], values: Sequence[Tensor], steps: Tensor) -> None:
        decay = min(config.ema_decay, (1 + int(steps)) / (10 + int(steps)))
        get_ema_multi_avg_fn(decay)(averages, values, steps)

    return AveragedModel(network, multi_avg_fn=update, use_buffers=True)


def _half_cosine(start: float, end: float, fraction: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * fraction)) / 2
