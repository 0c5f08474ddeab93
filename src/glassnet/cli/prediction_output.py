"""Predictions as JSON and as CSV, on standard output or in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import atomic
from glassnet.cli.echo import echo, write_data
from glassnet.cli.predictions import Input, Prediction, counted
from glassnet.errors import UsageError
from glassnet.visible import as_json

if TYPE_CHECKING:
    from glassnet.data.tables import TableFormat

STDOUT = Path("-")

Write = Callable[[str], object]


def write_json(
    write: Write, batches: Iterable[list[Prediction]], value_key: str, *, numbered: bool = False
) -> None:
    """Write predictions as a JSON list.

    Args:
        write: writes text.
        batches: the predictions.
        value_key: the key of an input's text or path.
        numbered: give each object its number as `row`, from 1.
    """
    records = (_record(prediction, value_key) for batch in batches for prediction in batch)
    if numbered:
        records = ({"row": number} | record for number, record in enumerate(records, 1))
    write_list(write, records)


def write_list(write: Write, records: Iterable[dict[str, Any]]) -> None:
    """Write objects as a JSON list, one per line, as they are computed."""
    separator = "["
    for record in records:
        write(separator + as_json(record))
        separator = ",\n"
    write("[]\n" if separator == "[" else "]\n")


def write_rows(
    write: Write,
    table_format: TableFormat,
    batches: Iterable[list[Prediction]],
    top: int,
    *,
    cells: Callable[[Input], list[Any]] = lambda item: item.row or [],
    errors: bool = False,
) -> None:
    """Write a table's rows with the predictions in further columns, batch by batch.

    Args:
        write: writes text.
        table_format: the table.
        batches: the predictions, in the table's order.
        top: number of classes per prediction.
        cells: an input's cells; by default its row of the table.
        errors: add a column `error`.
    """
    names = [
        f"{name}{f'_rank_{rank + 1}' if rank else ''}"
        for rank in range(top)
        for name in ("class", "probability")
    ]
    names += ["ood_score", "out_of_distribution", *(["error"] if errors else [])]
    columns: list[str] = []
    for name in names:
        columns.append(unused_name(name, [*table_format.header, *columns]))
    write(table_format.format_header(columns))
    for batch in batches:
        rows = [cells(prediction.input) for prediction in batch]
        values = [_values(prediction, top, errors) for prediction in batch]
        write(table_format.format_rows(rows, columns, values))


@contextmanager
def writing(path: Path | None) -> Iterator[Write]:
    """Write text to stdout, or to a file that is complete or not written at all."""
    if path is None or path == STDOUT:
        yield write_data
        return
    if path.is_dir():
        raise UsageError(f"{path}: a folder, not a file", "give the name of a file")
    with atomic.replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        yield file.write


def print_file(path: Path | None, count: int, unit: str) -> None:
    """Print how many inputs a file has predictions for; nothing if they went to stdout."""
    if path is not None and path != STDOUT:
        echo(f"{counted(count, unit)} in {path}")


def unused_name(name: str, used: Sequence[str]) -> str:
    """The name, or the first of `name_2`, `name_3`, … that is not used yet."""
    candidate, number = name, 2
    while candidate in used:
        candidate, number = f"{name}_{number}", number + 1
    return candidate


def _record(prediction: Prediction, value_key: str) -> dict[str, Any]:
    source = {"file": prediction.input.source} if prediction.input.is_file else {}
    record: dict[str, Any] = source | {value_key: prediction.input.value}
    if prediction.error:
        return record | {"error": prediction.error}
    label, probability = next(iter(prediction.probabilities), (None, None))
    return record | {
        "class": label,
        "probability": probability,
        "probabilities": prediction.probabilities,
        "ood_score": prediction.ood_score,
        "out_of_distribution": prediction.out_of_distribution,
    }


def _values(prediction: Prediction, top: int, errors: bool) -> list[Any]:
    values: list[Any] = []
    for rank in range(top):
        values += prediction.probabilities[rank] if prediction.probabilities else (None, None)
    flag = prediction.out_of_distribution
    values += [prediction.ood_score, None if flag is None else int(flag)]
    return [*values, prediction.error] if errors else values
