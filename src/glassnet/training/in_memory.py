"""Training that leaves no folder: what is learned stays in memory."""

from __future__ import annotations

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
from glassnet.training.loop import fit, one_epoch
from glassnet.training.state import TrainingState, lay_out_as_weights
from glassnet.training.train import assemble, batches, same_start, take_over

Weights = dict[str, Tensor]
Moments = dict[int, dict[str, Any]]
"""What an optimizer remembers of each weight, by the weight's number."""


@dataclass(eq=False)
class Learned(Hook):
    """What a training gave; as a hook it gathers it.

    Attributes:
        weights: of the epoch that validation chose, on the CPU.
        rows: a row of numbers per epoch.
        best_epoch, best_value: which epoch that is, counted from 1, and its validation value.
    """

    weights: Weights = field(default_factory=dict)
    rows: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = 0
    best_value: float | None = None

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        self.rows.append(row)
        if state.best_epoch == state.epoch:
            self.weights = _copied(state.evaluated.state_dict())
            self.best_epoch, self.best_value = state.best_epoch, state.best_value


def learn(
    fabric: Fabric,
    task: Task,
    config: Any,
    splits: Splits,
    signature: Signature,
    hooks: Sequence[Hook] = (),
) -> Learned:
    """Train a task from scratch, what it wants to be learned before included.

    Raises:
        TrainingError: the loss is not a number.
    """
    start: Weights = {}
    if stage := task.pretraining(config, splits):
        start = learn_from(
            fabric, stage.learner, stage.config, stage.splits, signature, {}, ()
        ).weights
    return learn_from(fabric, task, config, splits, signature, start, hooks)


def learn_from(
    fabric: Fabric,
    learner: Learner,
    config: Any,
    splits: Splits,
    signature: Signature,
    start: Weights,
    hooks: Sequence[Hook],
) -> Learned:
    """Train a learner from some weights, taken over by name and shape; raises as `learn`."""
    train_set, valid_set = batches(fabric, learner, config, splits, signature)
    network = same_start(fabric, learner, config, signature)
    learner.prepare(network, train_set.tensors)
    take_over(network, start)
    wrapped, state = assemble(fabric, config, network, len(train_set))
    learned = Learned()
    everyone = [learned, *hooks]
    for hook in everyone:
        hook.before_training(state)
    try:
        fit(fabric, learner, config, wrapped, train_set, valid_set, state, everyone)
    finally:
        for hook in everyone:
            hook.after_training(state)
    if not learned.weights:
        raise TrainingError(
            f"the validation {config.monitor} is not a number after any epoch",
            "lower the learning rate",
        )
    return learned


@dataclass(frozen=True, eq=False)
class Standing:
    """Where a training stands that goes on whenever there are examples.

    Attributes:
        weights: on the CPU.
        moments: what the optimizer remembers; empty makes it begin anew.
        epochs: how many are done.
    """

    weights: Weights
    moments: Moments
    epochs: int


def go_on(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    examples: Split,
    signature: Signature,
    standing: Standing | None,
) -> tuple[Standing, dict[str, float]]:
    """One epoch over some examples, at a constant rate and without validation.

    Args:
        standing: where the last one ended; None begins with weights from the seed.

    Returns:
        Where it stands now, and the epoch's row.

    Raises:
        TrainingError: the loss is not a number.
        ConfigError: the configuration makes another network than the weights are of.
    """
    config = replace(config, schedule="constant", ema_decay=0.0)
    tensors = learner.tensors(examples, config, signature)
    train_set = Batches(
        tensors, config.batch_size, config.seed, fabric.device, padding=learner.padding
    )
    network = same_start(fabric, learner, config, signature)
    if standing is None:
        learner.prepare(network, train_set.tensors)
    else:
        try:
            network.load_state_dict(standing.weights)
        except RuntimeError:
            raise ConfigError(
                "the parameters make another network than the one that was trained",
                "put them back, or begin anew",
            ) from None
    wrapped, state = assemble(fabric, config, network, len(train_set))
    if standing is not None:
        state.epoch = standing.epochs
        _remember(state, standing.moments)
        seeding.seed_everything((config.seed + standing.epochs) % 2**63)  # noise never repeats
    row = one_epoch(fabric, learner, config, wrapped, train_set, state, ())
    moments = {
        number: _copied(kept) for number, kept in state.optimizer.state_dict()["state"].items()
    }
    return Standing(_copied(network.state_dict()), moments, state.epoch + 1), row


def _remember(state: TrainingState, moments: Moments) -> None:
    if moments:
        state.optimizer.load_state_dict({**state.optimizer.state_dict(), "state": moments})
        lay_out_as_weights(state.optimizer)


def _copied(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.detach().cpu().clone() if isinstance(value, Tensor) else value
        for name, value in values.items()
    }
