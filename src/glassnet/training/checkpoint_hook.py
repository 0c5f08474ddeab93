"""Hook that writes metrics, checkpoints, snapshots and training dynamics into a run folder."""

from collections.abc import Sequence

from glassnet.config import TrainingConfig
from glassnet.runs import checkpoint, lock, metrics_log, training_dynamics
from glassnet.runs.folder import Run
from glassnet.training.hooks import Hook
from glassnet.training.state import TrainingState


class CheckpointHook(Hook):
    """Writes the files of a run; the first of the hooks, so that a stop finds them complete."""

    def __init__(self, run: Run, snapshots: frozenset[int], outcomes: Sequence[str] = ()) -> None:
        self.run, self.snapshots, self.outcomes = run, snapshots, outcomes

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        self._restore_log(state)
        if not state.step:
            self._snapshot(state)

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        lock.check(self.run.resume_path, lock.TRAIN)
        rows_sha256 = metrics_log.append(self.run.metrics, row, *self.run.logged())
        if state.best_epoch == state.epoch:
            weights = {"network": state.evaluated.state_dict(), "epoch": state.epoch}
            checkpoint.save(self.run.best, weights | {"value": state.best_value})
        self._snapshot(state)
        if state.epoch_outcomes is not None:
            path = self.run.training_dynamics_file(state.epoch)
            training_dynamics.write(path, state.epoch_outcomes, self.outcomes)
        checkpoint.save(self.run.last, state.state_dict())
        self.run.update(
            epochs_done=state.epoch,
            best={"epoch": state.best_epoch, "value": state.best_value},
            sha256={self.run.metrics.name: rows_sha256},
        )

    def _restore_log(self, state: TrainingState) -> None:
        """Check the rows of metrics.csv, and remove those after the epoch that training is in."""
        log, (epochs, sha256) = self.run.metrics, self.run.logged()
        if epochs:
            metrics_log.begin(log, epochs, sha256)
        if epochs > state.epoch:  # run.json first: readers trust the rows that it counts
            best = {"epoch": state.best_epoch, "value": state.best_value}
            rows_sha256 = metrics_log.sha256(metrics_log.begin(log, state.epoch))
            changes = {"epochs_done": state.epoch, "best": best}
            self.run.update(**changes, sha256={log.name: rows_sha256})
        metrics_log.truncate(log, state.epoch)

    def _snapshot(self, state: TrainingState) -> None:
        if state.epoch in self.snapshots:
            weights = {"network": state.evaluated.state_dict(), "epoch": state.epoch}
            checkpoint.save(self.run.snapshot(state.epoch), weights)


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
