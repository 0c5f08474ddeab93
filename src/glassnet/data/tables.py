"""Tables: rows under named columns, and how they are written in a file."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from glassnet.data import delimited, json_records
from glassnet.data.delimited import Row
from glassnet.data.paths import printable
from glassnet.data.problems.problem import first_few
from glassnet.data.text_files import TextFile
from glassnet.errors import DataError, suggest

JSON = frozenset({".jsonl", ".ndjson", ".json"})
EXTENSIONS = frozenset({".csv", ".tsv"}) | JSON
"""The file extensions of tables, in lower case."""

SAMPLE = 1000
"""Number of rows that are read to distinguish names from values, and columns from each other."""

Fault = tuple[int, str]
"""The line of a row that cannot be read, and why."""


@dataclass(frozen=True, eq=False)
class TableFormat:
    """How a table is written: enough to read it row by row, and to write rows in its format.

    Attributes:
        path: the file.
        header: the names of the columns; `column 1` and so on where the file has none.
        delimiter: separates two cells; empty for JSON.
        has_header: whether the file names its columns.
        quote: what can enclose a cell; empty if all quotes stand for themselves.
        file: the file with its encoding.
        form: of JSON, `line` or `record`.
        objects: of JSON, whether the rows are objects with names, rather than lists.
        n_rows: number of rows that can be read, blank ones not counted.
        faults: the others.
        first_rows: up to `SAMPLE` rows.
    """

    path: Path
    header: tuple[str, ...]
    delimiter: str = ","
    has_header: bool = True
    quote: str = '"'
    file: TextFile = field(default=TextFile(Path()), repr=False)
    form: str = json_records.LINES
    objects: bool = True
    n_rows: int = 0
    faults: tuple[Fault, ...] = ()
    first_rows: tuple[Row, ...] = ()

    def rows(self) -> Iterator[Row]:
        """The rows that can be read one after another, with the numbers of their first lines."""
        width, rows = len(self.header), _all_rows(self)
        if self.has_header and (self.delimiter or not self.objects):
            next(rows, None)
        for number, cells in rows:
            if len(cells) <= width or not is_wide(cells, width):
                yield number, cells

    def located_rows(self) -> Iterator[tuple[str, list[Any]]]:
        """Where each of these rows is, such as `reviews.csv, line 7`, and the row."""
        for number, row in self.rows():
            yield f"{self.path.name}, {self.location(number)}", row

    def location(self, number: int) -> str:
        """Where a row is, such as `line 7`; `record 7` where records do not begin lines."""
        return f"{'line' if self.delimiter else self.form} {number}"

    def format_header(self, more: Sequence[str]) -> str:
        """The header line, extended by further names; empty for JSON, written as JSON Lines."""
        if not self.delimiter:
            return ""
        return delimited.written([[*self.header, *more]], self.delimiter)

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
        width = len(self.header)
        whole = [
            [*row[:width], *[""] * (width - len(row)), *new]
            for row, new in zip(rows, added, strict=True)
        ]
        if self.delimiter:
            return delimited.written(whole, self.delimiter)
        names = (*self.header, *more)
        return "".join(
            json_records.dump(dict(zip(names, cells, strict=True))) + "\n" for cells in whole
        )


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
    def faults(self) -> list[str]:
        """The rows that cannot be read, such as `an open quote in line 7`."""
        return [f"{reason} in {self.format.location(n)}" for n, reason in self.format.faults]

    def locations(self) -> list[str]:
        """Where each row is, such as `line 7`."""
        return [self.format.location(number) for number in self.lines]

    def nested(self, position: int) -> dict[int, str]:
        """Position -> `a list` or `an object`, of the rows with one in a column."""
        kinds: dict[type, str] = {list: "a list", dict: "an object"}
        return {
            k: kinds[type(row[position])]
            for k, row in enumerate(self.rows)
            if position < len(row) and type(row[position]) in kinds
        }

    def n_not_text(self, position: int) -> int:
        """Number of cells of a column that are numbers, true or false."""
        return sum(
            isinstance(row[position], int | float) and row[position] == row[position]
            for row in self.rows
            if position < len(row)
        )

    def find(self, name: str) -> int:
        """The position of the column of this name; without names, of this number from 1.

        Raises:
            DataError: there is none; the nearest name is suggested, and all are listed.
        """
        names = [normalized(column) for column in self.header]
        if name in self.header:
            return self.header.index(name)
        if normalized(name) in names:
            return names.index(normalized(name))
        numbered = not self.format.has_header
        if numbered and name.strip().isdecimal() and 1 <= int(name) <= len(names):
            return int(name) - 1
        raise DataError(f"there is no column {printable(name)!r}", self._accepted(name), self.path)

    def _accepted(self, name: str) -> str:
        if not self.format.has_header:
            return f"the first line has no names: give a number from 1 to {len(self.header)}"
        nearest = suggest(name, self.header)
        listed = f"the columns are {first_few(self.header, 12)}"
        return f"{nearest} {listed}" if nearest.startswith("did") else listed


def sample(table_format: TableFormat) -> Table:
    """The first rows of a table, which distinguish its columns."""
    return make_table(table_format, table_format.first_rows)


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
    """A cell as text without the spaces around it; null, NaN, lists and objects become empty.

    Example:
        >>> [cell_text(value) for value in (" a ", None, True, 4, float("nan"), [4])]
        ['a', '', 'true', '4', '', '']
    """
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, list | dict):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if isinstance(value, float) and math.isnan(value) else str(value)


def make_table(table_format: TableFormat, rows: Iterable[Row]) -> Table:
    """The table of some rows."""
    rows = list(rows)
    return Table(table_format, [cells for _, cells in rows], [number for number, _ in rows])


def is_wide(cells: Sequence[Any], width: int) -> bool:
    """Whether a row has more cells than columns, blank ones not counted."""
    return len(cells) > width and any(cell_text(cell) for cell in cells[width:])


def ignore_fault(number: int, reason: str) -> None:
    """A fault that is already reported."""


def _all_rows(table_format: TableFormat) -> Iterator[Row]:
    """All rows of a table, the names of its columns included."""
    file = table_format.file
    if table_format.delimiter:
        yield from delimited.read_rows(
            file, table_format.delimiter, table_format.quote, ignore_fault
        )
        return
    for number, record in json_records.read_records(file, table_format.form, ignore_fault):
        if isinstance(record, dict) == table_format.objects:
            yield number, cells_of(record, table_format.header)


def cells_of(record: dict[str, Any] | list[Any], names: Iterable[str]) -> list[Any]:
    """The cells of a JSON object under these names, or those of a list."""
    return [record.get(name) for name in names] if isinstance(record, dict) else record
