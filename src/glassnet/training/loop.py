"""The training loop."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from lightning_fabric import Fabric
from torch import nn

from glassnet.config import TrainingConfig
from glassnet.contract import Learner
from glassnet.data.batches import Batches
from glassnet.errors import TrainingError
from glassnet.training.hooks import Hook
from glassnet.training.metrics import RunningMeans
from glassnet.training.state import TrainingState


def fit(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    network: nn.Module,
    train: Batches,
    valid: Batches,
    state: TrainingState,
    hooks: Sequence[Hook],
) -> None:
    """Train until the epochs are done or patience is lost, from wherever `state` stands.

    Args:
        network: `state.network` as Fabric runs it (device, precision, processes).
        state: changed in place; whole at every call of a hook.

    Raises:
        TrainingError: the loss is not a number; the saved checkpoints are untouched.
    """
    while state.epoch < config.epochs and not state.finished:
        row = one_epoch(fabric, learner, config, network, train, state, hooks)
        row |= _named("valid", evaluate(fabric, learner, config, state.evaluated, valid))
        state.epoch_outcomes = _by_example(fabric, train, state)
        state.epoch_done(row[f"valid_{config.monitor}"], config.monitor in learner.maximise)
        state.finished = state.epoch == config.epochs or (
            0 < config.patience <= state.epoch - state.best_epoch
        )
        for hook in hooks:
            hook.after_epoch(state, row)


def one_epoch(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    network: nn.Module,
    train: Batches,
    state: TrainingState,
    hooks: Sequence[Hook],
) -> dict[str, float]:
    """The steps of one epoch, or what is left of it, and its row but for what validation adds."""
    optimizer, schedule, average = state.optimizer, state.schedule, state.average
    network.train()
    for batch in train.epoch(state.epoch, start=state.batch):
        result = learner.step(network, batch, config, state.epoch + state.batch / len(train))
        _check_finite(result.loss, state)
        fabric.backward(result.loss)
        if config.clip_grad_norm:
            fabric.clip_gradients(network, optimizer, max_norm=config.clip_grad_norm)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if average is not None:
            average.update_parameters(state.network)
        state.step_done(result)
        for hook in hooks:
            hook.after_step(state)
    row = {"epoch": state.epoch + 1, "step": state.step, "learning_rate": state.rate}
    return row | _named("train", _everywhere(fabric, state.running))


def evaluate(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    network: nn.Module,
    batches: Batches,
) -> dict[str, float]:
    """Means of loss and metrics over some batches, in 32 bits, with the network at rest."""
    network.eval()
    means = RunningMeans()
    with torch.inference_mode():
        for batch in batches.epoch(0):
            means.add(learner.step(network, batch, config, config.epochs))
    return _everywhere(fabric, means)


def _everywhere(fabric: Fabric, means: RunningMeans) -> dict[str, float]:
    """The means over the examples of all processes."""
    if fabric.world_size > 1:
        means.sums = {
            name: fabric.all_reduce(value, reduce_op="sum") for name, value in means.sums.items()
        }
        means.count = int(fabric.all_reduce(torch.tensor(means.count), reduce_op="sum"))
    return means.means()


def _by_example(fabric: Fabric, train: Batches, state: TrainingState) -> torch.Tensor | None:
    """What the epoch's steps said of each example, by its place in the training part.

    None where a part of the epoch is missing: a checkpoint of before this was noted, or of several
    processes, of which the first one's part alone is kept.
    """
    places = train.positions(state.epoch)
    if sum(map(len, state.outcomes)) != len(places):
        return None
    seen = torch.cat(state.outcomes)
    learned = seen.new_zeros(train.n_examples, seen.shape[1])
    learned[places.to(seen.device)] = seen
    if fabric.world_size > 1:  # every process has its share, and zeros elsewhere
        learned = fabric.all_reduce(learned, reduce_op="sum")
    return learned


def _named(part: str, means: dict[str, float]) -> dict[str, float]:
    return {f"{part}_{name}": value for name, value in means.items()}


def _check_finite(loss: torch.Tensor, state: TrainingState) -> None:
    if not torch.isfinite(loss):
        raise TrainingError(
            f"the loss is {loss.item()} at batch {state.batch + 1} of epoch {state.epoch + 1}",
            "lower --learning-rate; the checkpoints before this batch are kept",
        )
