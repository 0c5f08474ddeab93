"""Who judges made-up images: a classifier that was trained on the same data."""

from __future__ import annotations

from glassnet import tasks
from glassnet.contract import CLASSES
from glassnet.runs.folder import Run, all_runs


def find_reference_classifier(run: Run) -> Run | None:
    """The newest finished classifier on the same data, among the runs beside this one."""
    wanted = {key: run.info["data"][key] for key in ("fingerprint", "input_shape")}
    fit = [
        other
        for other in all_runs(run.path.parent)
        if other.name != run.name
        and other.info.get("status") == "finished"
        and wanted.items() <= other.info["data"].items()
        and is_classifier(other)
    ]
    return max(fit, key=lambda other: (other.info.get("started", ""), other.name), default=None)


def is_classifier(run: Run) -> bool:
    """Whether a run's network is a classifier."""
    return run.info["task"] in tasks.names() and CLASSES in tasks.load(run.info["task"]).outputs
