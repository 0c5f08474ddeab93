"""steps.csv: the loss and the metrics within an epoch, for whoever watches the training.

It depends on the clock, so no result is computed from it and it has no checksum; a row that is not
complete is left out.
"""

import csv
import io
import math
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


def read(path: Path) -> list[dict[str, float]]:
    """The complete rows: column -> value; none if there is no such file, or it is damaged."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            text = stream.read(MAX_BYTES)
    except (OSError, ValueError):
        return []
    rows = []
    for fields in csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1])):
        try:
            row = {str(name): float(value) for name, value in fields.items()}
        except (TypeError, ValueError):
            continue
        if set(COLUMNS) <= set(row) and all(map(math.isfinite, row.values())):
            rows.append(row)
    return rows


def _row(row: dict[str, float]) -> str:
    return _line([f"{value:.6g}" if value % 1 else f"{value:.0f}" for value in row.values()])


def _line(values: Sequence[str]) -> str:
    return ",".join(values) + "\n"
