"""Answerers: what `predict` asks, a run's network or an exported file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glassnet.asking import Answerer

ENDING = ".onnx"
"""What an exported network's name ends in."""


def find(name: str, runs: Path | None) -> Answerer:
    """Open a run by its path or its name, or an exported network; the latter needs no torch.

    Raises:
        RunError: there is no such run.
        DataError: the file is missing or not an exported network.
    """
    if name.lower().endswith(ENDING):
        from glassnet.export.exported import Exported

        return Exported(Path(name))
    from glassnet.runs.folder import find
    from glassnet.trained import TrainedRun

    return TrainedRun(find(name, runs))
