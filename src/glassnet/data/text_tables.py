"""Tables of texts: CSV, TSV and JSON Lines as rows under named columns, and back to text again."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from glassnet.data import encoding
from glassnet.data.listing import shown
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
class Table:
    """Rows under named columns, as a file has them; blank rows are left out.

    Attributes:
        path: the file.
        header: the columns' names; `column 1` and so on where the file has none.
        rows: the cells of each row in the order of the file; text, or what JSON has.
        lines: the number of each row's first line in the file, from 1 on.
        delimiter: what stands between two cells; empty for JSON Lines.
        named: whether the file names its columns.
        quoted: whether quotes may enclose a cell, rather than stand for themselves.
    """

    path: Path
    header: tuple[str, ...]
    rows: list[list[Any]]
    lines: list[int]
    delimiter: str = ","
    named: bool = True
    quoted: bool = True

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def columns(self) -> list[list[str]]:
        """The cells of each column as texts without the spaces around them, a text per row."""
        return [
            [told(row[k]) if k < len(row) else "" for row in self.rows]
            for k in range(len(self.header))
        ]

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

    def extended(self, more: Mapping[str, Sequence[Any]]) -> str:
        """The table as text in its own form, with further columns at the end.

        Args:
            more: name -> a value per row, in their order; floats are shortened to six digits.

        Example:
            >>> table = Table(Path("a.csv"), ("text",), [["good"], ["so, so"]], [2, 3])
            >>> print(table.extended({"class": ["positive", "negative"]}), end="")
            text,class
            good,positive
            "so, so",negative
        """
        values = [[_short(value) for value in column] for column in more.values()]
        added = list(zip(*values, strict=True)) if values else [()] * len(self)
        if not self.delimiter:
            names = (*self.header, *more)
            return "".join(
                json.dumps(dict(zip(names, (*row, *new), strict=True)), ensure_ascii=False) + "\n"
                for row, new in zip(self.rows, added, strict=True)
            )
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=self.delimiter, lineterminator="\n")
        writer.writerow([*self.header, *more])
        for row, new in zip(self.rows, added, strict=True):
            padding = [""] * (len(self.header) - len(row))
            writer.writerow([*row[: len(self.header)], *padding, *new])
        return stream.getvalue()


def read(path: Path, columns: Sequence[str] = ()) -> Table:
    """Read a table by its file's name: `.jsonl` and `.ndjson`, `.tsv`, all else is CSV.

    Commas, semicolons and tabs separate. A first line that holds values rather than names is a row.

    Args:
        path: the file, in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.
        columns: names that a caller counts on; a first line with one of them names the columns.

    Raises:
        DataError: it cannot be read, is no table, or holds no row.
    """
    if path.suffix.lower() in JSON_LINES:
        table = _json_lines(path)
    else:
        delimiter = _delimiter(path)
        quoted = True
        try:
            rows = _separated(path, delimiter, csv.QUOTE_MINIMAL)
        except DataError:
            if delimiter != "\t":
                raise
            quoted = False  # tables with tabs often have quotes that enclose nothing
            rows = _separated(path, delimiter, csv.QUOTE_NONE)
        table = _named(path, rows, columns, delimiter, quoted)
    if not table.rows:
        raise DataError(f"{path}: no rows in it", "give a line with names and a line per text")
    return table


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


def _separated(path: Path, delimiter: str, quoting: int) -> list[Row]:
    rows: list[Row] = []
    end = 0
    with encoding.opened(path) as stream, _wide_fields():
        reader = csv.reader(
            encoding.lines(stream, path),
            delimiter=delimiter,
            quoting=quoting,  # type: ignore[arg-type]
            strict=True,
        )
        try:
            for cells in reader:
                if any(cells) and any(map(str.strip, cells)):
                    rows.append((end + 1, cells))
                end = reader.line_num
        except csv.Error as error:
            raise DataError(
                f"{path}, line {end + 1}: not a row of a table ({error})",
                "put each text between quotes, and double the quotes within it",
            ) from None
    return rows


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


def _named(
    path: Path, rows: list[Row], columns: Sequence[str], delimiter: str, quoted: bool
) -> Table:
    named = bool(rows) and _names_columns(rows, columns)
    width = len(rows[0][1]) if rows else 0
    header = [shown(cell.strip()) for cell in rows[0][1]] if named else [""] * width
    held = rows[1:] if named else rows
    return Table(
        path=path,
        header=tuple(name or f"column {k}" for k, name in enumerate(header, 1)),
        rows=[cells for _, cells in held],
        lines=[number for number, _ in held],
        delimiter=delimiter,
        named=named,
        quoted=quoted,
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


def _json_lines(path: Path) -> Table:
    header: dict[str, None] = {}
    objects: list[dict[str, Any]] = []
    numbers: list[int] = []
    with encoding.opened(path) as stream:
        for number, line in enumerate(encoding.lines(stream, path), 1):
            if not line.strip():
                continue
            found = _object(line, f"{path}, line {number}")
            header.update(dict.fromkeys(found))
            objects.append(found)
            numbers.append(number)
    names = tuple(header)
    rows = [[found.get(name) for name in names] for found in objects]
    return Table(path, names, rows, numbers, delimiter="")


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
