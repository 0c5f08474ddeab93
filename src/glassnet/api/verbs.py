"""Training a run and resuming one, from Python and from the command line."""

import dataclasses
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.utilities.rank_zero import rank_zero_only

from glassnet import config, progress, tasks
from glassnet.api.trained_run import TrainedRun
from glassnet.export import tensorboard
from glassnet.runs import lock
from glassnet.runs.folder import Run, default_root
from glassnet.runs.names import check_name, default_name
from glassnet.training import into_run, resumption, run_info
from glassnet.training.hooks import Hook
from glassnet.training.setup import n_threads, open_fabric
from glassnet.training.threads import threads_for


def train(
    task: str = "cnn",
    *,
    preset: str = "default",
    config_file: Path | str | None = None,
    runs: Path | str | None = None,
    name: str | None = None,
    evaluate: bool = True,
    hooks: Sequence[Hook] = (),
    **overrides: Any,
) -> TrainedRun:
    """Train a network and evaluate its best checkpoint once on the test set.

    Args:
        task: a network family, for example `cnn`.
        preset: a named configuration of the task.
        config_file: a TOML file whose fields override the preset's.
        runs: the folder for the new run folder; the default is `runs`.
        name: the name of the run folder; the default is `cnn-mnist` for a `cnn` on `mnist`, then
            `cnn-mnist-2` and so on.
        evaluate: whether to evaluate on the test set after training.
        hooks: called after steps and epochs, see `glassnet.training.hooks.Hook`.
        overrides: fields of the configuration, for example `data`, `seed`, `epochs`. Where nothing
            sets the epochs, few examples get more than the preset's.

    Raises:
        UserError: a name or a value is invalid.
        FetchError: the data cannot be downloaded.
        TrainingError: the loss is not a number.
        Interrupted: Ctrl-C; the hint says how to resume.

    Example:
        >>> run = gn.train("cnn", data="mnist", preset="paper", seed=1)  # doctest: +SKIP
    """
    base = tasks.preset(task, preset)
    file = Path(config_file) if config_file else None
    root = Path(runs or default_root())
    if name is not None and rank_zero_only.rank == 0:  # which makes the folder
        check_name(name, root)
    chosen = config.resolve(base, file=file, overrides=overrides)
    with _open_fabric(chosen) as fabric:
        family, began = tasks.load(task), time.perf_counter()
        splits = family.load(chosen)
        seconds = {"data": round(time.perf_counter() - began, 2)}
        signature = family.signature(splits, chosen)
        if "epochs" not in overrides and (file is None or "epochs" not in config.read_toml(file)):
            chosen = _with_enough_epochs(chosen, len(splits.train))
        torch.set_num_threads(threads_for(family, chosen, splits, signature))
        path = ""
        if fabric.is_global_zero:
            info = run_info.describe_run(family, preset, base, chosen, splits, signature)
            named = name or default_name(task, splits.name)
            run = Run.create(root, named, info | {"seconds": seconds}, signature.vocabulary)
            path = str(run.path)
        trained = TrainedRun(Run.open(Path(fabric.broadcast(path))))
        trained.data.splits = splits
        hooks = _with_curves(fabric, trained, hooks)
        with lock.hold(trained.path, lock.TRAIN) if path else nullcontext():
            into_run.fit(fabric, family, chosen, splits, signature, trained.run, hooks)
            return _finish(fabric, trained, evaluate)


def _with_enough_epochs(chosen: config.TrainingConfig, n_examples: int) -> config.TrainingConfig:
    """The configuration with more epochs where the training set is small; a note says so."""
    steps = -(-n_examples // chosen.batch_size)
    epochs = config.epochs_for_few_steps(chosen.epochs, steps)
    if epochs > chosen.epochs:
        progress.log(
            f"{epochs} epochs instead of {chosen.epochs}, since {n_examples:,} examples are few: "
            f"{steps} {'step' if steps == 1 else 'steps'} per epoch; --epochs sets another number"
        )
    return dataclasses.replace(chosen, epochs=epochs)


def resume(
    run: Run,
    *,
    data: Path | str | None = None,
    evaluate: bool = True,
    hooks: Sequence[Hook] = (),
) -> TrainedRun:
    """Resume an interrupted training exactly from its last checkpoint.

    Args:
        run: the run folder, `gn.load(path).run`.
        data: where its data are now, if they were moved.
        evaluate: whether to evaluate on the test set after training.
        hooks: as for `train`; they are not saved with the run.

    Raises:
        RunError: the data are gone or have changed, a checkpoint is damaged, or another process
            trains the run.
    """
    first = rank_zero_only.rank == 0
    with lock.hold(run.path, lock.TRAIN) if first else nullcontext():
        run.reload()  # another process may have trained it until now
        return _resume(TrainedRun(run, data), evaluate, hooks)


def _resume(trained: TrainedRun, evaluate: bool, hooks: Sequence[Hook]) -> TrainedRun:
    run, model = trained.run, trained.model
    chosen = resumption.settings_as_before(run.info, model.config)
    with _open_fabric(chosen) as fabric:
        if fabric.is_global_zero:
            resumption.log_differences(run.info, n_threads(chosen))
        hooks, splits = _with_curves(fabric, trained, hooks), model.data.splits
        into_run.fit(fabric, model.task, chosen, splits, model.signature, run, hooks)
        return _finish(fabric, trained, evaluate)


def _open_fabric(chosen: config.TrainingConfig) -> AbstractContextManager[Fabric]:
    if chosen.tensorboard:
        tensorboard.check_installed()
    return open_fabric(chosen)


def _with_curves(fabric: Fabric, trained: TrainedRun, hooks: Sequence[Hook]) -> Sequence[Hook]:
    """Add the hook that writes TensorBoard's curves, where they are asked for."""
    if trained.model.config.tensorboard and fabric.is_global_zero:
        return [*hooks, tensorboard.Curves(trained.run)]
    return hooks


def _finish(fabric: Fabric, trained: TrainedRun, evaluate: bool) -> TrainedRun:
    """Evaluate the trained network in process 0; the others exit."""
    if not fabric.is_global_zero:
        raise SystemExit(0)
    if evaluate:
        trained.evaluate()
        _ = trained.ood_detector  # fitted and cached while the data are loaded
        if trained.model.config.tensorboard:
            tensorboard.write_projector(trained.model, trained.model.task.layers)
    return trained
