"""Training in memory, without a run folder: from scratch, or one epoch at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from torch import Tensor

from glassnet import seeding
from glassnet.config import TrainingConfig
from glassnet.contract import (
    Calibration,
    Family,
    LatentModel,
    Learner,
    Signature,
    Splits,
    Task,
)
from glassnet.errors import ConfigError, TrainingError
from glassnet.inference import predict, prior, temperature
from glassnet.training.hooks import Hook
from glassnet.training.loop import Row, Trainer, check_processes
from glassnet.training.state import TrainingState, match_memory_format

if TYPE_CHECKING:
    from lightning_fabric import Fabric

Weights = dict[str, Tensor]
Moments = dict[int, dict[str, Any]]
"""An optimizer's state of each weight, by the weight's number."""


@dataclass(eq=False)
class TrainingResult(Hook):
    """Result of a training; collects itself as a hook.

    Attributes:
        weights: of the best epoch by validation, on the CPU.
        rows: one row of metrics per epoch.
        best_epoch, best_value: that epoch, counted from 1, and its validation metric.
        calibration: of a classifier's probabilities.
    """

    weights: Weights = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    best_epoch: int = 0
    best_value: float | None = None
    calibration: Calibration = field(default_factory=Calibration)

    def after_epoch(self, state: TrainingState, row: Row) -> None:  # noqa: D102
        self.rows.append(row)
        if state.best_epoch == state.epoch:
            self.weights = _copy(state.evaluated.state_dict())
            self.best_epoch, self.best_value = state.best_epoch, state.best_value


def fit(
    fabric: Fabric,
    task: Task,
    config: Any,
    splits: Splits,
    signature: Signature,
    hooks: Sequence[Hook] = (),
    initial: Mapping[str, Tensor] | None = None,
) -> TrainingResult:
    """Train a task from scratch, including its pretraining.

    Args:
        hooks: called besides the one that collects the result.
        initial: weights of an earlier pretraining, in place of a new one.

    Raises:
        ConfigError: there are more processes than examples in a batch.
        TrainingError: the loss is NaN or infinite.
    """
    pretraining = None if initial is not None else task.pretraining(config, splits)
    if pretraining:
        learner, options, examples = pretraining.learner, pretraining.config, pretraining.splits
        check_processes(fabric, options, examples)
        initial = _fit(Trainer(fabric, learner, options, examples, signature)).weights
    check_processes(fabric, config, splits)
    result = _fit(Trainer(fabric, task, config, splits, signature), initial, hooks)
    network = predict.build_network(task, config, signature, result.weights, "the estimator")
    if task.family == Family.CLASSIFIER:
        result.calibration = temperature.calibrate(task, network, config, signature, splits.valid)
    else:
        prior.fit(task, cast("LatentModel", network), config, signature, splits)
        result.weights = _copy(network.state_dict())
    return result


def _fit(
    trainer: Trainer, initial: Mapping[str, Tensor] | None = None, hooks: Sequence[Hook] = ()
) -> TrainingResult:
    result = TrainingResult()
    trainer.hooks = [result, *hooks]
    trainer.start(initial)
    trainer.fit()
    if not result.weights:
        raise TrainingError(
            f"the validation {trainer.config.monitor} is NaN after every epoch",
            "lower the learning rate",
        )
    return result


@dataclass(frozen=True, eq=False)
class PartialFit:
    """State of an incremental training.

    Attributes:
        weights: on the CPU.
        moments: state of the optimizer; empty starts a new optimizer.
        epochs: number of epochs done.
    """

    weights: Weights
    moments: Moments
    epochs: int


def partial_fit(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    splits: Splits,
    signature: Signature,
    previous: PartialFit | None,
) -> tuple[PartialFit, Row]:
    """Train for one epoch on the training split, at a constant rate and without validation.

    Args:
        previous: the result of the previous call; None starts from the seed.

    Returns:
        The new state, and the epoch's metrics.

    Raises:
        TrainingError: the loss is NaN or infinite.
        ConfigError: the weights are of a network of another configuration.
    """
    config = replace(config, schedule="constant", ema_decay=0.0)
    trainer = Trainer(fabric, learner, config, splits, signature)
    if previous is None:
        trainer.start()
    else:
        _continue(trainer, previous)
    row, state = trainer.train_epoch(), trainer.state
    trainer.settle()
    moments = {
        number: _copy(values) for number, values in state.optimizer.state_dict()["state"].items()
    }
    return PartialFit(_copy(state.network.state_dict()), moments, state.epoch + 1), row


def _continue(trainer: Trainer, previous: PartialFit) -> None:
    try:
        trainer.network.load_state_dict(previous.weights)
    except RuntimeError:
        raise ConfigError(
            "the parameters define another network than the one that was trained",
            "restore the parameters, or fit from scratch",
        ) from None
    trainer.set_up()
    trainer.state.epoch = previous.epochs
    _load_moments(trainer.state, previous.moments)
    # Another seed in each epoch, so that noise does not repeat.
    seeding.seed_everything((trainer.config.seed + previous.epochs) % 2**63)


def _load_moments(state: TrainingState, moments: Moments) -> None:
    if moments:
        state.optimizer.load_state_dict({**state.optimizer.state_dict(), "state": moments})
        match_memory_format(state.optimizer)


def _copy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.detach().cpu().clone() if isinstance(value, Tensor) else value
        for name, value in values.items()
    }
