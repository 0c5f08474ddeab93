"""Constructor parameters of estimators: the fields of the task's configuration, None by default."""

import dataclasses
import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from glassnet import config, tasks
from glassnet.data.options import OPTIONS

K = TypeVar("K", bound=type)

EXCLUDED = frozenset(
    {
        "data",  # the argument of fit
        *OPTIONS,  # they are for files
        "seed",  # scikit-learn has `random_state`
        "snapshots",  # there is no run folder
        "tensorboard",
        "processes",  # scikit-learn has `n_jobs`
        "conditional",  # a VAE is fitted without classes
        "nll_samples",  # there is no test set
        "nll_examples",
    }
)
"""Fields that do not apply to arrays in memory."""


def fields(task: str) -> tuple[str, ...]:
    """The fields of a task's configuration that are parameters of its estimator."""
    names = (field.name for field in dataclasses.fields(tasks.config_type(task)))
    return tuple(name for name in names if name not in EXCLUDED)


def with_parameters(task: str) -> Callable[[K], K]:
    """Decorate an estimator: its constructor stores its own fields and those of the task.

    The constructor is that of a dataclass, whose signature has every parameter; scikit-learn's
    `get_params` reads it. The fields' documentation is appended to the class's docstring.
    """

    def extend(cls: K) -> K:
        config_type = tasks.config_type(task)
        docs = config.field_docs(config_type)
        types: dict[str, Any] = {
            field.name: field.type for field in dataclasses.fields(config_type)
        }
        lines = [
            cls.__doc__ or "",
            "    Parameters of the configuration; None means the preset's value:\n",
        ]
        for name in fields(task):
            cls.__annotations__[name] = types[name] | None
            setattr(cls, name, None)
            lines.append(textwrap.indent(f"{name}: {docs[name]}", " " * 8))
        cls.__doc__ = "\n".join(lines)
        return dataclasses.dataclass(kw_only=True, eq=False, repr=False)(cls)  # type: ignore[return-value]

    return extend


def given(estimator: Any, task: str) -> dict[str, Any]:
    """The fields that the user has set, with NumPy scalars as Python numbers."""
    values = {name: getattr(estimator, name) for name in fields(task)}
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in values.items()
        if value is not None
    }
