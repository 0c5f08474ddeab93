"""Views: one file per thing that the report shows, from measures to findings."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glassnet.contract import View


def load(name: str) -> View:
    """The view of this name, as a task's `views` lists it.

    Args:
        name: `module.function` of this package, or `package.module.function` of another one, with
            a colon before the function: `mine.views:edges`.

    Example:
        >>> load("training_curves.training_curves").__name__
        'training_curves'
    """
    module, colon, function = name.rpartition(":")
    if not colon:
        module, _, function = f"{__name__}.{name}".rpartition(".")
    return getattr(import_module(module), function)
