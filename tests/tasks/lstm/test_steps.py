"""The loss of a training step: a part for each branch, and the adversarial part."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from glassnet.tasks.lstm.adversarial import adversarial
from glassnet.tasks.lstm.network import LSTMTextClassifier
from glassnet.tasks.lstm.presets import Config
from glassnet.tasks.lstm.task import TASK

WORDS = torch.tensor([[2, 5, 3, 4], [6, 2, 0, 0]])
LABELS = torch.tensor([1, 0])
CONFIG = Config(max_ngram=2, epsilon=0.3)


def network() -> LSTMTextClassifier:
    torch.manual_seed(0)
    made = LSTMTextClassifier(8, 2, embedding_dim=3, hidden_size=4, max_ngram=2, ngram_buckets=16)
    return made.train()


def loss(made: LSTMTextClassifier, config: Config, epoch: float = 0.0) -> Tensor:
    return TASK.step(made, (WORDS, LABELS), config, epoch).loss


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_adversarial_training_adds_the_loss_at_changed_vectors(weight: float) -> None:
    made = network()
    worst = F.cross_entropy(made(WORDS, adversarial(LABELS, 0.3))[:, 2], LABELS)
    added = loss(made, replace(CONFIG, adversarial=weight)) - loss(made, CONFIG)
    assert added.item() == pytest.approx(weight * worst.item(), rel=1e-5)
    assert worst > F.cross_entropy(made(WORDS)[:, 0], LABELS)


def test_evaluation_knows_no_adversary() -> None:
    made = network().eval()
    assert loss(made, replace(CONFIG, adversarial=3.0)) == loss(made, CONFIG)


@pytest.mark.parametrize(("epoch", "learned"), [(0.0, True), (1.9, True), (2.0, False)])
def test_ngrams_are_learned_in_the_first_epochs(epoch: float, learned: bool) -> None:
    made = network()
    loss(made, replace(CONFIG, ngram_epochs=2), epoch).backward()
    assert made.ngrams is not None
    gradients = [p.grad for p in made.ngrams.parameters() if p.grad is not None]
    assert any(gradient.any() for gradient in gradients) == learned
    assert all(p.grad is not None and p.grad.any() for p in made.layers.parameters())


@pytest.mark.parametrize(("steps", "ngram_epochs"), [(960, 2), (360, 2), (345, 3), (138, 6)])
def test_ngrams_have_enough_steps(steps: int, ngram_epochs: int) -> None:
    config = replace(CONFIG, ngram_epochs=2).adapted(7, steps)
    assert (config.epochs, config.ngram_epochs) == (7, ngram_epochs)
    assert replace(CONFIG, ngram_epochs=0).adapted(7, steps).ngram_epochs == 0
