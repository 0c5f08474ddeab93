"""Weights of examples: how a batch carries them, and how its means take them in."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from glassnet.contract import Split


def column(split: Split) -> tuple[Tensor, ...]:
    """The last of a split's tensors where its examples differ in weight, else none.

    The weights are scaled to a mean of 1, so that a mean over all batches is the weighted mean over
    the split, whatever batch an example falls into.

    Returns:
        A tuple of one (n,) float32, or an empty one.

    Example:
        >>> import numpy as np
        >>> column(Split(np.zeros(2), np.zeros(2), np.arange(2), np.array([1, 3])))
        (tensor([0.5000, 1.5000]),)
    """
    weights = split.weights
    if weights is None or not len(weights) or (weights == weights[0]).all():
        return ()
    return (torch.from_numpy(weights / weights.mean()).float(),)


def split_batch(batch: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor | None]:
    """A batch's inputs, labels and weights; None where all weigh the same."""
    inputs, labels, *weights = batch
    return inputs, labels, weights[0] if weights else None


def mean(values: Tensor, weights: Tensor | None) -> Tensor:
    """Mean of (B, ...) over everything, each example by its weight: a scalar.

    Example:
        >>> mean(torch.tensor([1.0, 3.0]), torch.tensor([0.5, 1.5])).item()
        2.5
    """
    if weights is None:
        return values.mean()
    return (values * weights.reshape(-1, *[1] * (values.ndim - 1))).mean()


def cross_entropy(
    logits: Tensor, labels: Tensor, weights: Tensor | None, label_smoothing: float
) -> Tensor:
    """Cross-entropy in nats per example: logits (B, classes), labels (B,) to a scalar."""
    if weights is None:
        return F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
    each = F.cross_entropy(logits, labels, label_smoothing=label_smoothing, reduction="none")
    return mean(each, weights)


def accuracy(logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """Share of the examples whose largest logit is their label's: a scalar."""
    return mean((logits.argmax(dim=1) == labels).float(), weights)
