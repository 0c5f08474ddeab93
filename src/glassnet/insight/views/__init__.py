"""Views: one file per thing that the report shows, from measures to findings."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glassnet.contract import View


def load(name: str) -> View:
    """The view of this name, as a task's `views` lists it.

    Args:
        name: `module` of this package, for a view that bears its file's name, or
            `module.function`; with a colon before the function, a view of another package:
            `mine.views:edges`.

    Example:
        >>> load("training_curves").__name__
        'training_curves'
    """
    module, colon, function = name.rpartition(":")
    if not colon:
        file, _, function = name.partition(".")
        module, function = f"{__name__}.{file}", function or file
    return getattr(import_module(module), function)
