"""Sample weights: a column of a split's tensors, and weighted losses and metrics."""

import torch
import torch.nn.functional as F
from torch import Tensor

from glassnet.contract import Split


def column(split: Split) -> tuple[Tensor, ...]:
    """The weights as the last of a split's tensors, if they differ.

    The weights are scaled to a mean of 1, so that the mean over all batches is the weighted mean of
    the split, however it is cut into batches.

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
    """Inputs, labels and weights of a batch; None for equal weights."""
    inputs, labels, *weights = batch
    return inputs, labels, weights[0] if weights else None


def mean(values: Tensor, weights: Tensor | None) -> Tensor:
    """Weighted mean of (B, ...) over everything: a scalar.

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
    losses = F.cross_entropy(logits, labels, label_smoothing=label_smoothing, reduction="none")
    return mean(losses, weights)


def accuracy(logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """Fraction of the examples whose largest logit is their label's: a scalar."""
    return mean((logits.argmax(dim=1) == labels).float(), weights)
