"""The loop on a network of three numbers, where everything can be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from glassnet.config import TrainingConfig
from glassnet.contract import StepResult
from glassnet.data.batches import Batches
from glassnet.errors import TrainingError
from glassnet.training.hooks import Hook
from glassnet.training.loop import evaluate, fit
from glassnet.training.metrics import RunningMeans
from glassnet.training.optim import make_average, make_optimizer, make_schedule
from glassnet.training.state import TrainingState


class Line:
    """A task: fit a line; the validation metric `score` can be given in advance."""

    maximise = frozenset({"score"})

    def __init__(self, scores: list[float] | None = None) -> None:
        self.scores = iter(scores or [])
        self.modes: list[bool] = []
        self.epochs: list[float] = []

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Any, epoch: float
    ) -> StepResult:
        x, y = batch
        self.epochs.append(epoch)
        self.modes.append(network.training)
        loss = (network(x) - y).square().mean()
        score = torch.tensor(next(self.scores, 0.0)) if not network.training else loss.detach()
        return StepResult(loss, {"score": score, "mean_x": x.mean()}, len(x))


class Diary(Hook):
    """Writes down what it was told, and what the state was then."""

    def __init__(self, name: str, pages: list[tuple[Any, ...]]) -> None:
        self.name, self.pages = name, pages

    def after_step(self, state: TrainingState) -> None:
        self.pages.append((self.name, "step", state.epoch, state.batch, state.step))

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:
        self.pages.append((self.name, "epoch", state.epoch, state.batch, state.step))


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return Fabric(accelerator="cpu", devices=1)


def data(n: int = 10, size: int = 4) -> Batches:
    x = torch.linspace(-1, 1, n)[:, None]
    return Batches([x, 3 * x + 1], size, seed=0)


def start(fabric: Fabric, config: TrainingConfig) -> tuple[nn.Module, TrainingState]:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.0))
    optimizer = make_optimizer(config, network)
    wrapped, _ = fabric.setup(network, optimizer)
    schedule = make_schedule(config, optimizer, config.epochs * len(data()))
    return wrapped, TrainingState(network, optimizer, schedule, make_average(config, network))


def run(
    fabric: Fabric, config: TrainingConfig, task: Line, hooks: list[Hook]
) -> tuple[TrainingState, list[dict[str, float]]]:
    rows: list[dict[str, float]] = []

    class Rows(Hook):
        def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:
            rows.append(row)

    wrapped, state = start(fabric, config)
    fit(fabric, task, config, wrapped, data(), data(5, 5), state, [*hooks, Rows()])  # type: ignore[arg-type]
    return state, rows


def test_hooks_are_called_in_order_with_a_whole_state(fabric: Fabric) -> None:
    pages: list[tuple[Any, ...]] = []
    hooks: list[Hook] = [Diary("a", pages), Diary("b", pages)]
    run(fabric, TrainingConfig(epochs=2), Line(), hooks)
    moments = []
    for epoch in range(2):
        moments += [("step", epoch, batch, 3 * epoch + batch) for batch in (1, 2, 3)]
        moments += [("epoch", epoch + 1, 0, 3 * epoch + 3)]
    assert pages == [(name, *moment) for moment in moments for name in "ab"]


def test_a_row_has_the_epoch_and_both_parts(fabric: Fabric) -> None:
    _, rows = run(fabric, TrainingConfig(epochs=2, learning_rate=0.1), Line(), [])
    assert [row["epoch"] for row in rows] == [1, 2]
    assert [row["step"] for row in rows] == [3, 6]
    assert list(rows[0])[3:] == [
        f"{part}_{name}" for part in ("train", "valid") for name in ("loss", "score", "mean_x")
    ]
    assert rows[1]["valid_loss"] < rows[0]["valid_loss"]


def test_means_weigh_every_example_the_same(fabric: Fabric) -> None:
    """Batches of 4, 3 and 3; the mean of x over all ten is 0."""
    _, rows = run(fabric, TrainingConfig(epochs=1), Line(), [])
    assert rows[0]["train_mean_x"] == pytest.approx(0, abs=1e-7)


def test_it_learns_in_training_mode_and_judges_at_rest(fabric: Fabric) -> None:
    task = Line()
    run(fabric, TrainingConfig(epochs=2), task, [])
    assert task.modes == [True, True, True, False] * 2


def test_it_learns_the_line(fabric: Fabric) -> None:
    config = TrainingConfig(epochs=60, learning_rate=0.1, optimizer="adam")
    state, rows = run(fabric, config, Line(), [])
    weight, bias = (parameter.item() for parameter in state.network.parameters())
    assert weight == pytest.approx(3, abs=0.05)
    assert bias == pytest.approx(1, abs=0.05)
    assert rows[-1]["valid_loss"] < 0.01


def test_patience_counts_epochs_without_a_better_value(fabric: Fabric) -> None:
    config = TrainingConfig(epochs=20, monitor="score", patience=3)
    state, rows = run(fabric, config, Line([0.1, 0.5, 0.5, 0.4, 0.3, 0.9]), [])
    assert (state.best_epoch, len(rows), state.finished) == (2, 5, True)
    assert state.best_value == pytest.approx(0.5)


def test_no_patience_never_stops_early(fabric: Fabric) -> None:
    config = TrainingConfig(epochs=5, monitor="score")
    state, rows = run(fabric, config, Line([0.9, 0.1, 0.1, 0.1, 0.1]), [])
    assert (state.best_epoch, len(rows), state.finished) == (1, 5, True)


def test_less_loss_is_better_and_more_score_is_better() -> None:
    for maximise, best in ((False, 2), (True, 3)):
        state = TrainingState(nn.Linear(1, 1), None, None, None)  # type: ignore[arg-type]
        for value in (0.5, 0.1, 0.9, 0.9, 0.1):
            state.epoch_done(value, maximise)
        assert state.best_epoch == best, "the first of equals"


def test_a_value_that_is_no_number_never_leads() -> None:
    state = TrainingState(nn.Linear(1, 1), None, None, None)  # type: ignore[arg-type]
    for value in (float("nan"), 0.5, float("nan"), 0.4):
        state.epoch_done(value, maximise=False)
    assert (state.best_epoch, state.best_value) == (4, 0.4)


def test_what_is_finished_is_left_alone(fabric: Fabric) -> None:
    config = TrainingConfig(epochs=3)
    wrapped, state = start(fabric, config)
    state.finished = True
    fit(fabric, Line(), config, wrapped, data(), data(), state, [])  # type: ignore[arg-type]
    assert state.step == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_changes_no_weight(fabric: Fabric, value: float) -> None:
    class Poisoned(Line):
        def step(self, network: nn.Module, batch: Any, config: Any, epoch: float) -> StepResult:
            result = super().step(network, batch, config, epoch)
            if len(self.modes) == 2:
                return StepResult(result.loss * value, result.metrics, result.count)
            return result

    config = TrainingConfig(epochs=1, learning_rate=0.1)
    wrapped, state = start(fabric, config)
    weights: list[Tensor] = []

    class Keep(Hook):
        def after_step(self, state: TrainingState) -> None:
            weights[:] = [parameter.clone() for parameter in state.network.parameters()]

    task: Any = Poisoned()
    with pytest.raises(TrainingError, match="at batch 2 of epoch 1"):
        fit(fabric, task, config, wrapped, data(), data(), state, [Keep()])
    assert state.step == 1
    assert all(map(torch.equal, weights, state.network.parameters()))


def test_evaluation_changes_nothing_and_is_exact(fabric: Fabric) -> None:
    config = TrainingConfig()
    wrapped, state = start(fabric, config)
    before = [parameter.clone() for parameter in state.network.parameters()]
    task: Any = Line()
    means = evaluate(fabric, task, config, wrapped, data(10, 3))
    x = torch.linspace(-1, 1, 10)[:, None].double()
    weight, bias = (parameter.double() for parameter in before)
    expected = (x * weight.squeeze() + bias - (3 * x + 1)).square().mean().item()
    assert means["loss"] == pytest.approx(expected, rel=1e-6)
    assert all(map(torch.equal, before, state.network.parameters()))


def test_validation_sees_the_average(fabric: Fabric) -> None:
    config = TrainingConfig(epochs=1, learning_rate=0.5, ema_decay=0.9)
    state, rows = run(fabric, config, Line(), [])
    x = torch.linspace(-1, 1, 5)[:, None]
    loss = (state.evaluated(x) - (3 * x + 1)).square().mean().item()
    raw = (state.network(x) - (3 * x + 1)).square().mean().item()
    assert rows[0]["valid_loss"] == pytest.approx(loss, rel=1e-5)
    assert rows[0]["valid_loss"] != pytest.approx(raw, rel=1e-2)


def test_running_means_are_exact_and_can_be_saved() -> None:
    torch.manual_seed(0)
    values = (torch.rand(1000) * 1e-3 + 10).tolist()
    means, exact, count = RunningMeans(), 0.0, 0
    for n, value in enumerate(values, start=1):
        loss = torch.tensor(value, requires_grad=True)
        means.add(StepResult(loss, {"twice": 2 * loss.detach()}, n))
        exact += float(loss.detach().double()) * n
        count += n
        if n == 500:
            saved = means.state()
            means = RunningMeans()
            means.restore(saved)
    assert means.count == count
    assert means.means() == pytest.approx(
        {"loss": exact / count, "twice": 2 * exact / count}, 1e-13
    )


def test_saved_means_do_not_change_afterwards() -> None:
    means = RunningMeans()
    means.add(StepResult(torch.tensor(1.0), {}, 1))
    saved = means.state()
    means.add(StepResult(torch.tensor(5.0), {}, 1))
    assert (float(saved["sums"]["loss"]), saved["count"]) == (1.0, 1)


def test_a_step_is_told_how_far_training_is(fabric: Fabric) -> None:
    config = TrainingConfig(epochs=2)
    wrapped, state = start(fabric, config)
    task: Any = Line()
    fit(fabric, task, config, wrapped, data(), data(), state, [])
    third = 1 / 3
    expected = [0, third, 2 * third, 2, 2, 2, 1, 1 + third, 1 + 2 * third, 2, 2, 2]
    assert task.epochs == pytest.approx(expected)
