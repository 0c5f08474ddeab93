"""The adversarial losses, against direct computations on tiny networks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from glassnet.tasks.lstm.adversarial import (
    PROBE,
    adversarial,
    divergence,
    entropy,
    normalised,
    virtual_adversarial,
)
from glassnet.tasks.lstm.network import LSTMTextClassifier

WORDS = torch.tensor([[2, 5, 3, 4], [6, 2, 0, 0]])
LABELS = torch.tensor([1, 0])
LENGTHS = torch.tensor([4, 2])
EPSILON = 0.3


def tiny(**options: object) -> LSTMTextClassifier:
    """A network whose dropouts are off."""
    torch.manual_seed(0)
    network = LSTMTextClassifier(8, 2, embedding_dim=3, hidden_size=4, **options)  # type: ignore[arg-type]
    with torch.no_grad():
        network.embedding.weight.mul_(10)  # so that a change of a vector is felt
        network.output.weight.mul_(10)
    return network.train()


def linear(weights: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda vectors: vectors.flatten(1) @ weights


def changed_vectors(network: LSTMTextClassifier, change: Tensor) -> Tensor:
    return network.logits(network.embedding(WORDS) + change, LENGTHS)


def test_the_adversarial_logits_are_those_at_the_steepest_change() -> None:
    """The direction from differences of the loss, a coordinate at a time."""
    network, step = tiny(), 1e-2
    gradient = torch.zeros(2, 4, 3)
    with torch.no_grad():
        for place in torch.cartesian_prod(*map(torch.arange, gradient.shape)).tolist():
            losses = []
            for sign in (1, -1):
                change = torch.zeros_like(gradient)
                change[tuple(place)] = sign * step
                logits = changed_vectors(network, change)
                losses.append(F.cross_entropy(logits, LABELS, reduction="sum"))
            gradient[tuple(place)] = (losses[0] - losses[1]) / (2 * step)
        norms = gradient.pow(2).sum(dim=(1, 2)).sqrt().view(2, 1, 1)
        expected = changed_vectors(network, EPSILON * gradient / norms)
    branches = network(WORDS, adversarial(LABELS, EPSILON))
    assert branches.shape == (2, 2, 2)
    assert torch.equal(branches[:, 0], network(WORDS)[:, 0])
    assert torch.allclose(branches[:, 1], expected, atol=1e-3)
    assert (branches[:, 1] - branches[:, 0]).abs().min() > 0.05


def test_no_change_of_that_norm_raises_the_loss_more() -> None:
    network = tiny()
    worst = F.cross_entropy(network(WORDS, adversarial(LABELS, 1e-3))[:, 1], LABELS)
    with torch.no_grad():
        losses = [
            F.cross_entropy(changed_vectors(network, 1e-3 * normalised(change)), LABELS)
            for change in torch.randn(50, 2, 4, 3)
        ]
    assert worst > max(losses)


def test_the_adversarial_loss_teaches_the_weights_and_the_word_vectors() -> None:
    network = tiny(max_ngram=2, ngram_buckets=16)
    branches = network(WORDS, adversarial(LABELS, EPSILON))
    assert branches.shape == (2, 3, 2)  # LSTM, n-grams, LSTM at changed vectors
    F.cross_entropy(branches[:, 2], LABELS).backward()
    assert network.embedding.weight.grad is not None
    assert network.embedding.weight.grad[[2, 3, 4, 5, 6]].abs().sum(dim=1).min() > 0
    assert all(p.grad is not None and p.grad.any() for p in network.layers.parameters())
    assert network.ngrams is not None
    assert not any(p.grad.any() for p in network.ngrams.parameters() if p.grad is not None)


def test_the_virtual_change_is_the_one_that_moves_a_linear_classifier_most() -> None:
    """Only the difference of its classes' weights moves it; the power method finds that at once."""
    weights = torch.randn(12, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    vectors = torch.zeros(3, 4, 3, dtype=torch.float64, requires_grad=True)
    classify = linear(weights)
    torch.manual_seed(2)
    perturb = virtual_adversarial(torch.tensor([4, 4, 4]), EPSILON)
    moved = perturb(classify, vectors, classify(vectors))
    direction = weights[:, 1] - weights[:, 0]
    largest = EPSILON * direction.norm()
    assert torch.allclose((moved[:, 1] - moved[:, 0]).abs(), largest.expand(3), rtol=1e-6)


def test_the_virtual_change_leaves_the_padding() -> None:
    seen: list[Tensor] = []

    def classify(vectors: Tensor) -> Tensor:
        seen.append(vectors.detach())
        return vectors.cumsum(dim=1)[:, -1, :2]

    vectors = torch.zeros(2, 4, 3, requires_grad=True)
    virtual_adversarial(LENGTHS, EPSILON)(classify, vectors, classify(vectors))
    _, probe, _ = seen
    assert probe[1, 2:].abs().max() == 0
    assert probe[1, :2].abs().min() > 0
    assert probe.flatten(1).norm(dim=1).tolist() == pytest.approx([PROBE * EPSILON] * 2)


def test_a_network_that_predicts_the_same_everywhere_is_left_alone() -> None:
    vectors = torch.ones(2, 4, 3, requires_grad=True)
    perturb = virtual_adversarial(LENGTHS, EPSILON)
    logits = linear(torch.zeros(12, 2))(vectors)
    assert perturb(linear(torch.zeros(12, 2)), vectors, logits).tolist() == [[0, 0], [0, 0]]


def test_the_divergence_against_its_definition() -> None:
    target, logits = torch.randn(2, 5, 3, dtype=torch.float64).requires_grad_()
    p, q = target.softmax(dim=1), logits.softmax(dim=1)
    assert torch.allclose(divergence(target, logits).double(), (p * (p / q).log()).sum(dim=1))
    divergence(target, logits).sum().backward()


@pytest.mark.parametrize("name", ["divergence", "entropy"])
def test_gradients_against_differences(name: str) -> None:
    logits = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    target = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    if name == "entropy":
        assert torch.autograd.gradcheck(entropy, (logits,))
        return
    assert torch.autograd.gradcheck(lambda values: divergence(target.detach(), values), (logits,))
    assert torch.autograd.grad(divergence(target, logits).sum(), target, allow_unused=True) == (
        None,
    )
