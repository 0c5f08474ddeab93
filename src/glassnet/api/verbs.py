"""The verbs that give a run: train, resume, load. The command line and Python both come here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import config, tasks
from glassnet.api.trained_run import TrainedRun
from glassnet.contract import Splits
from glassnet.runs import model_folder
from glassnet.runs.folder import Run, default_root, find
from glassnet.training import run_info

if TYPE_CHECKING:
    from glassnet.training.hooks import Hook


def train(
    task: str = "cnn",
    *,
    preset: str = "default",
    config_file: Path | str | None = None,
    runs: Path | str | None = None,
    evaluate: bool = True,
    hooks: Sequence[Hook] = (),
    **overrides: Any,
) -> TrainedRun:
    """Train a network and evaluate its best checkpoint once on the test set.

    Args:
        task: a family of networks, as `cnn`.
        preset: a named configuration of it.
        config_file: TOML that is laid over the preset.
        runs: the folder that gets the run's folder; by default `runs`.
        evaluate: whether to read the test set when training is done.
        hooks: what else is to happen after steps and epochs, see `glassnet.training.hooks.Hook`.
        overrides: fields of the configuration, as `data`, `seed`, `epochs`.

    Raises:
        UserError: a name or a value that does not hold.
        FetchError: the data cannot be had.
        TrainingError: the loss is not a number.
        Interrupted: Ctrl-C; the hint says how to go on.

    Example:
        >>> run = gn.train("cnn", data="mnist", preset="paper", seed=1)  # doctest: +SKIP
    """
    base = tasks.preset(task, preset)
    chosen = config.resolve(
        base, file=Path(config_file) if config_file else None, overrides=overrides
    )
    if chosen.tensorboard:
        from glassnet.export import tensorboard

        tensorboard.check_installed()
    from glassnet.training.train import open_fabric

    fabric = open_fabric(chosen)
    splits, seconds = _timed_load(task, chosen)
    run = None
    if fabric.is_global_zero:
        root = Path(runs) if runs else default_root()
        family = tasks.load(task)
        signature = family.signature(splits, chosen)
        info = run_info.of(family, preset, base, chosen, splits, signature)
        info |= {"seconds": {"data": seconds}}
        run = Run.create(root, f"{task}-{Path(splits.name).name}", info)
        run.write_vocabulary(signature.vocabulary)
    path = fabric.broadcast(str(run.path) if run else "")
    run = run or Run.open(Path(path))
    return _train_and_evaluate(fabric, chosen, splits, run, evaluate, hooks)


def resume(run: Run, *, evaluate: bool = True, hooks: Sequence[Hook] = ()) -> TrainedRun:
    """Go on with an interrupted training, exactly from its last checkpoint.

    Args:
        run: the run's folder, as `gn.load(path).run` has it.
        evaluate: whether to read the test set when training is done.
        hooks: as for `train`; they are not part of what is saved.

    Raises:
        RunError: the data have changed, or a checkpoint is damaged.
    """
    from glassnet.training.train import open_fabric

    evidence = TrainedRun(run).evidence
    fabric = open_fabric(evidence.config)
    return _train_and_evaluate(fabric, evidence.config, evidence.splits, run, evaluate, hooks)


def load(path: Path | str) -> Any:
    """Open a run by its folder or its name under `runs`, or a model folder that was saved.

    Returns:
        A `TrainedRun`. Of a model folder it is one without data and log: it answers as before, but
        cannot be evaluated, explained or resumed. Of a folder that an estimator saved: the
        estimator, fitted.

    Raises:
        RunError: there is none, with the nearest name suggested, or its files are damaged.
    """
    if not model_folder.is_model(Path(path)):
        return TrainedRun(find(str(path)))
    folder = model_folder.ModelFolder.open(Path(path))
    if "estimator" not in folder.info:
        return TrainedRun(folder)
    from glassnet.estimators import loading

    return loading.load(folder)


def _train_and_evaluate(
    fabric: Any,
    chosen: config.TrainingConfig,
    splits: Splits,
    run: Run,
    evaluate: bool,
    hooks: Sequence[Hook],
) -> TrainedRun:
    from glassnet.export import tensorboard
    from glassnet.training.pretraining import train as train_stages

    trained = TrainedRun(run)
    trained.evidence.splits = splits
    task, signature = tasks.load(run.info["task"]), trained.evidence.signature
    if chosen.tensorboard and fabric.is_global_zero:
        tensorboard.check_installed()
        hooks = [*hooks, tensorboard.Curves(run)]
    train_stages(fabric, task, chosen, splits, signature, run, hooks)
    if not fabric.is_global_zero:
        raise SystemExit(0)  # the other processes have done their share
    if evaluate:
        trained.evaluate()
        _ = trained.ood_detector  # while the data are at hand
        if chosen.tensorboard:
            tensorboard.write_projector(trained.evidence, task.layers)
    return trained


def _timed_load(task: str, chosen: config.TrainingConfig) -> tuple[Splits, float]:
    began = time.perf_counter()
    splits = tasks.load(task).load(chosen)
    return splits, round(time.perf_counter() - began, 2)
