"""Training into a run folder: pretraining, resuming, checkpoints, and the outcome in run.json."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from glassnet import progress
from glassnet.config import TrainingConfig, as_dict
from glassnet.contract import Family, LatentModel, Learner, Signature, Splits, Task
from glassnet.errors import GlassnetError, Interrupted, ProcessError, RunError
from glassnet.inference import predict, prior, temperature
from glassnet.runs import checkpoint, lock
from glassnet.runs.folder import FORMAT, Run
from glassnet.training import exchange, processes
from glassnet.training.checkpoint_hook import CheckpointHook, SendPart, snapshot_epochs
from glassnet.training.hooks import Hook, StopOnInterrupt, Stopped
from glassnet.training.loop import Trainer, check_processes
from glassnet.training.notebook_display import NotebookDisplay
from glassnet.training.progress_display import ProgressDisplay
from glassnet.training.step_log import StepLog

if TYPE_CHECKING:
    from lightning_fabric import Fabric

MIN_LOGGED_BYTES = 20_000_000
"""Size of the checkpoints from which it is stated before the training."""


def fit(
    fabric: Fabric,
    task: Task,
    config: TrainingConfig,
    splits: Splits,
    signature: Signature,
    run: Run,
    hooks: Sequence[Hook] = (),
) -> None:
    """Train a task into a run, from the run's last checkpoint if there is one.

    Writes metrics.csv and checkpoints/ while training, and the outcome to run.json, with the
    temperature of a classifier. A generator's prior is added to its best weights. The task's
    pretraining, if it has one, is a run in a folder of its own within the run's.

    Args:
        hooks: called besides those that save and show progress.

    Raises:
        ConfigError: there are more processes than examples in a batch.
        Interrupted: Ctrl-C; everything is saved, and the hint says how to resume.
        TrainingError: the loss is NaN or infinite, or another process has ended.
        RunError: a checkpoint is damaged, another process trains the run, or its folder was moved.
    """
    with lock.hold(run.path, lock.TRAIN) if fabric.is_global_zero else nullcontext():
        for stage in _stages(fabric, task, config, splits, run):
            check_processes(fabric, stage.config, stage.splits)
            trainer = Trainer(fabric, stage.learner, stage.config, stage.splits, signature)
            if stage.run.last.exists() or stage.run.previous.exists():
                _resume(trainer, stage.run)
            else:
                trainer.start(checkpoint.load(stage.initial)["network"] if stage.initial else None)
                _log_size(trainer)
            trainer.hooks = _all_hooks(trainer, stage.run, hooks)
            with _recording_outcome(trainer, stage.run):
                trainer.fit()
                if stage.learner is task and fabric.is_global_zero and run.best.exists():
                    _complete(task, config, splits, signature, run)
                fabric.barrier()  # the next stage reads what the first process has written


def _complete(
    task: Task, config: TrainingConfig, splits: Splits, signature: Signature, run: Run
) -> None:
    """Fit what depends on the best weights: a classifier's temperature, a generator's prior."""
    best = checkpoint.load(run.best)
    network = predict.build_network(task, config, signature, best["network"], run.best)
    if task.family == Family.CLASSIFIER:
        fitted = temperature.calibrate(task, network, config, signature, splits.valid)
        run.update(calibration=asdict(fitted))
    else:
        prior.fit(task, cast("LatentModel", network), config, signature, splits)
        checkpoint.save(run.best, best | {"network": network.state_dict()})


def _log_size(trainer: Trainer) -> None:
    """State how much disk space the checkpoints will take, where it is much."""
    weights = checkpoint.expected_bytes(trainer.state.network.state_dict())
    n_snapshots = len(snapshot_epochs(trainer.config))
    # The whole state, twice: the weights, their average, and two moments of each of them.
    n_whole = 2 * (3 + (trainer.state.average is not None))
    total = weights * (n_snapshots / 2 + 1 + n_whole)  # snapshots have half the precision
    if total >= MIN_LOGGED_BYTES and trainer.fabric.is_global_zero:
        progress.log(
            f"the checkpoints will take about {total / 1e6:,.0f} MB: weights of {n_snapshots + 1} "
            "epochs, and the state to resume from; --snapshots 0 saves those of the best alone"
        )


@dataclass
class _Stage:
    """One training of a run; `initial` is a checkpoint to copy matching weights from."""

    learner: Learner
    config: TrainingConfig
    splits: Splits
    run: Run
    initial: Path | None = None


def _stages(
    fabric: Fabric, task: Task, config: TrainingConfig, splits: Splits, run: Run
) -> Iterator[_Stage]:
    """The task's pretraining, if it has one that is not done, and then the task itself."""
    pretraining = task.pretraining(config, splits)
    if pretraining is None:
        yield _Stage(task, config, splits, run)
        return
    if fabric.is_global_zero and not run.pretraining.info:
        options = as_dict(pretraining.config)
        run.pretraining.path.mkdir(exist_ok=True)
        run.pretraining.update(
            format=FORMAT, task=run.info["task"], status="started", config=options
        )
    fabric.barrier()
    if run.pretraining.info["status"] != "trained":
        progress.log(f"pretraining {pretraining.title}")
        yield _Stage(pretraining.learner, pretraining.config, pretraining.splits, run.pretraining)
    yield _Stage(task, config, splits, run, initial=run.pretraining.best)


def _all_hooks(trainer: Trainer, run: Run, hooks: Sequence[Hook]) -> list[Hook]:
    """Those that save come first and those that show progress last; only process 0 does so."""
    if not trainer.fabric.is_global_zero:
        return [SendPart(trainer.fabric), *hooks, StopOnInterrupt()]
    save = CheckpointHook(trainer.fabric, run, trainer.config, trainer.learner.outcomes)
    learner, config, batches = trainer.learner, trainer.config, trainer.batches
    sizes = len(batches), batches.n_examples
    show = (
        NotebookDisplay(learner, config, run, *sizes)
        if progress.in_notebook()
        else ProgressDisplay(learner, config, *sizes)
    )
    return [save, StepLog(run, len(batches)), *hooks, StopOnInterrupt(), show]


def _resume(trainer: Trainer, run: Run) -> None:
    saved = _load_last(trainer.fabric, run)
    trainer.set_up()
    try:
        fabric = trainer.fabric
        trainer.state.load_state_dict(saved, fabric.global_rank, fabric.world_size)
    except (RuntimeError, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise RunError(
            f"does not fit the network of run.json ({reason})",
            "restore both from the same run",
            run.last,
        ) from None


def _load_last(fabric: Fabric, run: Run) -> checkpoint.State:
    """The latest checkpoint, or the one before it where that is damaged; a line says so.

    Raises:
        RunError: both are damaged.
    """
    try:
        return checkpoint.load(run.last)
    except RunError as error:
        try:
            saved = checkpoint.load(run.previous)
        except RunError:
            raise error from None
        fabric.barrier()
        if fabric.is_global_zero:
            if run.last.exists():
                counters = saved["counters"]
                progress.log(
                    f"{error.message}; training resumes from the checkpoint before it: epoch "
                    f"{counters['epoch'] + 1}, after {counters['step']:,} steps"
                )
            run.previous.replace(run.last)  # the next checkpoint must not replace a whole one
        return saved


@contextmanager
def _recording_outcome(trainer: Trainer, run: Run) -> Iterator[None]:
    """Write to run.json that the training runs, and how it ended; only process 0 writes."""
    state, timer, writes = trainer.state, _Timer(run), trainer.fabric.is_global_zero
    if writes:
        run.update(status="training")
    try:
        yield
    except Stopped:
        parts = exchange.gather(trainer.fabric, state.part())
        if not writes:
            raise SystemExit(0) from None
        lock.check(run.resume_path, lock.TRAIN)
        checkpoint.save(run.last, state.state_dict(parts), run.previous)
        run.update(status="interrupted", seconds=timer.seconds())
        raise Interrupted(
            f"stopped in epoch {state.epoch + 1}, after {state.step} steps; all of it is saved",
            f"resume with: glassnet train --resume {run.resume_path}",
        ) from None
    except (GlassnetError, KeyboardInterrupt):
        if writes:
            with suppress(GlassnetError):  # the first error is the one to report
                run.update(status="failed", seconds=timer.seconds())
        raise
    except RuntimeError as error:
        if not processes.is_lost_connection(error):
            raise
        if writes:
            run.update(status="interrupted", seconds=timer.seconds())
        raise ProcessError(
            "another process of the training has ended",
            f"resume from the last checkpoint with: glassnet train --resume {run.resume_path}",
        ) from None
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
        return {"train": round(total, 2)}
