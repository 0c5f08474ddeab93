"""metrics.csv: a row of metrics per epoch, without times, so that equal runs give equal bytes."""

import csv
from pathlib import Path

import numpy as np

from glassnet import atomic
from glassnet.errors import RunError

SPLITS = ("train", "valid")
"""Splits whose metrics have a column each; other columns, such as `epoch`, have no split."""


def column(split: str, metric: str) -> str:
    """The column of a metric on a split.

    Example:
        >>> column("valid", "loss")
        'valid_loss'
    """
    return f"{split}_{metric}"


def split_and_metric(name: str) -> tuple[str, str] | None:
    """The split and the metric that a column has; None for a column without a split.

    Example:
        >>> split_and_metric("valid_loss"), split_and_metric("learning_rate")
        (('valid', 'loss'), None)
    """
    split, _, metric = name.partition("_")
    return (split, metric) if split in SPLITS else None


def append(path: Path, row: dict[str, float]) -> None:
    """Append a row; the keys of the first row become the header.

    The file is rewritten each time, so that it never ends in an incomplete line.
    """
    cells = [str(value) if isinstance(value, int) else f"{value:.7g}" for value in row.values()]
    _write(path, list(row), [*_lines(path), cells])


def truncate(path: Path, epochs: int) -> None:
    """Remove the rows after the first `epochs`, from where training resumes.

    Raises:
        RunError: the file is empty.
    """
    if path.exists():
        header, *rows = path.read_text().splitlines() or [""]
        if not header:
            raise RunError(f"{path}: empty", "restore it from a copy, or train again")
        _write(path, header.split(","), [row.split(",") for row in rows[:epochs]])


def read(path: Path) -> dict[str, np.ndarray]:
    """Column name -> (epochs,) float64.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        with path.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    except (OSError, ValueError, TypeError, IndexError) as error:
        raise RunError(
            f"{path}: cannot be read ({error or 'empty'})", "has the run finished one epoch?"
        ) from None


def _lines(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    return [line.split(",") for line in path.read_text().splitlines()[1:]]


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    atomic.write(path, "".join(",".join(line) + "\n" for line in [header, *rows]))
