"""Training in memory, without a run folder: from scratch, or one epoch at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lightning_fabric import Fabric
from torch import Tensor

from glassnet import seeding
from glassnet.config import TrainingConfig
from glassnet.contract import Learner, Signature, Split, Splits, Task
from glassnet.data.batches import Batches
from glassnet.errors import ConfigError, TrainingError
from glassnet.training.hooks import Hook
from glassnet.training.loop import Row
from glassnet.training.setup import (
    build_initialised,
    load_matching_weights,
    make_batches,
    make_trainer,
)
from glassnet.training.state import TrainingState, match_memory_format

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
    """

    weights: Weights = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    best_epoch: int = 0
    best_value: float | None = None

    def after_epoch(self, state: TrainingState, row: Row) -> None:  # noqa: D102
        self.rows.append(row)
        if state.best_epoch == state.epoch:
            self.weights = _copy(state.evaluated.state_dict())
            self.best_epoch, self.best_value = state.best_epoch, state.best_value


def train(
    fabric: Fabric,
    task: Task,
    config: Any,
    splits: Splits,
    signature: Signature,
    hooks: Sequence[Hook] = (),
) -> TrainingResult:
    """Train a task from scratch, including its pretraining.

    Raises:
        TrainingError: the loss is NaN or infinite.
    """
    initial: Weights = {}
    if pretraining := task.pretraining(config, splits):
        before = (pretraining.learner, pretraining.config, pretraining.splits)
        initial = train_learner(fabric, *before, signature).weights
    return train_learner(fabric, task, config, splits, signature, initial, hooks)


def train_learner(
    fabric: Fabric,
    learner: Learner,
    config: Any,
    splits: Splits,
    signature: Signature,
    initial: Mapping[str, Tensor] | None = None,
    hooks: Sequence[Hook] = (),
) -> TrainingResult:
    """Train a learner, initialised with the matching ones of some weights; raises as `train`."""
    batches, valid = make_batches(fabric, learner, config, splits, signature)
    network = build_initialised(fabric, learner, config, signature)
    learner.prepare(network, batches.tensors)
    load_matching_weights(network, initial or {})
    result = TrainingResult()
    make_trainer(fabric, learner, config, network, batches, [result, *hooks]).fit(valid)
    if not result.weights:
        raise TrainingError(
            f"the validation {config.monitor} is NaN after every epoch", "lower the learning rate"
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
    examples: Split,
    signature: Signature,
    previous: PartialFit | None,
) -> tuple[PartialFit, Row]:
    """Train for one epoch on some examples, at a constant rate and without validation.

    Args:
        previous: the result of the previous call; None starts from the seed.

    Returns:
        The new state, and the epoch's metrics.

    Raises:
        TrainingError: the loss is NaN or infinite.
        ConfigError: the weights are of a network of another configuration.
    """
    config = replace(config, schedule="constant", ema_decay=0.0)
    tensors = learner.tensors(examples, config, signature)
    batches = Batches(
        tensors, config.batch_size, config.seed, fabric.device, padding=learner.padding
    )
    network = build_initialised(fabric, learner, config, signature)
    if previous is None:
        learner.prepare(network, batches.tensors)
    else:
        try:
            network.load_state_dict(previous.weights)
        except RuntimeError:
            raise ConfigError(
                "the parameters define another network than the one that was trained",
                "restore the parameters, or fit from scratch",
            ) from None
    trainer = make_trainer(fabric, learner, config, network, batches)
    state = trainer.state
    if previous is not None:
        state.epoch = previous.epochs
        _load_moments(state, previous.moments)
        # Another seed in each epoch, so that noise does not repeat.
        seeding.seed_everything((config.seed + previous.epochs) % 2**63)
    row = trainer.train_epoch()
    moments = {
        number: _copy(values) for number, values in state.optimizer.state_dict()["state"].items()
    }
    return PartialFit(_copy(network.state_dict()), moments, state.epoch + 1), row


def _load_moments(state: TrainingState, moments: Moments) -> None:
    if moments:
        state.optimizer.load_state_dict({**state.optimizer.state_dict(), "state": moments})
        match_memory_format(state.optimizer)


def _copy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.detach().cpu().clone() if isinstance(value, Tensor) else value
        for name, value in values.items()
    }
