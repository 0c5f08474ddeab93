"""Training loop: epochs of optimizer steps, validation, early stopping and hooks."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from glassnet.config import TrainingConfig
from glassnet.contract import Learner
from glassnet.data.batches import Batches
from glassnet.errors import TrainingError
from glassnet.training.hooks import Hook
from glassnet.training.metrics import RunningMeans
from glassnet.training.state import TrainingState

Row = dict[str, float]
"""One epoch's line of metrics.csv."""


@dataclass(eq=False)
class Trainer:
    """Trains a network from wherever its state stands.

    Attributes:
        fabric: device, precision and processes.
        learner, config: the loss of a batch, and its configuration.
        network: `state.network` as Fabric runs it.
        state: updated in place; complete whenever a hook is called.
        batches: the training split.
        hooks: called in this order.
    """

    fabric: Fabric
    learner: Learner
    config: TrainingConfig
    network: nn.Module
    state: TrainingState
    batches: Batches
    hooks: Sequence[Hook] = ()

    def fit(self, valid: Batches) -> None:
        """Train until the epochs are done or patience runs out.

        Raises:
            TrainingError: the loss is NaN or infinite; saved checkpoints stay as they are.
        """
        try:
            for hook in self.hooks:
                hook.before_training(self.state)
            while self.state.epoch < self.config.epochs and not self.state.finished:
                self._train_and_validate(valid)
        finally:
            for hook in self.hooks:
                hook.after_training(self.state)

    def _train_and_validate(self, valid: Batches) -> None:
        state, config, learner = self.state, self.config, self.learner
        row = self.train_epoch()
        row |= _prefixed("valid", evaluate(self.fabric, learner, config, state.evaluated, valid))
        state.epoch_outcomes = self._gather_outcomes()
        state.record_epoch(
            row[f"valid_{config.monitor}"], learner.metric(config.monitor).higher_is_better
        )
        out_of_patience = 0 < config.patience <= state.epoch - state.best_epoch
        state.finished = state.epoch == config.epochs or out_of_patience
        for hook in self.hooks:
            hook.after_epoch(state, row)

    def train_epoch(self) -> Row:
        """Train for one epoch, or the rest of it; the row lacks the validation metrics."""
        state = self.state
        self.network.train()
        for batch in self.batches.epoch(state.epoch, start=state.batch):
            self._step(batch)
            for hook in self.hooks:
                hook.after_step(state)
        row = {"epoch": state.epoch + 1, "step": state.step, "learning_rate": state.learning_rate}
        return row | _prefixed("train", _means(self.fabric, state.running))

    def _step(self, batch: tuple[Tensor, ...]) -> None:
        state, config = self.state, self.config
        epoch = state.epoch + state.batch / len(self.batches)
        result = self.learner.step(self.network, batch, config, epoch)
        _check_finite(result.loss, state)
        self.fabric.backward(result.loss)
        if config.clip_grad_norm:
            self.fabric.clip_gradients(
                self.network, state.optimizer, max_norm=config.clip_grad_norm
            )
        state.optimizer.step()
        state.optimizer.zero_grad()
        state.schedule.step()
        if state.average is not None:
            state.average.update_parameters(state.network)
        state.record_step(result)

    def _gather_outcomes(self) -> Tensor | None:
        """Outcomes of the epoch by position in the training split.

        None if a part of the epoch is missing: a checkpoint holds those of the first process alone.
        """
        outcomes, positions = self.state.outcomes, self.batches.positions(self.state.epoch)
        if sum(map(len, outcomes)) != len(positions):
            return None
        in_order = torch.cat(outcomes)
        by_position = in_order.new_zeros(self.batches.n_examples, in_order.shape[1])
        by_position[positions.to(in_order.device)] = in_order
        if self.fabric.world_size > 1:  # each process has its own part, and zeros elsewhere
            by_position = self.fabric.all_reduce(by_position, reduce_op="sum")
        return by_position


def evaluate(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    network: nn.Module,
    batches: Batches,
) -> dict[str, float]:
    """Mean loss and metrics in evaluation mode, in 32 bits."""
    network.eval()
    means = RunningMeans()
    with torch.inference_mode():
        for batch in batches.epoch(0):
            means.add(learner.step(network, batch, config, config.epochs))
    return _means(fabric, means)


def _means(fabric: Fabric, means: RunningMeans) -> dict[str, float]:
    """The means over the examples of all processes."""
    if fabric.world_size > 1:
        means.sums = {
            name: fabric.all_reduce(value, reduce_op="sum") for name, value in means.sums.items()
        }
        means.count = int(fabric.all_reduce(torch.tensor(means.count), reduce_op="sum"))
    return means.means()


def _prefixed(split: str, means: dict[str, float]) -> Row:
    return {f"{split}_{name}": value for name, value in means.items()}


def _check_finite(loss: Tensor, state: TrainingState) -> None:
    if not torch.isfinite(loss):
        raise TrainingError(
            f"the loss is {loss.item()} at batch {state.batch + 1} of epoch {state.epoch + 1}",
            "lower --learning-rate; the checkpoints saved before this batch are intact",
        )
