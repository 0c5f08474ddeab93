"""Answerers: what `predict` asks, a run's network, a saved one or an exported file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.inference.predictor import Predictor

ENDING = ".onnx"
"""What an exported network's name ends in."""


def find(name: str, runs: Path | None) -> Predictor:
    """Open a run by its path or its name, a model folder, or an exported network.

    The last of these needs no torch.

    Raises:
        RunError: there is no such run, or the model folder is damaged.
        UsageError: an estimator has saved the model folder.
        DataError: the file is missing or not an exported network.
    """
    if name.lower().endswith(ENDING):
        from glassnet.export.onnx_predictor import Exported

        return Exported(Path(name))
    from glassnet.api.trained_run import TrainedRun
    from glassnet.runs import model_folder
    from glassnet.runs.folder import find

    if model_folder.is_model(Path(name)):
        folder = model_folder.ModelFolder.open(Path(name))
        if "estimator" in folder.info:
            raise UsageError(
                f"{name}: an estimator's model, which takes arrays",
                "load it with gn.load in Python",
            )
        return TrainedRun(folder)
    return TrainedRun(find(name, runs))
