"""An estimator's parameters: the fields of its task's configuration, each None by default."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from glassnet import config, tasks

K = TypeVar("K", bound=type)

LEFT_OUT = frozenset(
    {
        "data",  # is given to fit
        "text_column",
        "label_column",
        "image_size",  # images come in the size that they have
        "colour",
        "seed",  # `random_state`
        "snapshots",  # nothing is written
        "tensorboard",
        "processes",  # scikit-learn has `n_jobs` for its own
        "conditional",  # a generator is fitted without classes
        "nll_samples",  # there is no test part to measure
        "nll_examples",
    }
)
"""Fields that have no meaning where arrays are given."""


def fields(task: str) -> tuple[str, ...]:
    """The fields of a task's configuration that are parameters of its estimator."""
    names = (field.name for field in dataclasses.fields(tasks.config_type(task)))
    return tuple(name for name in names if name not in LEFT_OUT)


def with_parameters(task: str) -> Callable[[K], K]:
    """Give an estimator a constructor that stores its own fields and those of the task.

    It is a dataclass's: `inspect.signature`, on which scikit-learn's `get_params` rests, names
    every parameter, and none of them is written down twice. So does the class's documentation.
    """

    def extend(kind: K) -> K:
        settings = tasks.config_type(task)
        docs = config.field_docs(settings)
        types = {field.name: field.type for field in dataclasses.fields(settings)}
        lines = [kind.__doc__ or "", f"{_PRESET_VALUES}\n"]
        for name in fields(task):
            kind.__annotations__[name] = f"{types[name]} | None"
            setattr(kind, name, None)
            lines.append(textwrap.indent(f"{name}: {docs[name]}", " " * 8))
        kind.__doc__ = "\n".join(lines)
        return dataclasses.dataclass(kw_only=True, eq=False, repr=False)(kind)  # type: ignore[return-value]

    return extend


_PRESET_VALUES = "    Parameters of the configuration; None takes the preset's value:"


def given(estimator: Any, task: str) -> dict[str, Any]:
    """The fields that the user has set, NumPy's numbers as Python's."""
    values = {name: getattr(estimator, name) for name in fields(task)}
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in values.items()
        if value is not None
    }
