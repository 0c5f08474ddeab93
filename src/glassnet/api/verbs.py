"""Training a run and resuming one, from Python and from the command line."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import torch

from glassnet import config, tasks
from glassnet.api import seeds as seeds_of_group
from glassnet.api.configuration import adapted
from glassnet.api.trained_group import TrainedGroup
from glassnet.api.trained_run import TrainedRun
from glassnet.contract import Splits
from glassnet.errors import UsageError
from glassnet.explain.live_layers import LiveLayers
from glassnet.export import tensorboard
from glassnet.runs import lock
from glassnet.runs.folder import Run, default_root
from glassnet.runs.group import Group
from glassnet.runs.names import check_name, default_name
from glassnet.training import into_run, processes, resumption, run_info
from glassnet.training.hooks import Hook
from glassnet.training.setup import n_threads, open_fabric
from glassnet.training.threads import threads_for

if TYPE_CHECKING:
    from lightning_fabric import Fabric


@overload
def train(task: str = "cnn", *, seeds: None = None, **options: Any) -> TrainedRun: ...
@overload
def train(task: str = "cnn", *, seeds: int | Sequence[int], **options: Any) -> TrainedGroup: ...
def train(
    task: str = "cnn",
    *,
    seeds: int | Sequence[int] | None = None,
    preset: str = "default",
    config_file: Path | str | None = None,
    runs: Path | str | None = None,
    name: str | None = None,
    evaluate: bool = True,
    hooks: Sequence[Hook] = (),
    live_layers: bool = False,
    **overrides: Any,
) -> TrainedRun | TrainedGroup:
    """Train a network and evaluate its best checkpoint once on the test set.

    Args:
        task: a network family, for example `cnn`.
        seeds: train a group of runs, one per seed: the seeds themselves, or their number n for the
            seeds 0 to n - 1. As many train side by side as there are cores, one thread each.
        preset: a named configuration of the task.
        config_file: a TOML file whose fields override the preset's.
        runs: the folder for the new run folder; the default is `runs`.
        name: the name of the run folder; the default is `cnn-mnist` for a `cnn` on `mnist`, then
            `cnn-mnist-2` and so on; for a group `cnn-mnist-seeds`.
        evaluate: whether to evaluate on the test set after training.
        hooks: called after steps and epochs, see `glassnet.training.hooks.Hook`.
        live_layers: whether to write what linear probes find in each layer, and a map of the last
            one, while it trains; in less than a tenth of the time.
        overrides: fields of the configuration, for example `data`, `seed`, `epochs`. Where nothing
            sets the epochs, few examples get more than the preset's.

    Returns:
        The run; the group where there are several seeds.

    Raises:
        UserError: a name or a value is invalid.
        FetchError: the data cannot be downloaded.
        TrainingError: the loss is not a number; of a group, the seeds that have failed, while the
            others are finished.
        Interrupted: Ctrl-C; the hint says how to resume.

    Example:
        >>> run = gn.train("cnn", data="mnist", preset="paper", seed=1)  # doctest: +SKIP
        >>> group = gn.train("cnn", data="mnist", seeds=5)  # doctest: +SKIP
    """
    file = Path(config_file) if config_file else None
    if seeds is not None:
        if hooks or live_layers:
            raise UsageError(
                "hooks cannot follow the processes of --seeds", "train each seed alone"
            )
        return seeds_of_group.train(
            task,
            seeds,
            preset=preset,
            config_file=file,
            runs=None if runs is None else Path(runs),
            name=name,
            evaluate=evaluate,
            overrides=overrides,
        )
    base = tasks.preset(task, preset)
    root = Path(runs or default_root())
    if name is not None and processes.is_first():  # which makes the folder
        check_name(name, root)
    chosen = config.resolve(base, file=file, overrides=overrides)
    with _open_fabric(chosen) as fabric:
        family, began = tasks.load(task), time.perf_counter()
        splits = family.load(chosen)
        seconds = {"data": round(time.perf_counter() - began, 2)}
        signature = family.signature(splits, chosen)
        chosen = adapted(family, base, chosen, len(splits.train), file, overrides)
        torch.set_num_threads(threads_for(family, chosen, splits, signature))
        path = ""
        if fabric.is_global_zero:
            info = run_info.describe_run(family, preset, base, chosen, splits, signature)
            named = name or default_name(task, splits.name)
            run = Run.create(root, named, info | {"seconds": seconds}, signature.vocabulary)
            path = str(run.path)
        trained = TrainedRun(Run.open(Path(fabric.broadcast(path))))
        trained.data.splits = splits
        hooks = _with_watchers(fabric, trained, splits, hooks, live_layers)
        with lock.hold(trained.path, lock.TRAIN) if path else nullcontext():
            into_run.fit(fabric, family, chosen, splits, signature, trained.run, hooks)
            return _finish(fabric, trained, evaluate)


@overload
def resume(
    run: Run,
    *,
    data: Path | str | None = ...,
    evaluate: bool = ...,
    hooks: Sequence[Hook] = ...,
    live_layers: bool = ...,
) -> TrainedRun: ...
@overload
def resume(run: Group, *, data: Path | str | None = ..., evaluate: bool = ...) -> TrainedGroup: ...
def resume(
    run: Run | Group,
    *,
    data: Path | str | None = None,
    evaluate: bool = True,
    hooks: Sequence[Hook] = (),
    live_layers: bool = False,
) -> TrainedRun | TrainedGroup:
    """Resume an interrupted training exactly from its last checkpoint.

    Args:
        run: the run folder, `gn.load(path).run`; of a group `gn.load(path).group`, whose unfinished
            seeds are trained.
        data: where its data are now, if they were moved.
        evaluate: whether to evaluate on the test set after training.
        hooks: as for `train`; they are not saved with the run.
        live_layers: as for `train`; it is not saved with the run.

    Raises:
        RunError: the data are gone or have changed, a checkpoint is damaged, or another process
            trains the run.
    """
    if isinstance(run, Group):
        return seeds_of_group.resume(run, data=data, evaluate=evaluate)
    first = processes.is_first()
    with lock.hold(run.path, lock.TRAIN) if first else nullcontext():
        run.reload()  # another process may have trained it until now
        return _resume(TrainedRun(run, data), evaluate, hooks, live_layers)


def _resume(
    trained: TrainedRun, evaluate: bool, hooks: Sequence[Hook], live_layers: bool
) -> TrainedRun:
    run, model = trained.run, trained.model
    chosen = resumption.settings_as_before(run.info, model.config)
    with _open_fabric(chosen) as fabric:
        if fabric.is_global_zero:
            resumption.log_differences(run.info, n_threads(chosen))
        splits = model.data.splits
        hooks = _with_watchers(fabric, trained, splits, hooks, live_layers)
        into_run.fit(fabric, model.task, chosen, splits, model.signature, run, hooks)
        return _finish(fabric, trained, evaluate)


def _open_fabric(chosen: config.TrainingConfig) -> AbstractContextManager[Fabric]:
    if chosen.tensorboard:
        tensorboard.check_installed()
    return open_fabric(chosen)


def _with_watchers(
    fabric: Fabric, trained: TrainedRun, splits: Splits, hooks: Sequence[Hook], live_layers: bool
) -> Sequence[Hook]:
    """Add the hooks that write TensorBoard's curves and follow the layers, if they are wanted."""
    if not fabric.is_global_zero:
        return hooks
    model, run, added = trained.model, trained.run, list[Hook]()
    if model.config.tensorboard:
        added.append(tensorboard.Curves(run))
    if live_layers:
        added.append(LiveLayers(run, model.task, model.config, model.signature, splits))
    return [*hooks, *added]


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
