"""A task's whole training: what it wants to be learned before, then the task itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lightning_fabric import Fabric

from glassnet import config, progress
from glassnet.contract import Pretraining, Signature, Splits, Task
from glassnet.runs.folder import Run
from glassnet.training import train as training
from glassnet.training.hooks import Hook


def train(
    fabric: Fabric,
    task: Task,
    chosen: config.TrainingConfig,
    splits: Splits,
    signature: Signature,
    run: Run,
    hooks: Sequence[Hook] = (),
) -> None:
    """Train a task into a run, from wherever the run stands; raises as `training.train.train`."""
    start = None
    if stage := task.pretraining(chosen, splits):
        start = _first(fabric, stage, signature, run, hooks)
    training.train(fabric, task, chosen, splits, signature, run, hooks, start)


def _first(
    fabric: Fabric, stage: Pretraining, signature: Signature, run: Run, hooks: Sequence[Hook]
) -> Path:
    """Train what comes before the task, unless that is done, and give its best checkpoint."""
    if fabric.is_global_zero and not run.pretraining.info:
        run.pretraining.update(
            task=run.info["task"], status="started", config=config.as_dict(stage.config)
        )
    fabric.barrier()
    if run.pretraining.info["status"] != "trained":
        progress.log(f"first {stage.title}")
        training.train(
            fabric, stage.learner, stage.config, stage.splits, signature, run.pretraining, hooks
        )
    return run.pretraining.best
