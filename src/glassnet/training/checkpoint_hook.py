"""Hook that writes metrics, checkpoints, snapshots and training dynamics into a run folder."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from glassnet import atomic
from glassnet.config import TrainingConfig
from glassnet.runs import checkpoint, lock, metrics_log, training_dynamics
from glassnet.runs.folder import Run
from glassnet.training import exchange
from glassnet.training.hooks import JointHook
from glassnet.training.state import TrainingState

if TYPE_CHECKING:
    from lightning_fabric import Fabric


class CheckpointHook(JointHook):
    """Writes the files of a run; the first of the hooks, so that a stop finds them complete.

    Args:
        fabric: its first process has this hook, and the others have `SendPart`.
        run: the run folder.
        config: says which epochs' weights are saved, and how often the whole state is.
        outcomes: names of the columns of `StepResult.outcomes`.
    """

    def __init__(
        self, fabric: Fabric, run: Run, config: TrainingConfig, outcomes: Sequence[str] = ()
    ) -> None:
        self.fabric, self.run, self.outcomes = fabric, run, outcomes
        self.snapshots = snapshot_epochs(config)
        self.interval = 60 * config.checkpoint_every or math.inf

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        for folder in (self.run.last.parent, self.run.training_dynamics_file(0).parent):
            atomic.remove_partial(folder)
        atomic.remove_partial(self.run.path, self.run.metrics.name)
        if state.step and not state.batch:  # a kill may have come before this epoch's best weights
            self._save_best(state)  # before run.json names them
        self._restore_log(state)
        if not state.step:
            self._snapshot(state)
        self.saved = time.monotonic()

    @property
    def requested(self) -> bool:  # noqa: D102
        return time.monotonic() - self.saved >= self.interval

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        if self.is_due:
            self.save(state)

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        lock.check(self.run.resume_path, lock.TRAIN)
        rows_sha256 = metrics_log.append(self.run.metrics, row, *self.run.logged())
        self._snapshot(state)
        if state.epoch_outcomes is not None:
            path = self.run.training_dynamics_file(state.epoch)
            training_dynamics.write(path, state.epoch_outcomes, self.outcomes)
        self.save(state)
        self._save_best(state)
        self._update_info(state, rows_sha256)

    def save(self, state: TrainingState) -> None:
        """Save the whole state, from which training resumes; the one before is renamed.

        Raises:
            RunError: the run folder was moved, or another host has its lock.
        """
        lock.check(self.run.resume_path, lock.TRAIN)
        parts = exchange.gather(self.fabric, state.part())
        checkpoint.save(self.run.last, state.state_dict(parts), self.run.previous)
        self.saved = time.monotonic()

    def _save_best(self, state: TrainingState) -> None:
        if state.best_epoch == state.epoch:
            weights = {"network": state.evaluated.state_dict(), "epoch": state.epoch}
            checkpoint.save(self.run.best, weights | {"value": state.best_value})

    def _update_info(self, state: TrainingState, rows_sha256: str) -> None:
        best = {"epoch": state.best_epoch, "value": state.best_value}
        sums = {self.run.metrics.name: rows_sha256}
        self.run.update(epochs_done=state.epoch, best=best, sha256=sums)

    def _restore_log(self, state: TrainingState) -> None:
        """Check the rows of metrics.csv, and remove those after the epoch that training is in."""
        log, (epochs, sha256) = self.run.metrics, self.run.logged()
        if epochs:
            metrics_log.begin(log, epochs, sha256)
        if epochs != state.epoch:  # run.json first: readers trust the rows that it counts
            self._update_info(state, metrics_log.sha256(metrics_log.begin(log, state.epoch)))
        metrics_log.truncate(log, state.epoch)

    def _snapshot(self, state: TrainingState) -> None:
        if state.epoch in self.snapshots:
            weights = checkpoint.in_half_precision(state.evaluated.state_dict())
            saved = {"network": weights, "epoch": state.epoch}
            checkpoint.save(self.run.snapshot(state.epoch), saved)


class SendPart(JointHook):
    """Sends this process's part of the state to the first one, whenever that one saves it."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        if self.is_due:
            exchange.gather(self.fabric, state.part())

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        exchange.gather(self.fabric, state.part())


def snapshot_epochs(config: TrainingConfig) -> frozenset[int]:
    """The epochs whose weights are saved: `config.snapshots` of them, evenly spaced in log time.

    Example:
        >>> sorted(snapshot_epochs(TrainingConfig(epochs=100, snapshots=8)))
        [0, 1, 3, 6, 13, 26, 51, 100]
    """
    count, epochs = config.snapshots, config.epochs
    if count > epochs:
        return frozenset(range(epochs + 1))
    selected = {0} if count else set()
    for index in range(1, count):
        exact = (epochs + 1) ** (index / (count - 1)) - 1
        selected.add(max(round(exact), max(selected) + 1))
    return frozenset(selected)
