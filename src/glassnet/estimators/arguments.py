"""Arguments of `fit` and `predict` that are no arrays of examples and labels."""

import datetime
from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np
from scipy.sparse import issparse

from glassnet.errors import ArgumentError

ARRAY_LIKE = ("__array__", "__array_interface__", "__dataframe__", "__dlpack__", "columns", "dtype")
"""Attributes of the containers that NumPy, scikit-learn and data frames have."""

DATES = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)


def check_container(X: Any, estimator: str, what: str = "X") -> None:
    """Refuse data sets, loaders, iterators and mappings, which are no arrays.

    Args:
        X: an argument.
        estimator: the class that the user wrote.
        what: the argument's name.

    Raises:
        ArgumentError: it is none of a list, an array, a column and a data frame.
    """
    kind = type(X).__name__
    if X is None:
        raise ArgumentError(f"{estimator} needs {what}, which is None", "pass an array or a list")
    if isinstance(X, str | bytes | list | tuple | range) or issparse(X):
        return
    if any(hasattr(X, name) for name in ARRAY_LIKE):
        return
    if isinstance(X, Iterator):
        hint = f"make a list of it first: list({what})"
    elif isinstance(X, Mapping):
        hint = f"pass one of its values, such as {what}[{next(iter(X), 'name')!r}]"
    elif isinstance(X, Set):
        hint = "pass a list: a set has no order"
    elif hasattr(X, "__getitem__") or hasattr(X, "__iter__"):
        hint = "collect it first: X, y = zip(*dataset), then np.stack(X) and np.array(y)"
    else:
        hint = "pass an array or a list"
    raise ArgumentError(f"{estimator} takes arrays, but {what} is of type {kind}", hint)


def images_as_array(X: Any, estimator: str) -> np.ndarray:
    """Images or rows as one array; they are converted once.

    Raises:
        ArgumentError: two items have different shapes.
    """
    try:
        array = np.asarray(X)
    except ValueError:  # of several shapes
        _check_one_size(X, estimator)
        raise
    if array.dtype == object and array.ndim:
        _check_one_size(array, estimator)
    return array


def check_labels(y: Any, n: int, estimator: str) -> None:
    """Refuse labels that are no classes, one for each of n examples.

    Raises:
        ArgumentError: y is missing, a data set, of dates, of several types or columns, or of
            another length.
    """
    if y is None:
        raise ArgumentError(
            f"This {estimator} estimator requires y to be passed, but the target y is None.",
            "pass one class per example",
        )
    check_container(y, estimator, "y")
    labels = np.asarray(y, dtype=object) if isinstance(y, list | tuple) else np.asarray(y)
    values = labels.ravel()[:1000].tolist() if labels.dtype == object else []
    if labels.dtype.kind in "mM" or any(isinstance(value, DATES) for value in values):
        raise ArgumentError(
            f"{estimator} takes classes, but y has dates",
            "make classes of them, such as the year or the weekday as a string",
        )
    kinds = {
        "number" if isinstance(value, int | float | np.number) else type(value).__name__
        for value in values
        if value is not None
    }
    if len(kinds) > 1:
        raise ArgumentError(
            f"{estimator} takes classes of one type, but y has {' and '.join(sorted(kinds))}",
            "convert all of them: [str(label) for label in y]",
        )
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise ArgumentError(
            f"{estimator} takes one class per example: y should be a 1d array, got an array of "
            f"shape {labels.shape}",
            "pass y.argmax(axis=1) if it is one-hot",
        )
    if labels.ndim and len(labels) != n:
        raise ArgumentError(
            f"{estimator}: X and y have inconsistent numbers of samples, {n:,} and {len(labels):,}",
            "pass one class per example",
        )


def _check_one_size(items: Any, estimator: str) -> None:
    shapes = [_shape(item) for item in items]
    different = next((k for k, shape in enumerate(shapes) if shape != shapes[0]), None)
    if different is not None:
        raise ArgumentError(
            f"{estimator} takes images of one size, but X[0] has the shape {shapes[0]} and "
            f"X[{different}] {shapes[different]}",
            "resize them, for example with PIL.ImageOps.fit",
        )


def _shape(item: Any) -> tuple[int, ...]:
    if hasattr(item, "shape"):
        return tuple(item.shape)
    try:
        return np.shape(item)
    except ValueError:  # a list of rows of different lengths
        return (len(item), -1)
