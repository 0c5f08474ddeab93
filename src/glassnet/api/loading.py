"""Opening what was trained or saved: runs, model folders, estimators and ONNX files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.data import names
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.api.trained_group import TrainedGroup
    from glassnet.api.trained_run import TrainedRun
    from glassnet.runs.group import Group

ONNX = ".onnx"


def load(path: Path | str, runs: Path | None = None, *, data: Path | str | None = None) -> Any:
    """Open a run, a group of runs, a model folder, a saved estimator or an exported ONNX file.

    Args:
        path: a run folder or the name of a run under `runs`; a folder that `save` wrote; or a file
            that ends in `.onnx`, which is opened without torch.
        runs: the folder of the runs; the default is `GLASSNET_RUNS`, else `runs`.
        data: where the data of a run are now, if they were moved since it was trained.

    Returns:
        A `TrainedRun`; a `TrainedGroup` for a group of seeds; a `RunPredictor` for a model folder,
        which has neither the data nor the training log and therefore no `evaluate`, `explain`,
        `report` or `export`; the fitted estimator that was saved; or a `Predictor` for an ONNX
        file.

    Raises:
        RunError: there is no such run (the error suggests the nearest name), or a file is damaged.
        DataError: the ONNX file is missing or was not exported by glassnet.

    Example:
        >>> gn.load("runs/cnn-mnist").predict(images)  # doctest: +SKIP
        array([7, 2, 1])
    """
    if _is_onnx(path):
        from glassnet.export.onnx_predictor import OnnxPredictor

        return OnnxPredictor(Path(path))
    from glassnet.runs.group import search
    from glassnet.runs.model_folder import ModelFolder, is_model  # an ONNX file needs no msgspec

    if (group := search(str(path), runs)) is not None:
        return load_group(group, data)
    if not is_model(Path(path)):
        return load_run(path, runs, data)
    folder = ModelFolder.open(Path(path))
    if "estimator" in folder.info:
        from glassnet.estimators import loading

        return loading.load(folder)
    from glassnet.api.run_predictor import RunPredictor

    return RunPredictor(folder)


def load_one(path: Path | str, runs: Path | None = None) -> Any:
    """Open what `load` opens, except for a group, which has several networks.

    Raises:
        RunError: it is a group; the hint names one of its runs.
    """
    if not _is_onnx(path):  # which needs no msgspec
        from glassnet.runs.folder import find
        from glassnet.runs.group import search

        if search(str(path), runs):
            find(str(path), runs)  # says that it is a group
    return load(path, runs)


def load_run(
    path: Path | str, runs: Path | None = None, data: Path | str | None = None
) -> TrainedRun:
    """Open a run, where a model folder or an ONNX file would not do; arguments as for `load`.

    Raises:
        RunError: there is no such run (the error suggests the nearest name).
        UsageError: the path is a model folder or an ONNX file.
    """
    from glassnet.runs.folder import find
    from glassnet.runs.model_folder import is_model

    kind = "an ONNX file" if _is_onnx(path) else "a model folder" if is_model(Path(path)) else ""
    if kind:
        raise UsageError(
            f"{path}: {kind} contains neither the data nor the training log",
            "give the run it was saved from; glassnet predict works with this one, too",
        )
    run = find(str(path), runs)
    if data is not None:
        names.check_exists(str(data))
    from glassnet.api.trained_run import TrainedRun  # imports torch, for which no error waits

    return TrainedRun(run, data)


def load_run_or_group(
    path: Path | str, runs: Path | None = None, data: Path | str | None = None
) -> TrainedRun | TrainedGroup:
    """Open a run or a group; arguments as for `load`, errors as of `load_run`."""
    from glassnet.runs.group import search

    group = search(str(path), runs)
    return load_run(path, runs, data) if group is None else load_group(group, data)


def load_group(group: Group, data: Path | str | None = None) -> TrainedGroup:
    """The group as a Python object; `data` as for `load`."""
    if data is not None:
        names.check_exists(str(data))
    from glassnet.api.trained_group import TrainedGroup  # imports torch

    return TrainedGroup(group, data)


def _is_onnx(path: Path | str) -> bool:
    return str(path).lower().endswith(ONNX)
