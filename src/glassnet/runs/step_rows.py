"""steps.csv: the loss and the metrics within an epoch, for whoever watches the training.

It depends on the clock, so no result is computed from it and it has no checksum; a row that is not
complete is left out.
"""

import csv
import io
import math
import os
from collections.abc import Sequence
from pathlib import Path

COLUMNS = ("step", "epochs")
"""The first columns: steps done, and epochs done as a fraction."""

MAX_BYTES = 50_000_000


def encoded(rows: Sequence[dict[str, float]]) -> str:
    """The content of steps.csv; empty without rows.

    Example:
        >>> encoded([{"step": 1.0, "epochs": 0.5, "loss": 2.25}])
        'step,epochs,loss\\n1,0.5,2.25\\n'
    """
    return "".join(([_line(list(rows[0]))] if rows else []) + [_row(row) for row in rows])


def append(path: Path, row: dict[str, float]) -> None:
    """Append a row, with a header line if it is the first one."""
    with path.open("a", encoding="utf-8", newline="") as stream:
        stream.write(("" if stream.tell() else _line(list(row))) + _row(row))


class StepTail:
    """Reads what was appended to steps.csv since it was read last.

    Args:
        path: the file; it need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._names = path, list[str]()
        self._file, self._offset = 0, 0

    def read(self) -> tuple[list[dict[str, float]], bool]:
        """The complete rows that are new, column -> value; `MAX_BYTES` at most at a time.

        Returns:
            The rows, and whether they are all rows, because it is another file than before.
            Without a file, and of a damaged one, there are none.
        """
        try:
            with self._path.open("rb") as stream:
                status = os.fstat(stream.fileno())
                is_whole = status.st_ino != self._file or status.st_size < self._offset
                if is_whole:
                    self._file, self._offset, self._names = status.st_ino, 0, []
                stream.seek(self._offset)
                content = stream.read(MAX_BYTES)
        except OSError:
            return [], False
        content = content[: content.rfind(b"\n") + 1]
        self._offset += len(content)
        lines = list(csv.reader(io.StringIO(content.decode("utf-8", "replace"), newline="")))
        if not self._names and lines:
            self._names = lines.pop(0)
        rows = [row for fields in lines if (row := _parsed(self._names, fields))]
        return rows, is_whole


def read(path: Path) -> list[dict[str, float]]:
    """The complete rows: column -> value; none if there is no such file, or it is damaged."""
    rows, _ = StepTail(path).read()
    return rows


def thinned(rows: list[dict[str, float]], count: int) -> list[dict[str, float]]:
    """Every k-th row, so that `count` are left at most; the last one is among them.

    Example:
        >>> [row["step"] for row in thinned([{"step": k} for k in range(7)], 3)]
        [0, 3, 6]
    """
    step = max(1, -(-len(rows) // count))
    return rows[(len(rows) - 1) % step :: step]


def _parsed(names: Sequence[str], fields: Sequence[str]) -> dict[str, float]:
    """A row; empty if it is damaged."""
    try:
        row = {name: float(value) for name, value in zip(names, fields, strict=True)}
    except ValueError:
        return {}
    return row if set(COLUMNS) <= set(row) and all(map(math.isfinite, row.values())) else {}


def _row(row: dict[str, float]) -> str:
    return _line([f"{value:.6g}" if value % 1 else f"{value:.0f}" for value in row.values()])


def _line(values: Sequence[str]) -> str:
    return ",".join(values) + "\n"
