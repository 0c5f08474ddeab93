"""CSV, TSV and JSON Lines files: read as rows under named columns, and rows written back."""

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from glassnet.data import text_files
from glassnet.data.paths import printable
from glassnet.errors import DataError, suggest

JSON_LINES = frozenset({".jsonl", ".ndjson"})
EXTENSIONS = frozenset({".csv", ".tsv"}) | JSON_LINES
"""The file extensions of tables, in lower case."""

SAMPLE = 1000
"""Number of rows that are read to distinguish names from values, and columns from each other."""

Row = tuple[int, list[Any]]
"""The number of a row's first line, and its cells."""

IsHeader = Callable[[list[Row]], bool]
"""Decides by the first rows of a table whether the very first one names the columns."""


@dataclass(frozen=True, eq=False)
class TableFormat:
    """How a table is written: enough to read it row by row, and to write rows in its format.

    Attributes:
        path: the file.
        header: the names of the columns; `column 1` and so on where the file has none.
        delimiter: separates two cells; empty for JSON Lines.
        has_header: whether the file names its columns.
        quoted: whether quotes can enclose a cell, rather than stand for themselves.
        n_rows: number of rows, blank ones not counted.
        wide_row: the first row with more cells than columns; None where there is none.
        first_rows: up to `SAMPLE` rows.
    """

    path: Path
    header: tuple[str, ...]
    delimiter: str = ","
    has_header: bool = True
    quoted: bool = True
    n_rows: int = 0
    wide_row: Row | None = None
    first_rows: tuple[Row, ...] = ()

    def rows(self) -> Iterator[Row]:
        """The rows one after another, with the numbers of their first lines."""
        if not self.delimiter:
            for number, record in _json_records(self.path):
                yield number, [record.get(name) for name in self.header]
            return
        rows = _delimited_rows(self.path, self.delimiter, self.quoted)
        yield from itertools.islice(rows, int(self.has_header), None)

    def format_header(self, more: Sequence[str]) -> str:
        """The header line, extended by further names; empty for JSON Lines."""
        return self._written([[*self.header, *more]]) if self.delimiter else ""

    def format_rows(
        self, rows: Sequence[list[Any]], more: Sequence[str], values: Sequence[Sequence[Any]]
    ) -> str:
        """Rows as text, extended by further columns; floats are rounded to six digits.

        Args:
            rows: n rows as `rows` gives them.
            more: names of the further columns.
            values: their cells, for each of the n rows.

        Example:
            >>> table_format = TableFormat(Path("a.csv"), ("text",))
            >>> table_format.format_rows([["so, so"]], ["class"], [["good"]]).strip()
            '"so, so",good'
        """
        added = [
            [round(value, 6) if isinstance(value, float) else value for value in cells]
            for cells in values
        ]
        if not self.delimiter:
            names = (*self.header, *more)
            return "".join(
                json.dumps(dict(zip(names, (*row, *new), strict=True)), ensure_ascii=False) + "\n"
                for row, new in zip(rows, added, strict=True)
            )
        width = len(self.header)
        return self._written(
            [*row[:width], *[""] * (width - len(row)), *new]
            for row, new in zip(rows, added, strict=True)
        )

    def _written(self, rows: Iterable[Sequence[Any]]) -> str:
        stream = io.StringIO()
        csv.writer(stream, delimiter=self.delimiter, lineterminator="\n").writerows(rows)
        return stream.getvalue()


@dataclass(frozen=True, eq=False)
class Table:
    """Rows under named columns in the order of the file, without blank ones.

    Attributes:
        format: the file, and how it is written.
        rows: the cells of each row: text, or the values of JSON.
        lines: the number of each row's first line in the file, counted from 1.
    """

    format: TableFormat
    rows: list[list[Any]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def path(self) -> Path:
        """The file."""
        return self.format.path

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.format.header

    @cached_property
    def columns(self) -> list[list[str]]:
        """The cells of each column as texts without the spaces around them."""
        return [[cell_at(row, k) for row in self.rows] for k in range(len(self.header))]

    @property
    def wide_rows(self) -> set[int]:
        """Positions of the rows with more cells than columns."""
        width = len(self.header)
        return {k for k, row in enumerate(self.rows) if _is_wide(row, width)}

    def find(self, name: str) -> int:
        """The position of the column of this name.

        Raises:
            DataError: there is none; the nearest name is suggested.
        """
        names = [normalized(column) for column in self.header]
        if name in self.header:
            return self.header.index(name)
        if normalized(name) in names:
            return names.index(normalized(name))
        raise DataError(
            f"{self.path}: there is no column {printable(name)!r}", suggest(name, self.header)
        )


def read(path: Path, is_header: IsHeader) -> Table:
    """Read a whole table; arguments and errors are those of `detect_format`."""
    table_format = detect_format(path, is_header)
    return _table(table_format, table_format.rows())


def detect_format(path: Path, is_header: IsHeader) -> TableFormat:
    """Read a table once, row by row, to find out how it is written and that all of it can be read.

    The file extension decides: `.jsonl` and `.ndjson` are JSON Lines, `.tsv` has tabs, and all else
    is CSV with commas, semicolons or tabs.

    Args:
        path: the file, in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.
        is_header: decides whether the first row names the columns; not used for JSON Lines.

    Raises:
        DataError: it cannot be read, is not a table, or has no rows.
    """
    if path.suffix.lower() in JSON_LINES:
        table_format = _json_format(path)
    else:
        table_format = _delimited_format(path, is_header)
    if not table_format.n_rows:
        raise DataError(
            f"{path}: the table has no rows", "give a header line and a line for each example"
        )
    return table_format


def sample(table_format: TableFormat) -> Table:
    """The first rows of a table, which distinguish its columns."""
    return _table(table_format, table_format.first_rows)


def peek(path: Path, n: int) -> tuple[list[str], list[list[str]]]:
    """The first row and up to n further rows of a table as text, as far as they can be read.

    Of JSON Lines the first row is the names of the columns. Nothing further is read.
    """
    rows: list[list[Any]] = []
    try:
        if path.suffix.lower() in JSON_LINES:
            for _, record in itertools.islice(_json_records(path), n):
                rows = rows or [list(record)]
                rows.append(list(record.values()))
        else:
            for _, cells in itertools.islice(
                _delimited_rows(path, _delimiter(path), quoted=True), n + 1
            ):
                rows.append(cells)
    except DataError:  # whoever reads all of it reports what is wrong
        pass
    texts = [[cell_text(cell) for cell in row] for row in rows] or [[]]
    return texts[0], texts[1:]


def cell_at(row: Sequence[Any], position: int) -> str:
    """The cell of a row as text; empty where the row ends before it."""
    return cell_text(row[position]) if position < len(row) else ""


def normalized(name: str) -> str:
    """The name of a column without case, spaces, `_` and `-`, which do not matter.

    Example:
        >>> normalized(" Review_Text ")
        'reviewtext'
    """
    return re.sub(r"[\s_-]", "", name).casefold()


def cell_text(value: Any) -> str:
    """A cell as text without the spaces around it; None becomes an empty text.

    Example:
        >>> cell_text(" a "), cell_text(None), cell_text(True), cell_text(4)
        ('a', '', 'true', '4')
    """
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _table(table_format: TableFormat, rows: Iterable[Row]) -> Table:
    rows = list(rows)
    return Table(table_format, [cells for _, cells in rows], [number for number, _ in rows])


def _is_wide(cells: Sequence[Any], width: int) -> bool:
    return len(cells) > width and any(map(str.strip, cells[width:]))


def _delimited_format(path: Path, is_header: IsHeader) -> TableFormat:
    delimiter = _delimiter(path)
    quoted = True
    try:
        first, n, wide_row = _survey(_delimited_rows(path, delimiter, quoted))
    except DataError:
        if delimiter != "\t":
            raise
        quoted = False  # tables with tabs often contain quotes that enclose nothing
        first, n, wide_row = _survey(_delimited_rows(path, delimiter, quoted))
    has_header = bool(first) and is_header(first)
    width = len(first[0][1]) if first else 0
    names = [printable(cell.strip()) for cell in first[0][1]] if has_header else [""] * width
    return TableFormat(
        path=path,
        header=tuple(name or f"column {k}" for k, name in enumerate(names, 1)),
        delimiter=delimiter,
        has_header=has_header,
        quoted=quoted,
        n_rows=n - has_header,
        wide_row=wide_row,
        first_rows=tuple(first[has_header : SAMPLE + has_header]),
    )


def _survey(rows: Iterable[Row]) -> tuple[list[Row], int, Row | None]:
    """Go through all rows: the first ones, how many there are, and the first that is too wide."""
    first: list[Row] = []
    n, wide_row = 0, None
    for number, cells in rows:
        if n <= SAMPLE:
            first.append((number, cells))
        n += 1
        if wide_row is None and _is_wide(cells, len(first[0][1])):
            wide_row = (number, cells)
    return first, n, wide_row


def _delimited_rows(path: Path, delimiter: str, quoted: bool) -> Iterator[Row]:
    end = 0
    with text_files.open_text(path) as stream:
        reader = csv.reader(
            text_files.lines(stream, path),
            delimiter=delimiter,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            strict=True,
        )
        while True:
            try:
                with _long_fields():
                    cells = next(reader, None)
            except csv.Error as error:
                raise DataError(
                    f"{path}, line {end + 1}: not a row of a table ({error})",
                    "enclose each text in quotes, and double the quotes within it",
                ) from None
            if cells is None:
                return
            if any(map(str.strip, cells)):
                yield end + 1, cells
            end = reader.line_num


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let a cell hold a long text; the limit is global to the process, so it is restored."""
    limit = csv.field_size_limit(text_files.MAX_TEXT)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _delimiter(path: Path) -> str:
    with text_files.open_text(path) as stream:
        first = next((line for line in text_files.lines(stream, path) if line.strip()), "")
    if path.suffix.lower() == ".tsv":
        return "\t"
    return max(",;\t", key=re.sub(r'"[^"]*"', "", first).count)


def _json_format(path: Path) -> TableFormat:
    header: dict[str, None] = {}
    first: list[tuple[int, dict[str, Any]]] = []
    n = 0
    for number, record in _json_records(path):
        header.update(dict.fromkeys(record))
        n += 1
        if n <= SAMPLE:
            first.append((number, record))
    names = tuple(header)
    rows = tuple((number, [record.get(name) for name in names]) for number, record in first)
    return TableFormat(path, names, delimiter="", n_rows=n, first_rows=rows)


def _json_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with text_files.open_text(path) as stream:
        for number, line in enumerate(text_files.lines(stream, path), 1):
            if line.strip():
                yield number, _json_record(line, f"{path}, line {number}")


def _json_record(line: str, where: str) -> dict[str, Any]:
    hint = 'give one object per line, such as {"text": "...", "label": "..."}'
    if len(line) > 2 * text_files.MAX_TEXT:
        raise DataError(f"{where}: longer than {2 * text_files.MAX_TEXT:,} characters", hint)
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not JSON ({printable(str(error))})", hint) from None
    if not isinstance(record, dict):
        raise DataError(f"{where}: not a JSON object", hint)
    return record
