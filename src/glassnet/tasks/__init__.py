"""Tasks: one folder per network family, with bases for images, texts and classifiers.

A folder has `presets.py` (`Config` and `PRESETS`, without torch) and `task.py` (`TASK`, a
`contract.Task`). Another package adds a family by an entry point in the group `glassnet.tasks`
whose name is the task's and whose value is such a package.
"""

import importlib
from importlib import metadata
from pathlib import Path

from glassnet.config import TrainingConfig
from glassnet.contract import Task
from glassnet.errors import UsageError, suggest


def names() -> list[str]:
    """Names of all tasks, including those of other packages."""
    return sorted(_packages())


def presets(task: str) -> dict[str, TrainingConfig]:
    """Presets of a task by name; imports no torch.

    Raises:
        UsageError: there is no such task; the nearest name is suggested.
    """
    return importlib.import_module(f"{_package(task)}.presets").PRESETS


def preset(task: str, name: str) -> TrainingConfig:
    """A preset of a task.

    Raises:
        UsageError: there is no such task or preset; the nearest name is suggested.
    """
    known = presets(task)
    if name not in known:
        raise UsageError(f"{task} has no preset {name!r}", suggest(name, known))
    return known[name]


def config_type(task: str) -> type[TrainingConfig]:
    """The `Config` of a task."""
    return importlib.import_module(f"{_package(task)}.presets").Config


def load(task: str) -> Task:
    """The task itself; imports torch."""
    return importlib.import_module(f"{_package(task)}.task").TASK


def _package(task: str) -> str:
    if task in (folders := _folders()):  # reading every package's entry points takes a while
        return folders[task]
    packages = _packages()
    if task not in packages:
        raise UsageError(f"there is no task {task!r}", suggest(task, packages))
    return packages[task]


def _packages() -> dict[str, str]:
    entry_points = {
        entry.name: entry.value for entry in metadata.entry_points(group="glassnet.tasks")
    }
    return entry_points | _folders()


def _folders() -> dict[str, str]:
    names = (path.parent.name for path in Path(__file__).parent.glob("*/task.py"))
    return {name: f"{__name__}.{name}" for name in names}
