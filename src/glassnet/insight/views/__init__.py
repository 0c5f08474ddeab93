"""Views: one file per thing that the report shows, from measures to findings."""

from importlib import import_module
from inspect import signature

from glassnet.contract import PARTS, View
from glassnet.errors import UsageError, suggest


def load(name: str) -> View:
    """The view of this name, as a task's `views` lists it.

    Args:
        name: `module` of this package, for a view that bears its file's name, or
            `module.function`; with a colon before the function, a view of another package:
            `mine.views:edges`.

    Raises:
        UsageError: a parameter of the view is none of `contract.PARTS`.

    Example:
        >>> load("training_curves").__name__
        'training_curves'
    """
    module, colon, function = name.rpartition(":")
    if not colon:
        file, _, function = name.partition(".")
        module, function = f"{__name__}.{file}", function or file
    view = getattr(import_module(module), function)
    for part in parts_of(view):
        if part not in PARTS:
            raise UsageError(f"the view {name}: a run has no part {part!r}", suggest(part, PARTS))
    return view


def parts_of(view: View) -> tuple[str, ...]:
    """The parts of a run that a view asks for: the names of its parameters without a default.

    Example:
        >>> parts_of(load("training_curves"))
        ('log', 'provenance')
    """
    parameters = signature(view).parameters.values()
    return tuple(each.name for each in parameters if each.default is each.empty)
