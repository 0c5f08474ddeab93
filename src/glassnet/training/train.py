"""Training into a run folder: pretraining, resuming, checkpoints, and the outcome in run.json."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lightning_fabric import Fabric

from glassnet import progress
from glassnet.config import TrainingConfig, as_dict
from glassnet.contract import Learner, Pretraining, Signature, Splits, Task
from glassnet.data.batches import Batches
from glassnet.errors import GlassnetError, Interrupted, RunError
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run
from glassnet.training.checkpoint_hook import CheckpointHook, snapshot_epochs
from glassnet.training.hooks import Hook, StopOnInterrupt, Stopped
from glassnet.training.loop import Trainer
from glassnet.training.progress_display import ProgressDisplay
from glassnet.training.setup import (
    build_initialised,
    load_matching_weights,
    make_batches,
    make_trainer,
)
from glassnet.training.state import TrainingState


def train(
    fabric: Fabric,
    task: Task,
    config: TrainingConfig,
    splits: Splits,
    signature: Signature,
    run: Run,
    hooks: Sequence[Hook] = (),
) -> None:
    """Train a task into a run, from the run's last checkpoint if there is one.

    Writes metrics.csv and checkpoints/ while training, and the outcome to run.json. The task's
    pretraining, if it has one, is a run in a folder of its own within the run's.

    Args:
        hooks: called besides those that save and show progress.

    Raises:
        Interrupted: Ctrl-C; everything is saved, and the hint says how to resume.
        TrainingError: the loss is NaN or infinite.
        RunError: a checkpoint is damaged.
    """
    initial = None
    if pretraining := task.pretraining(config, splits):
        initial = _pretrain(fabric, pretraining, signature, run, hooks)
    _train_learner(fabric, task, config, splits, signature, run, hooks, initial)


def _pretrain(
    fabric: Fabric, pretraining: Pretraining, signature: Signature, run: Run, hooks: Sequence[Hook]
) -> Path:
    """Pretrain, unless that is done, and give the best checkpoint."""
    if fabric.is_global_zero and not run.pretraining.info:
        config = as_dict(pretraining.config)
        run.pretraining.update(task=run.info["task"], status="started", config=config)
    fabric.barrier()
    if run.pretraining.info["status"] != "trained":
        progress.log(f"pretraining {pretraining.title}")
        _train_learner(
            fabric,
            pretraining.learner,
            pretraining.config,
            pretraining.splits,
            signature,
            run.pretraining,
            hooks,
        )
    return run.pretraining.best


def _train_learner(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    splits: Splits,
    signature: Signature,
    run: Run,
    hooks: Sequence[Hook],
    initial: Path | None = None,
) -> None:
    """Train a learner into a run; `initial` is a checkpoint to copy matching weights from."""
    batches, valid = make_batches(fabric, learner, config, splits, signature)
    network = build_initialised(fabric, learner, config, signature)
    resuming = run.last.exists()
    if not resuming:
        learner.prepare(network, batches.tensors)
        if initial is not None:
            load_matching_weights(network, checkpoint.load(initial)["network"])
    trainer = make_trainer(fabric, learner, config, network, batches)
    if resuming:
        _resume(trainer.state, run, fabric.world_size)
    trainer.hooks = [*hooks, StopOnInterrupt()]
    if fabric.is_global_zero:
        display = ProgressDisplay(learner, config, len(batches), batches.n_examples)
        trainer.hooks = [CheckpointHook(run, snapshot_epochs(config)), *trainer.hooks, display]
    _fit(trainer, valid, run)


def _resume(state: TrainingState, run: Run, n_processes: int) -> None:
    saved = checkpoint.load(run.last)
    try:
        state.load_state_dict(saved)
    except (RuntimeError, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise RunError(
            f"{run.last}: does not fit the network of run.json ({reason})",
            "restore both from the same run",
        ) from None
    if n_processes > 1:
        state.outcomes = []  # a checkpoint has those of the first process alone


def _fit(trainer: Trainer, valid: Batches, run: Run) -> None:
    """Fit, and write how it ended to run.json; only the first process writes."""
    state, timer, writes = trainer.state, _Timer(run), trainer.fabric.is_global_zero
    if writes:
        run.update(status="training")
    try:
        trainer.fit(valid)
    except Stopped:
        if not writes:
            raise SystemExit(130) from None
        checkpoint.save(run.last, state.state_dict())
        run.update(status="interrupted", seconds=timer.seconds())
        raise Interrupted(
            f"stopped in epoch {state.epoch + 1}, after {state.step} steps; all of it is saved",
            f"resume with: glassnet train --resume {run.resume_path}",
        ) from None
    except (GlassnetError, KeyboardInterrupt):
        if writes:
            run.update(status="failed", seconds=timer.seconds())
        raise
    if writes:
        run.update(status="trained", seconds=timer.seconds())


@dataclass
class _Timer:
    """Seconds of training, including earlier sessions of the run."""

    run: Run

    def __post_init__(self) -> None:
        self.start = time.perf_counter()
        self.earlier = dict(self.run.info.get("seconds", {}))

    def seconds(self) -> dict[str, float]:
        total = self.earlier.get("train", 0.0) + time.perf_counter() - self.start
        return self.earlier | {"train": round(total, 2)}
