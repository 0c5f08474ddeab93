"""Losses of worst-case small changes of the word vectors: adversarial and virtual adversarial.

A changed text has a vector added to each of its word vectors; together these have the L2 norm
epsilon. They point where the loss grows fastest, which is where its gradient points (Miyato, Dai &
Goodfellow 2017).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Classify = Callable[[Tensor], Tensor]
"""Word vectors (B, T, D) to logits (B, classes)."""

Perturb = Callable[[Classify, Tensor, Tensor], Tensor]
"""A classifier, word vectors (B, T, D) and their logits (B, classes) to the logits of changed
vectors (B, classes)."""

PROBE = 0.5
"""Norm, relative to epsilon, of the random change at which a divergence's gradient is taken; at no
change at all it is zero."""


def adversarial(labels: Tensor, epsilon: float) -> Perturb:
    """The change that raises the cross-entropy of the labels most.

    Args:
        labels: (B,) int64.
        epsilon: L2 norm of a text's change.

    Example:
        >>> weights = torch.tensor([[0.0, 3.0], [0.0, 4.0]])
        >>> vectors = torch.zeros(1, 1, 2, requires_grad=True)
        >>> perturb = adversarial(torch.tensor([1]), epsilon=1.0)
        >>> classify = lambda vectors: vectors[:, 0] @ weights
        >>> perturb(classify, vectors, classify(vectors)).tolist()
        [[0.0, -5.0]]
    """

    def perturb(classify: Classify, vectors: Tensor, logits: Tensor) -> Tensor:
        loss = F.cross_entropy(_precise(logits), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, vectors, retain_graph=True)
        return classify(vectors + epsilon * normalised(gradient))

    return perturb


def virtual_adversarial(lengths: Tensor, epsilon: float) -> Perturb:
    """The change that moves the predicted probabilities most, which needs no labels.

    Its direction comes from one step of the power method, from a random start.

    Args:
        lengths: (B,) number of words of each text; padding is not changed.
        epsilon: L2 norm of a text's change.
    """

    def perturb(classify: Classify, vectors: Tensor, logits: Tensor) -> Tensor:
        words = torch.arange(vectors.shape[1], device=vectors.device) < lengths.unsqueeze(1)
        random = normalised(torch.randn_like(vectors) * words.unsqueeze(2))
        probe = (PROBE * epsilon * random).requires_grad_()
        moved = divergence(logits, classify(vectors.detach() + probe)).sum()
        (gradient,) = torch.autograd.grad(moved, probe)
        return classify(vectors + epsilon * normalised(gradient))

    return perturb


def normalised(changes: Tensor) -> Tensor:
    """The change of each text (B, T, D) scaled to an L2 norm of 1; no change stays zero.

    Example:
        >>> normalised(torch.tensor([[[3.0, 0.0], [0.0, 4.0]]])).tolist()
        [[[0.6000000238418579, 0.0], [0.0, 0.800000011920929]]]
    """
    norms = changes.flatten(1).norm(dim=1).clamp(min=torch.finfo(changes.dtype).tiny)
    return changes / norms.view(-1, 1, 1)


def divergence(target: Tensor, logits: Tensor) -> Tensor:
    """Kullback-Leibler divergence from the target's probabilities in nats: (B,).

    Args:
        target: (B, classes) logits, which get no gradient.
        logits: (B, classes).

    Example:
        >>> divergence(torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 1.0]])).tolist()
        [0.0]
    """
    wanted = _precise(target.detach()).log_softmax(dim=1)
    given = _precise(logits).log_softmax(dim=1)
    return F.kl_div(given, wanted, reduction="none", log_target=True).sum(dim=1)


def entropy(logits: Tensor) -> Tensor:
    """Entropy of the predicted probabilities in nats: (B, classes) to (B,).

    Example:
        >>> [round(value, 4) for value in entropy(torch.tensor([[0.0, 0.0], [9.0, 0.0]])).tolist()]
        [0.6931, 0.0012]
    """
    log = _precise(logits).log_softmax(dim=1)
    return -(log.exp() * log).sum(dim=1)


def _precise(logits: Tensor) -> Tensor:
    """Logits in 32 bits at least: those of autocast lose what a small change does."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))
