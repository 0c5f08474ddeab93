"""The training loop on a network of two weights, where results can be computed by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from glassnet.config import TrainingConfig
from glassnet.contract import Learner, Metric, Signature, Split, Splits, StepResult
from glassnet.data.batches import Batches
from glassnet.errors import TrainingError
from glassnet.training.hooks import Hook
from glassnet.training.loop import Trainer, evaluate
from glassnet.training.metrics import RunningMeans
from glassnet.training.state import TrainingState


class Line(Learner):
    """Fits a line; the values of the validation metric `score` can be given."""

    metrics = (Metric("score", higher_is_better=True),)

    def __init__(self, scores: list[float] | None = None) -> None:
        self.scores = iter(scores or [])
        self.modes: list[bool] = []
        self.epochs: list[float] = []

    def build(self, config: Any, signature: Signature) -> nn.Module:
        return nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.0))

    def tensors(self, split: Split, config: Any, signature: Signature) -> tuple[Tensor, ...]:
        x = torch.from_numpy(split.inputs)
        return x, 3 * x + 1

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Any, epoch: float
    ) -> StepResult:
        x, y = batch
        self.epochs.append(epoch)
        self.modes.append(network.training)
        loss = (network(x) - y).square().mean()
        score = torch.tensor(next(self.scores, 0.0)) if not network.training else loss.detach()
        return StepResult(loss, {"score": score, "mean_x": x.mean()}, len(x))


class Log(Hook):
    """Logs each call, and the state at that moment."""

    def __init__(self, name: str, calls: list[tuple[Any, ...]]) -> None:
        self.name, self.calls = name, calls

    def after_step(self, state: TrainingState) -> None:
        self.calls.append((self.name, "step", state.epoch, state.batch, state.step))

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:
        self.calls.append((self.name, "epoch", state.epoch, state.batch, state.step))


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return Fabric(accelerator="cpu", devices=1)


def points(n: int) -> Split:
    x = np.linspace(-1, 1, n, dtype=np.float32)[:, None]
    return Split(x, np.zeros(n, np.int64), np.arange(n))


DATA = Splits("line", points(10), points(5), points(0), ("line",), "")


def trainer(fabric: Fabric, config: TrainingConfig, task: Line, hooks: list[Hook]) -> Trainer:
    made = Trainer(
        fabric, task, replace(config, batch_size=4, seed=0), DATA, Signature((1,), ("line",))
    )
    made.hooks = hooks
    made.start()
    return made


def run(
    fabric: Fabric, config: TrainingConfig, task: Line, hooks: list[Hook]
) -> tuple[TrainingState, list[dict[str, float]]]:
    rows: list[dict[str, float]] = []

    class Rows(Hook):
        def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:
            rows.append(row)

    training = trainer(fabric, config, task, [*hooks, Rows()])
    training.fit()
    return training.state, rows


def test_hooks_are_called_in_order_with_a_complete_state(fabric: Fabric) -> None:
    calls: list[tuple[Any, ...]] = []
    hooks: list[Hook] = [Log("a", calls), Log("b", calls)]
    run(fabric, TrainingConfig(epochs=2), Line(), hooks)
    moments = []
    for epoch in range(2):
        moments += [("step", epoch, batch, 3 * epoch + batch) for batch in (1, 2, 3)]
        moments += [("epoch", epoch + 1, 0, 3 * epoch + 3)]
    assert calls == [(name, *moment) for moment in moments for name in "ab"]


def test_a_row_has_the_epoch_and_the_metrics_of_both_splits(fabric: Fabric) -> None:
    _, rows = run(fabric, TrainingConfig(epochs=2, learning_rate=0.1), Line(), [])
    assert [row["epoch"] for row in rows] == [1, 2]
    assert [row["step"] for row in rows] == [3, 6]
    assert list(rows[0])[3:] == [
        f"{part}_{name}" for part in ("train", "valid") for name in ("loss", "score", "mean_x")
    ]
    assert rows[1]["valid_loss"] < rows[0]["valid_loss"]


def test_all_examples_have_equal_weight_in_means(fabric: Fabric) -> None:
    """Batches of 4, 3 and 3; the mean of x over all ten is 0."""
    _, rows = run(fabric, TrainingConfig(epochs=1), Line(), [])
    assert rows[0]["train_mean_x"] == pytest.approx(0, abs=1e-7)


def test_training_steps_are_in_training_mode_and_validation_is_not(fabric: Fabric) -> None:
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
        state = TrainingState(nn.Linear(1, 1), None, None, None)
        for value in (0.5, 0.1, 0.9, 0.9, 0.1):
            state.record_epoch(value, maximise)
        assert state.best_epoch == best, "the first of equal values"


def test_nan_is_never_the_best_value() -> None:
    state = TrainingState(nn.Linear(1, 1), None, None, None)
    for value in (float("nan"), 0.5, float("nan"), 0.4):
        state.record_epoch(value, maximise=False)
    assert (state.best_epoch, state.best_value) == (4, 0.4)


def test_a_finished_training_does_not_continue(fabric: Fabric) -> None:
    config = TrainingConfig(epochs=3)
    training = trainer(fabric, config, Line(), [])
    training.state.finished = True
    training.fit()
    assert training.state.step == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_of_nan_or_infinity_changes_no_weight(fabric: Fabric, value: float) -> None:
    class Poisoned(Line):
        def step(self, network: nn.Module, batch: Any, config: Any, epoch: float) -> StepResult:
            result = super().step(network, batch, config, epoch)
            if len(self.modes) == 2:
                return StepResult(result.loss * value, result.metrics, result.count)
            return result

    config = TrainingConfig(epochs=1, learning_rate=0.1)
    weights: list[Tensor] = []

    class Weights(Hook):
        def after_step(self, state: TrainingState) -> None:
            weights[:] = [parameter.clone() for parameter in state.network.parameters()]

    training = trainer(fabric, config, Poisoned(), [Weights()])
    with pytest.raises(TrainingError, match="at batch 2 of epoch 1"):
        training.fit()
    assert training.state.step == 1
    assert all(map(torch.equal, weights, training.state.network.parameters()))


def test_evaluation_changes_nothing_and_is_exact(fabric: Fabric) -> None:
    config = TrainingConfig()
    training = trainer(fabric, config, Line(), [])
    batches = Batches(training.batches.tensors, 3, seed=0)
    before = [parameter.clone() for parameter in training.state.network.parameters()]
    means = evaluate(fabric, training.learner, config, training.network, batches)
    x = torch.linspace(-1, 1, 10)[:, None].double()
    weight, bias = (parameter.double() for parameter in before)
    expected = (x * weight.squeeze() + bias - (3 * x + 1)).square().mean().item()
    assert means["loss"] == pytest.approx(expected, rel=1e-6)
    assert all(map(torch.equal, before, training.state.network.parameters()))


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
            saved = means.state_dict()
            means = RunningMeans()
            means.load_state_dict(saved)
    assert means.count == count
    assert means.means() == pytest.approx(
        {"loss": exact / count, "twice": 2 * exact / count}, 1e-13
    )


def test_saved_means_do_not_change_afterwards() -> None:
    means = RunningMeans()
    means.add(StepResult(torch.tensor(1.0), {}, 1))
    saved = means.state_dict()
    means.add(StepResult(torch.tensor(5.0), {}, 1))
    assert (float(saved["sums"]["loss"]), saved["count"]) == (1.0, 1)


def test_a_step_gets_the_number_of_epochs_done(fabric: Fabric) -> None:
    config = TrainingConfig(epochs=2)
    task = Line()
    trainer(fabric, config, task, []).fit()
    third = 1 / 3
    expected = [0, third, 2 * third, 2, 1, 1 + third, 1 + 2 * third, 2]
    assert task.epochs == pytest.approx(expected)
