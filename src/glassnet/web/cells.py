"""Examples of one cell of a confusion matrix, from all test predictions of a run."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.errors import UsageError
from glassnet.runs.folder import Run

if TYPE_CHECKING:
    from glassnet.run_model import RunModel

MAX_EXAMPLES = 60
"""Examples of a cell that are sent, at most."""


def cell(run: Run, true: str, predicted: str) -> dict[str, Any]:
    """The test examples of a true and a predicted class, both by number from 0.

    Returns:
        `total`, how many there are, and `examples`: the first `MAX_EXAMPLES`, as a page has them.

    Raises:
        UsageError: there is no such class.
    """
    from glassnet.contract import CLASSES, Family
    from glassnet.drawing.screen import thumbnails
    from glassnet.inference.subsample import examples_at

    model = _model(run.path, run.best.stat().st_mtime_ns)
    if model.family != Family.CLASSIFIER:
        raise UsageError(f"{run.name} is no classifier", "choose the run of a classifier")
    row, column = (_number(value, len(model.class_names)) for value in (true, predicted))
    chosen = model.predictions[CLASSES].argmax(axis=1)
    positions = np.flatnonzero((model.data.test.labels == row) & (chosen == column))
    examples = examples_at(model.data, model, positions[:MAX_EXAMPLES])
    return {"total": len(positions), "examples": thumbnails.view(examples)}


@lru_cache(maxsize=2)
def _model(path: Path, changed: int) -> RunModel:
    """The data and the predictions of a run; `changed` is when its weights were written."""
    from glassnet.run_model import RunModel

    return RunModel(Run.open(path))


def _number(value: str, count: int) -> int:
    if not value.isdecimal() or int(value[:9]) >= count:
        raise UsageError(
            f"there is no class {value[:20]!r}", f"give a number from 0 to {count - 1}"
        )
    return int(value)
