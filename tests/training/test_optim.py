from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import nn

from glassnet.config import TrainingConfig
from glassnet.training.optim import make_average, make_optimizer, make_schedule, rate_factor


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 3))


def test_constant() -> None:
    factor = rate_factor(TrainingConfig(schedule="constant", warmup=0.5), 10)
    assert [factor(step) for step in (0, 5, 10, 99)] == [1.0] * 4


def test_cosine_falls_from_one_to_zero_without_warm_up() -> None:
    factor = rate_factor(TrainingConfig(schedule="cosine", warmup=0.5), 10)
    expected = [(1 + math.cos(math.pi * step / 10)) / 2 for step in range(11)]
    assert [factor(step) for step in range(11)] == pytest.approx(expected)
    assert factor(50) == 0.0


def test_one_cycle_rises_over_the_warm_up_and_falls() -> None:
    factor = rate_factor(TrainingConfig(schedule="one-cycle", warmup=0.25), 100)
    values = [factor(step) for step in range(101)]
    assert values[0] == pytest.approx(1 / 25)
    assert values[25] == 1.0
    assert values[100] == pytest.approx(0)
    assert values[:26] == sorted(values[:26])
    assert values[25:] == sorted(values[25:], reverse=True)


@settings(max_examples=60)
@given(
    schedule=st.sampled_from(["constant", "cosine", "one-cycle"]),
    warmup=st.floats(0, 0.9999),
    steps=st.integers(1, 50),
)
def test_every_factor_is_a_share(schedule: str, warmup: float, steps: int) -> None:
    factor = rate_factor(TrainingConfig(schedule=schedule, warmup=warmup), steps)  # type: ignore[arg-type]
    assert all(0 <= factor(step) <= 1 for step in range(steps + 2))


def test_the_schedule_moves_every_group_from_the_first_step_on() -> None:
    config = TrainingConfig(learning_rate=0.5, schedule="one-cycle", warmup=0.5)
    optimizer = make_optimizer(config, network())
    schedule = make_schedule(config, optimizer, 4)
    observed = []
    for _ in range(4):
        observed.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        schedule.step()
    factor = rate_factor(config, 4)
    assert observed == [[0.5 * factor(step)] * 2 for step in range(4)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)],
)
def test_optimizers_take_every_parameter_once(name: str, kind: type[torch.optim.Optimizer]) -> None:
    module = network()
    optimizer = make_optimizer(TrainingConfig(optimizer=name, weight_decay=0.1), module)  # type: ignore[arg-type]
    assert optimizer.__class__ is kind
    decayed, spared = ([id(p) for p in group["params"]] for group in optimizer.param_groups)
    assert sorted(decayed + spared) == sorted(map(id, module.parameters()))
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.1, 0.0]
    assert decayed == [id(module[0].weight), id(module[3].weight)]


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_beta2_is_the_decay_of_the_squared_gradients(name: str) -> None:
    config = TrainingConfig(optimizer=name, beta2=0.75)  # type: ignore[arg-type]
    optimizer = make_optimizer(config, network())
    assert [group["betas"] for group in optimizer.param_groups] == [(0.9, 0.75)] * 2


def test_sgd_has_nesterovs_momentum() -> None:
    group = make_optimizer(TrainingConfig(optimizer="sgd"), network()).param_groups[0]
    assert (group["momentum"], group["nesterov"]) == (0.9, True)


def test_no_average_by_default() -> None:
    assert make_average(TrainingConfig(), network()) is None


def test_the_average_is_exponential_and_soon_forgets_the_start() -> None:
    module = nn.BatchNorm1d(2)
    average = make_average(TrainingConfig(ema_decay=0.25), module)
    assert average is not None
    expected = 1.0
    for step, number in enumerate((1.0, 2.0, 3.0, 4.0, 5.0)):
        with torch.no_grad():
            module.weight.fill_(number)
            module.running_mean.fill_(10 * number)
        average.update_parameters(module)
        decay = min(0.25, (1 + step) / (10 + step)) if step else 0.0  # the first is a copy
        expected = decay * expected + (1 - decay) * number
    assert average.module.weight.tolist() == pytest.approx([expected] * 2)
    assert average.module.running_mean.tolist() == pytest.approx([10 * expected] * 2)
