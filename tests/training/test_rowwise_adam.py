from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from glassnet.config import TrainingConfig
from glassnet.tasks.lstm.ngrams import NGrams
from glassnet.training.optim import make_optimizer
from glassnet.training.rowwise_adam import RowwiseAdam, weights_by_row

GROUP: dict[str, Any] = {"lr": 0.1, "betas": (0.8, 0.9)}


def gradients(n: int, *shape: int) -> list[torch.Tensor]:
    """Some, of which the second has a row of zeros, as of a word that no text has."""
    torch.manual_seed(1)
    drawn = list(torch.randn(n, *shape))
    drawn[1][0] = 0
    return drawn


def train(optimizer: torch.optim.Optimizer, weight: nn.Parameter, steps: Any) -> torch.Tensor:
    for gradient in steps:
        weight.grad = gradient.clone()
        optimizer.step()
    return weight.detach().clone()


def scores(*shape: int) -> nn.Parameter:
    torch.manual_seed(0)
    return nn.Parameter(torch.randn(*shape))


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("decoupled", [False, True])
def test_rows_of_one_weight_have_adams_steps(weight_decay: float, decoupled: bool) -> None:
    options = {**GROUP, "weight_decay": weight_decay, "decoupled_weight_decay": decoupled}
    ours, theirs = scores(5, 1), scores(5, 1)
    steps = gradients(6, 5, 1)
    by_row = train(RowwiseAdam([{"params": [ours]}], [ours], **options), ours, steps)
    adam = train(torch.optim.Adam([theirs], **options), theirs, steps)
    torch.testing.assert_close(by_row, adam)


def test_a_rows_step_is_its_mean_gradient_over_the_root_of_its_mean_square() -> None:
    """Against the definition, written out."""
    weight, steps = scores(4, 3), gradients(5, 4, 3)
    expected, mean, square = weight.detach().clone(), torch.zeros(4, 3), torch.zeros(4, 1)
    for step, gradient in enumerate(steps, start=1):
        mean = 0.8 * mean + 0.2 * gradient
        square = 0.9 * square + 0.1 * gradient.square().mean(dim=1, keepdim=True)
        root = (square / (1 - 0.9**step)).sqrt() + 1e-8
        expected -= 0.1 * mean / (1 - 0.8**step) / root
    found = train(RowwiseAdam([{"params": [weight]}], [weight], **GROUP), weight, steps)
    torch.testing.assert_close(found, expected)


def test_other_weights_have_adams_steps_and_all_retain_their_gradients() -> None:
    weights, others = [scores(4, 3), scores(2, 3)], [scores(4, 3), scores(2, 3)]
    optimizer = RowwiseAdam([{"params": weights}], weights[:1], **GROUP)
    adam = torch.optim.Adam(others, fused=True, **GROUP)
    for first, second in zip(gradients(4, 4, 3), gradients(4, 2, 3), strict=True):
        for pair in (weights, others):
            pair[0].grad, pair[1].grad = first.clone(), second.clone()
        optimizer.step()
        adam.step()
        assert weights[0].grad is not None
        assert torch.equal(weights[0].grad, first)
    assert torch.equal(weights[1], others[1])
    assert not torch.equal(weights[0], others[0])


def test_weights_without_a_gradient_stay() -> None:
    weight = scores(4, 3)
    before = weight.detach().clone()
    optimizer = RowwiseAdam([{"params": [weight]}], [weight], **GROUP)
    optimizer.step()
    assert torch.equal(weight, before)
    assert not optimizer.state_dict()["state"]


def test_a_loaded_state_goes_on_as_if_nothing_had_been() -> None:
    weight, steps = scores(4, 3), gradients(6, 4, 3)
    optimizer = RowwiseAdam([{"params": [weight]}], [weight], **GROUP)
    train(optimizer, weight, steps[:3])
    other, saved = nn.Parameter(weight.detach().clone()), copy.deepcopy(optimizer.state_dict())
    resumed = RowwiseAdam([{"params": [other]}], [other], **GROUP)
    resumed.load_state_dict(saved)
    expected = train(optimizer, weight, steps[3:])
    assert torch.equal(train(resumed, other, steps[3:]), expected)


def test_a_closure_is_called_with_gradients() -> None:
    weight = scores(2, 2)
    optimizer = RowwiseAdam([{"params": [weight]}], [weight], **GROUP)

    def closure() -> torch.Tensor:
        loss = weight.square().sum()
        loss.backward()
        return loss

    first = optimizer.step(closure)
    assert optimizer.step(closure) < first


@pytest.mark.parametrize(("classes", "by_row"), [(2, False), (3, True)])
@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_scores_of_more_than_two_classes_have_one_rate_per_row(
    classes: int, by_row: bool, name: Any
) -> None:
    network = nn.ModuleList([nn.Linear(3, 3), NGrams(9, classes, max_ngram=2, buckets=4)])
    assert len(weights_by_row(network)) == 2 * by_row
    optimizer = make_optimizer(TrainingConfig(optimizer=name, weight_decay=0.1), network)
    assert isinstance(optimizer, RowwiseAdam) == by_row
    assert optimizer.defaults["decoupled_weight_decay"] == (name == "adamw")
