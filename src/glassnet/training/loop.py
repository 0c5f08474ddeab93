"""Training loop: epochs of optimizer steps, validation, early stopping and hooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from glassnet.config import TrainingConfig
from glassnet.contract import Learner, Signature, Split, Splits
from glassnet.data.batches import Batches
from glassnet.errors import ConfigError, TrainingError
from glassnet.runs.metrics_log import column
from glassnet.training import exchange, norm_statistics
from glassnet.training.hooks import Hook
from glassnet.training.metrics import RunningMeans
from glassnet.training.optim import make_average, make_optimizer, make_schedule
from glassnet.training.setup import build_initialised, load_matching_weights
from glassnet.training.state import TrainingState

if TYPE_CHECKING:
    from lightning_fabric import Fabric

VALID_BATCH_SIZE = 500
"""Minimum size of validation batches."""

Row = dict[str, float]
"""One epoch's line of metrics.csv."""


class Trainer:
    """Trains a learner on the training split: `start`, or `set_up` and a saved state, then `fit`.

    Args:
        fabric: device, precision and processes.
        learner: builds the network and gives the loss of a batch.
        config: the learner's configuration.
        splits: the data.
        signature: shape of inputs and outputs, and the vocabulary of texts.

    Attributes:
        batches: the training split.
        unlabelled: the examples without labels, if there are any; a step takes one batch of them.
        network: `state.network` as Fabric runs it.
        state: updated in place; complete whenever a hook is called.
        hooks: called in this order.
    """

    state: TrainingState

    def __init__(
        self,
        fabric: Fabric,
        learner: Learner,
        config: TrainingConfig,
        splits: Splits,
        signature: Signature,
    ) -> None:
        self.fabric, self.learner, self.config = fabric, learner, config
        self.splits, self.signature = splits, signature
        self.batches = self._batches(splits.train, config.batch_size, config.seed)
        self.unlabelled: Batches | None = None
        if splits.unlabelled is not None:
            self.unlabelled = self._batches(splits.unlabelled, config.batch_size, config.seed)
        self.network = build_initialised(fabric, learner, config, signature)
        self.hooks: Sequence[Hook] = ()

    def start(self, initial: Mapping[str, Tensor] | None = None) -> None:
        """Start from new weights, or from those of `initial` whose name and shape match."""
        unlabelled = () if self.unlabelled is None else self.unlabelled.tensors
        self.learner.prepare(self.network, self.batches.tensors, unlabelled)
        load_matching_weights(self.network, initial or {})
        self.set_up()

    def set_up(self) -> None:
        """Make optimizer, schedule and average for the network as it is."""
        network = self.network.to(self.fabric.device)
        optimizer = make_optimizer(self.config, network)
        self.network, _ = self.fabric.setup(network, optimizer)
        schedule = make_schedule(self.config, optimizer, self.config.epochs * len(self.batches))
        average = make_average(self.config, network)
        self.state = TrainingState(network, optimizer, schedule, average)

    def fit(self) -> None:
        """Train until the epochs are done or patience runs out.

        Raises:
            TrainingError: the loss is NaN or infinite; saved checkpoints stay as they are.
        """
        state, config = self.state, self.config
        size = max(config.batch_size, VALID_BATCH_SIZE)
        valid = self._batches(self.splits.valid, size, None)
        try:
            for hook in self.hooks:
                hook.before_training(state)
            while state.epoch < config.epochs and not state.finished:
                row = self.train_epoch()
                row |= self._validate(valid)
                state.epoch_outcomes = self._gather_outcomes()
                metric = self.learner.metric(config.monitor)
                state.record_epoch(row[column("valid", metric.name)], metric.higher_is_better)
                out_of_patience = 0 < config.patience <= state.epoch - state.best_epoch
                state.finished = state.epoch == config.epochs or out_of_patience
                for hook in self.hooks:
                    hook.after_epoch(state, row)
        finally:
            for hook in self.hooks:
                hook.after_training(state)

    def train_epoch(self) -> Row:
        """Train for one epoch, or the rest of it; the row lacks the validation metrics."""
        state, config = self.state, self.config
        self.network.train()
        if not state.batch:
            self.learner.start_epoch(
                state.network, state.evaluated, self.batches.tensors, config, state.epoch
            )
        unlabelled = iter(()) if self.unlabelled is None else self.unlabelled.endless(state.step)
        for batch in self.batches.epoch(state.epoch, start=state.batch):
            epoch = state.epoch + state.batch / len(self.batches)
            result = self.learner.step(self.network, batch, config, epoch)
            loss = result.loss
            if self.unlabelled is not None:
                examples = next(unlabelled)
                loss = loss + self.learner.unlabelled_loss(self.network, examples, config, epoch)
            _check_finite(exchange.agree(self.fabric, self.hooks, loss), state)
            self.fabric.backward(loss)
            if config.clip_grad_norm:
                self.fabric.clip_gradients(
                    self.network, state.optimizer, max_norm=config.clip_grad_norm
                )
            state.optimizer.step()
            state.optimizer.zero_grad()
            state.schedule.step()
            state.record_step(result)
            for hook in self.hooks:
                hook.after_step(state)
        row = {"epoch": state.epoch + 1, "step": state.step, "learning_rate": state.learning_rate}
        return row | _prefixed("train", _means(self.fabric, state.running))

    def settle(self) -> None:
        """After few steps, give batch normalisation the statistics of the current weights."""
        if self.config.epochs * len(self.batches) < norm_statistics.FEW_STEPS:
            norm_statistics.estimate(
                self.state.evaluated, self.learner, self.config, self.batches, self.state.epoch
            )

    def _validate(self, valid: Batches) -> Row:
        self.settle()
        network = self.state.evaluated
        exchange.share_buffers(self.fabric, network)
        return _prefixed("valid", evaluate(self.fabric, self.learner, self.config, network, valid))

    def _batches(self, split: Split, size: int, seed: int | None) -> Batches:
        return Batches(
            self.learner.tensors(split, self.config, self.signature),
            size,
            seed,
            self.fabric.device,
            rank=self.fabric.global_rank,
            world_size=self.fabric.world_size,
        )

    def _gather_outcomes(self) -> Tensor | None:
        """Outcomes of the epoch by position in the training split; None if steps have none."""
        outcomes, positions = self.state.outcomes, self.batches.positions(self.state.epoch)
        if not outcomes:
            return None
        in_order = torch.cat(outcomes)
        by_position = in_order.new_zeros(self.batches.n_examples, in_order.shape[1])
        by_position[positions.to(in_order.device)] = in_order
        if self.fabric.world_size > 1:  # each process has its own part, and zeros elsewhere
            by_position = self.fabric.all_reduce(by_position, reduce_op="sum")
        return by_position


def check_processes(fabric: Fabric, config: TrainingConfig, splits: Splits) -> None:
    """Check that each process has an example of every batch.

    Raises:
        ConfigError: there are more processes than examples in a batch.
    """
    size, processes, n = config.batch_size, fabric.world_size, len(splits.train)
    if size < processes or n < 2 * processes:
        raise ConfigError(
            f"{n} examples in batches of {size} cannot be shared by {processes} processes",
            "give a larger --batch-size or fewer --processes",
        )


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
    return {column(split, name): value for name, value in means.items()}


def _check_finite(loss: Tensor, state: TrainingState) -> None:
    if not torch.isfinite(loss):
        raise TrainingError(
            f"the loss is {loss.item()} at batch {state.batch + 1} of epoch {state.epoch + 1}",
            "lower --learning-rate; the checkpoints saved before this batch are intact",
        )
