"""Tables of texts: CSV, TSV and JSON Lines as rows under named columns, and back to text again."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from glassnet.data.listing import shown
from glassnet.data.texts import encoding
from glassnet.errors import DataError, suggest

JSON_LINES = frozenset({".jsonl", ".ndjson"})
ENDINGS = frozenset({".csv", ".tsv"}) | JSON_LINES
"""What the names of such files end in, in lower case."""

ROLES = {
    "text": "text texts body review reviews comment content sentence message tweet document "
    "phrase snippet passage reviewtext reviewbody summary",
    "label": "label labels class classname category target sentiment polarity rating stars score "
    "topic emotion y",
    "part": "split part set subset partition",
}
"""What the columns may be called, best first; case, spaces, `_` and `-` do not matter."""

KNOWN = {name for names in ROLES.values() for name in names.split()}

HEADER_WIDTH = 60
"""The most characters in the name of a column; what is longer is no name but a text."""

SAMPLE = 1000
"""Rows that are looked at to tell names from values."""

Row = tuple[int, list[Any]]
"""A row's first line and its cells."""


@dataclass(frozen=True, eq=False)
class Form:
    """How a table is written: enough to read it row by row, and to write rows like its own.

    Attributes:
        path: the file.
        header: the columns' names; `column 1` and so on where the file has none.
        delimiter: what stands between two cells; empty for JSON Lines.
        named: whether the file names its columns.
        quoted: whether quotes may enclose a cell, rather than stand for themselves.
        count: how many rows there are; blank ones are left out.
        wide: the first row with more cells than columns, None where there is none.
        first: its first rows, by which columns are told apart.
    """

    path: Path
    header: tuple[str, ...]
    delimiter: str = ","
    named: bool = True
    quoted: bool = True
    count: int = 0
    wide: Row | None = None
    first: tuple[Row, ...] = ()

    def rows(self) -> Iterator[Row]:
        """The rows with the numbers of their first lines, one after another."""
        if not self.delimiter:
            for number, found in _objects(self.path):
                yield number, [found.get(name) for name in self.header]
            return
        quoting = csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE
        rows = _separated(self.path, self.delimiter, quoting)
        yield from itertools.islice(rows, int(self.named), None)

    def head(self, more: Sequence[str]) -> str:
        """The line of names with further ones at its end; empty for JSON Lines."""
        return self._written([[*self.header, *more]]) if self.delimiter else ""

    def lines(
        self, rows: Sequence[list[Any]], more: Sequence[str], values: Sequence[Sequence[Any]]
    ) -> str:
        """Rows as text with further cells at their end; floats are shortened to six digits.

        Example:
            >>> form = Form(Path("a.csv"), ("text",))
            >>> form.lines([["so, so"]], ["class"], [["good"]]).strip()
            '"so, so",good'
        """
        added = [[_short(value) for value in each] for each in values]
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
    """Rows under named columns, as a file has them; blank rows are left out.

    Attributes:
        form: the file, and how it is written.
        rows: the cells of each row in the order of the file; text, or what JSON has.
        lines: the number of each row's first line in the file, from 1 on.
    """

    form: Form
    rows: list[list[Any]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def path(self) -> Path:
        """The file."""
        return self.form.path

    @property
    def header(self) -> tuple[str, ...]:
        """The columns' names."""
        return self.form.header

    @cached_property
    def columns(self) -> list[list[str]]:
        """The cells of each column as texts without the spaces around them, a text per row."""
        return [[cell_of(row, k) for row in self.rows] for k in range(len(self.header))]

    def find(self, name: str) -> int:
        """The position of the column of this name.

        Raises:
            DataError: there is none; the nearest name is suggested.
        """
        keys = [key(known) for known in self.header]
        if name in self.header:
            return self.header.index(name)
        if key(name) in keys:
            return keys.index(key(name))
        raise DataError(
            f"{self.path}: there is no column {shown(name)!r}", suggest(name, self.header)
        )


def read(path: Path, columns: Sequence[str] = ()) -> Table:
    """Read a whole table, as `look` finds it to be written.

    Raises:
        DataError: it cannot be read, is no table, or holds no row.
    """
    form = look(path, columns)
    return _table(form, form.rows())


def look(path: Path, columns: Sequence[str] = ()) -> Form:
    """Go through a table once, holding its first rows alone: how it is written, and that it is one.

    By its file's name it is `.jsonl` or `.ndjson`, `.tsv`, or else CSV, where commas, semicolons
    and tabs separate. A first line that holds values rather than names is a row.

    Args:
        path: the file, in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.
        columns: names that a caller counts on; a first line with one of them names the columns.

    Raises:
        DataError: it cannot be read, is no table, or holds no row.
    """
    if path.suffix.lower() in JSON_LINES:
        form = _json_lines(path)
    else:
        delimiter = _delimiter(path)
        quoted = True
        try:
            seen = _through(_separated(path, delimiter, csv.QUOTE_MINIMAL))
        except DataError:
            if delimiter != "\t":
                raise
            quoted = False  # tables with tabs often have quotes that enclose nothing
            seen = _through(_separated(path, delimiter, csv.QUOTE_NONE))
        form = _named(path, seen, columns, delimiter, quoted)
    if not form.count:
        raise DataError(f"{path}: no rows in it", "give a line with names and a line per text")
    return form


def first_rows(form: Form) -> Table:
    """The first rows of a table, which tell its columns apart."""
    return _table(form, form.first)


def unnamed(form: Form) -> Form:
    """The same table, its first line taken for a row; for callers who know that it is one."""
    names = list(form.header)
    return dataclasses.replace(
        form,
        header=tuple(f"column {k}" for k in range(1, len(names) + 1)),
        named=False,
        count=form.count + 1,
        first=((1, names), *form.first),
    )


def cell_of(row: Sequence[Any], position: int) -> str:
    """A row's cell as text without the spaces around it; empty where the row ends before it."""
    return told(row[position]) if position < len(row) else ""


def _table(form: Form, rows: Iterable[Row]) -> Table:
    held = list(rows)
    return Table(form, [cells for _, cells in held], [number for number, _ in held])


def key(name: str) -> str:
    """A column's name without what does not matter in it.

    Example:
        >>> key(" Review_Text ")
        'reviewtext'
    """
    return re.sub(r"[\s_-]", "", name).casefold()


def told(value: Any) -> str:
    """A cell as text without the spaces around it; nothing is an empty text.

    Example:
        >>> told(" a "), told(None), told(True), told(4)
        ('a', '', 'true', '4')
    """
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, eq=False)
class _Seen:
    """What one pass over a table's rows saw: the first ones, how many, and the first wide one."""

    first: list[Row]
    count: int
    wide: Row | None


def _through(rows: Iterable[Row]) -> _Seen:
    first: list[Row] = []
    count, wide = 0, None
    for number, cells in rows:
        if count <= SAMPLE:
            first.append((number, cells))
        count += 1
        width = len(first[0][1])
        if wide is None and len(cells) > width and any(map(str.strip, cells[width:])):
            wide = (number, cells)
    return _Seen(first, count, wide)


def _separated(path: Path, delimiter: str, quoting: int) -> Iterator[Row]:
    end = 0
    with encoding.opened(path) as stream:
        reader = csv.reader(
            encoding.lines(stream, path),
            delimiter=delimiter,
            quoting=quoting,  # type: ignore[arg-type]
            strict=True,
        )
        while True:
            try:
                with _wide_fields():
                    cells = next(reader, None)
            except csv.Error as error:
                raise DataError(
                    f"{path}, line {end + 1}: not a row of a table ({error})",
                    "put each text between quotes, and double the quotes within it",
                ) from None
            if cells is None:
                return
            if any(cells) and any(map(str.strip, cells)):
                yield end + 1, cells
            end = reader.line_num


@contextmanager
def _wide_fields() -> Iterator[None]:
    """Let a cell hold a long text; the limit is the process's, so it is put back."""
    before = csv.field_size_limit(encoding.MAX_TEXT)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _delimiter(path: Path) -> str:
    with encoding.opened(path) as stream:
        first = next((line for line in encoding.lines(stream, path) if line.strip()), "")
    if path.suffix.lower() == ".tsv":
        return "\t"
    plain = re.sub(r'"[^"]*"', "", first)
    return max(",;\t", key=plain.count)


def _named(path: Path, seen: _Seen, columns: Sequence[str], delimiter: str, quoted: bool) -> Form:
    named = bool(seen.first) and _names_columns(seen.first, columns)
    width = len(seen.first[0][1]) if seen.first else 0
    header = [shown(cell.strip()) for cell in seen.first[0][1]] if named else [""] * width
    return Form(
        path=path,
        header=tuple(name or f"column {k}" for k, name in enumerate(header, 1)),
        delimiter=delimiter,
        named=named,
        quoted=quoted,
        count=seen.count - named,
        wide=seen.wide,
        first=tuple(seen.first[named : SAMPLE + named]),
    )


def _names_columns(rows: list[Row], columns: Sequence[str]) -> bool:
    """Whether the first row names columns: by the names themselves, or as none of it is a value."""
    first = [cell.strip() for cell in rows[0][1]]
    if {key(cell) for cell in first} & (KNOWN | {key(name) for name in columns}):
        return True
    if any(_is_number(cell) or len(cell) > HEADER_WIDTH for cell in first):
        return False
    below = rows[1 : SAMPLE + 1]
    values = [{row[k].strip() for _, row in below if k < len(row)} for k in range(len(first))]
    return not any(cell and cell in held for cell, held in zip(first, values, strict=True))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _json_lines(path: Path) -> Form:
    header: dict[str, None] = {}
    first: list[tuple[int, dict[str, Any]]] = []
    count = 0
    for number, found in _objects(path):
        header.update(dict.fromkeys(found))
        count += 1
        if count <= SAMPLE:
            first.append((number, found))
    names = tuple(header)
    rows = tuple((number, [found.get(name) for name in names]) for number, found in first)
    return Form(path, names, delimiter="", count=count, first=rows)


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with encoding.opened(path) as stream:
        for number, line in enumerate(encoding.lines(stream, path), 1):
            if line.strip():
                yield number, _object(line, f"{path}, line {number}")


def _object(line: str, where: str) -> dict[str, Any]:
    hint = 'give an object per line, as {"text": "...", "label": "..."}'
    if len(line) > 2 * encoding.MAX_TEXT:
        raise DataError(f"{where}: longer than {2 * encoding.MAX_TEXT:,} characters", hint)
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not JSON ({shown(str(error))})", hint) from None
    if not isinstance(found, dict):
        raise DataError(f"{where}: no JSON object", hint)
    return found


def _short(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value
