"""metrics.csv: a row of metrics per epoch, without times, so that equal runs give equal bytes."""

import csv
import hashlib
import io
from pathlib import Path

import numpy as np

from glassnet import atomic, formats
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


def append(path: Path, row: dict[str, float], epochs: int = 0, before: str = "") -> str:
    """Append a row; the keys of the first row become the header.

    The file is rewritten each time, so that it never ends in an incomplete line.

    Args:
        path: metrics.csv.
        row: column -> value.
        epochs, before: the number of rows that are there, and their SHA-256 if it is known.

    Returns:
        The SHA-256 of the file.

    Raises:
        RunError: a row that is there has changed.
    """
    if epochs:
        begin(path, epochs, before)
    cells = [str(value) if isinstance(value, int) else f"{value:.7g}" for value in row.values()]
    text = _text(list(row), [*_lines(path), cells])
    atomic.write(path, text)
    return sha256(text)


def begin(path: Path, epochs: int, expected: str = "") -> str:
    """The text of the first `epochs` rows, after comparing it with their SHA-256 if there is one.

    Without rows it is empty.

    Raises:
        RunError: a row is missing or has changed.
    """
    if not epochs:
        return ""
    try:
        # Other characters end a line for `splitlines`, and one of them is a bit from a newline.
        header, *rows = formats.read(path).decode("utf-8").removesuffix("\n").split("\n")
        if len(rows) < epochs:
            raise ValueError(f"it has {len(rows)} of {epochs} epochs")
        text = "".join(f"{line}\n" for line in [header, *rows[:epochs]])
        if expected and sha256(text) != expected:
            raise ValueError("it has changed since it was written")
    except (OSError, ValueError) as error:
        raise RunError(
            f"cannot be read ({error})", "restore it from a copy, or train again", path
        ) from None
    return text


def truncate(path: Path, epochs: int) -> None:
    """Remove the rows after the first `epochs`, from where training resumes.

    Raises:
        RunError: there are fewer rows.
    """
    if epochs:
        atomic.write(path, begin(path, epochs))
    else:
        path.unlink(missing_ok=True)


def read(path: Path, epochs: int | None = None, expected: str = "") -> dict[str, np.ndarray]:
    """Read the log: column name -> (epochs,) float64.

    Args:
        path: metrics.csv.
        epochs: the number of rows to read; None reads all.
        expected: the SHA-256 of the file with these rows, if it is known.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        text = (
            formats.read(path).decode("utf-8") if epochs is None else begin(path, epochs, expected)
        )
        rows = list(csv.DictReader(io.StringIO(text)))
        return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    except (OSError, ValueError, TypeError, IndexError, csv.Error) as error:
        raise RunError(
            f"cannot be read ({error or 'empty'})", "has the run finished one epoch?", path
        ) from None


def _lines(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    return [line.split(",") for line in path.read_text().removesuffix("\n").split("\n")[1:]]


def _text(header: list[str], rows: list[list[str]]) -> str:
    return "".join(",".join(line) + "\n" for line in [header, *rows])


def sha256(text: str) -> str:
    """The SHA-256 of the file's text."""
    return hashlib.sha256(text.encode()).hexdigest()
