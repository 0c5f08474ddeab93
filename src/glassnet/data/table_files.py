"""CSV, TSV and JSON files read as tables: how each is written, its rows, and its bad rows."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from glassnet.data import delimited, encodings, json_records, text_files
from glassnet.data.delimited import QUOTES, Row
from glassnet.data.paths import printable
from glassnet.data.tables import (
    JSON,
    SAMPLE,
    Fault,
    Table,
    TableFormat,
    cell_text,
    cells_of,
    ignore_fault,
    is_wide,
    make_table,
)
from glassnet.data.text_files import TextFile
from glassnet.errors import DataError

WIDE = "more cells than columns"

IsHeader = Callable[[list[Row]], bool]
"""Decides by the first rows of a table whether the very first one names the columns."""


def read(path: Path, is_header: IsHeader, encoding: str | None = None) -> Table:
    """Read a whole table; arguments and errors are those of `detect_format`."""
    table_format, rows = _survey(path, is_header, encoding, n_first=None)
    return make_table(table_format, rows)


def detect_format(path: Path, is_header: IsHeader, encoding: str | None = None) -> TableFormat:
    """Read a table once, row by row, to find out how it is written and which rows are bad.

    The file extension decides: `.jsonl`, `.ndjson` and `.json` are JSON, `.tsv` has tabs, and all
    else is CSV with commas, semicolons, tabs or `|`.

    Args:
        path: the file.
        is_header: decides whether the first row names the columns; not used for JSON objects.
        encoding: the user's choice; None to recognise it.

    Raises:
        DataError: it cannot be read, is not a table, or has no rows.
        UsageError: there is no such encoding.
    """
    return _survey(path, is_header, encoding, n_first=SAMPLE)[0]


def peek(path: Path, n: int) -> tuple[list[str], list[list[str]]]:
    """The first row and up to n further rows of a table as text, as far as they can be read.

    Of JSON objects the first row is the names of the columns. Little more is read.
    """
    rows: list[list[Any]] = []
    try:
        file = TextFile(path, encodings.of_start(path))
        if path.suffix.lower() in JSON:
            form = json_records.find_form(file)
            records = json_records.read_records(file, form, ignore_fault)
            for _, record in itertools.islice(records, n):
                is_object = isinstance(record, dict)
                rows += [list(record)] if is_object and not rows else []
                rows.append(list(record.values()) if isinstance(record, dict) else record)
        else:
            delimiter = delimited.find_delimiter(file)
            quote = delimited.find_quote(file, delimiter)
            read = delimited.read_rows(file, delimiter, quote, ignore_fault)
            rows += [cells for _, cells in itertools.islice(read, n + 1)]
    except (DataError, OSError):  # whoever reads all of it reports what is wrong
        pass
    texts = [[cell_text(cell) for cell in row] for row in rows] or [[]]
    return texts[0], texts[1:]


def _survey(
    path: Path, is_header: IsHeader, encoding: str | None, n_first: int | None
) -> tuple[TableFormat, list[Row]]:
    """Read all rows once: how they are written, and the first ones, or all of them."""
    file = text_files.find_encoding(path, encoding)
    survey = _survey_json if path.suffix.lower() in JSON else _survey_delimited
    table_format, rows = survey(file, is_header, n_first)
    if not table_format.n_rows:
        if table_format.faults:
            number, reason = table_format.faults[0]
            raise DataError(
                f"no row can be read: {reason} in {table_format.location(number)}",
                "give a row, or an object of JSON, for each example",
                path,
            )
        raise DataError(
            "the table has no rows", "give a header line and a line for each example", path
        )
    return table_format, rows


def _survey_delimited(
    file: TextFile, is_header: IsHeader, n_first: int | None
) -> tuple[TableFormat, list[Row]]:
    delimiter = delimited.find_delimiter(file)
    quote = delimited.find_quote(file, delimiter)
    rows, n, faults, n_open = _collect(file, delimiter, quote, n_first)
    if any(reason == WIDE for _, reason in faults):
        other = _collect(file, delimiter, QUOTES[1], n_first)
        if len(other[2]) < len(faults):  # some cells are enclosed in apostrophes
            quote, (rows, n, faults, n_open) = QUOTES[1], other
    if n_open and n_open > delimited.count_enclosed(file, delimiter, quote):
        quote = ""  # the quotes enclose nothing
        rows, n, faults, _ = _collect(file, delimiter, quote, n_first)
    has_header = bool(rows) and is_header(rows)
    width = len(rows[0][1]) if rows else 0
    names = rows[0][1] if has_header else [""] * width
    rows = rows[has_header:]
    table_format = TableFormat(
        path=file.path,
        header=_header(names),
        delimiter=delimiter,
        has_header=has_header,
        quote=quote,
        file=file,
        n_rows=n - has_header,
        faults=tuple(faults),
        first_rows=tuple(rows[:SAMPLE]),
    )
    return table_format, rows


def _collect(
    file: TextFile, delimiter: str, quote: str, n_first: int | None
) -> tuple[list[Row], int, list[Fault], int]:
    """The first rows or all of them, how many there are, the bad ones, and bad ones by quotes."""
    rows: list[Row] = []
    faults: list[Fault] = []
    n, width = 0, 0
    read = delimited.read_rows(file, delimiter, quote, lambda *fault: faults.append(fault))
    for row in read:
        width = width or len(row[1])
        if len(row[1]) > width and is_wide(row[1], width):
            faults.append((row[0], WIDE))
            continue
        n += 1
        if n_first is None or n <= n_first + 1:
            rows.append(row)
    n_open = sum(reason in delimited.QUOTE_FAULTS for _, reason in faults)
    return rows, n, sorted(faults), n_open


def _survey_json(
    file: TextFile, is_header: IsHeader, n_first: int | None
) -> tuple[TableFormat, list[Row]]:
    form = json_records.find_form(file)
    names: dict[str, None] = {}
    records: list[json_records.Record] = []
    faults: list[Fault] = []
    n, objects = 0, True
    for number, record in json_records.read_records(
        file, form, lambda *fault: faults.append(fault)
    ):
        objects = isinstance(record, dict) if not n else objects
        if isinstance(record, dict) != objects:
            faults.append((number, "a list, not an object" if objects else "an object, not a list"))
            continue
        n += 1
        names.update(dict.fromkeys(record if isinstance(record, dict) else ()))
        if n_first is None or n <= n_first + 1:
            records.append((number, record))
    rows = [(number, cells_of(record, names)) for number, record in records]
    texts = [(number, [cell_text(cell) for cell in cells]) for number, cells in rows[: SAMPLE + 1]]
    has_header = objects or (bool(texts) and is_header(texts))
    skipped = int(has_header and not objects)
    header = tuple(names)
    if not objects:
        header = _header(texts[0][1] if has_header else [""] * len(texts[0][1]))
    table_format = TableFormat(
        path=file.path,
        header=header,
        delimiter="",
        has_header=has_header,
        file=file,
        form=form,
        objects=objects,
        n_rows=n - skipped,
        faults=tuple(sorted(faults)),
        first_rows=tuple(rows[skipped : SAMPLE + skipped]),
    )
    return table_format, rows[skipped:]


def _header(names: Sequence[str]) -> tuple[str, ...]:
    printed = [printable(name.strip()) for name in names]
    return tuple(name or f"column {k}" for k, name in enumerate(printed, 1))
