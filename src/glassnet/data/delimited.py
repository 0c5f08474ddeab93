"""CSV and TSV: rows read one by one, bad ones left out, and rows written so that they are read."""

import csv
import io
import itertools
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from glassnet.data import text_files
from glassnet.data.encodings import Encoding
from glassnet.data.text_files import TextFile

Row = tuple[int, list[Any]]
"""The number of a row's first line, and its cells."""

ReportFault = Callable[[int, str], None]
"""Receives the line of a row that cannot be read, and why."""

DELIMITERS = ",;\t|"
QUOTES = "\"'"

CHUNK = 1000
"""Number of rows that are read at a time."""

SAMPLE = 20
"""Number of lines by which the delimiter is recognised."""

QUOTE_FAULTS = ("text beside a quoted cell", "an open quote")
"""Why a row with quotes cannot be read."""

FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""The start of a cell that a spreadsheet would run as a formula, with the `'` that prevents it."""


def find_delimiter(file: TextFile) -> str:
    """What separates the cells: a tab in `.tsv`, else what the first lines have equally often."""
    if file.path.suffix.lower() == ".tsv":
        return "\t"
    first = _first_lines(file)

    def suitability(delimiter: str) -> tuple[float, int, int]:
        cells = _apostrophes(delimiter)
        counts = [cells.sub("", line).count(delimiter) for line in first]
        n_enclosed = sum(bool(cells.search(line)) for line in first)
        share = bool(counts[0]) * counts.count(counts[0]) / len(counts)
        return share, n_enclosed, counts[0]

    return max(DELIMITERS, key=suitability)


def find_quote(file: TextFile, delimiter: str) -> str:
    """What encloses cells: `"`, or `'` if that encloses cells with a delimiter in most lines.

    No table that `written` writes has such a cell.
    """
    enclosed = [_apostrophes(delimiter).findall(line) for line in _first_lines(file)]
    needed = any(delimiter in cell for cells in enclosed for cell in cells)
    return QUOTES[needed and 2 * sum(map(bool, enclosed)) > len(enclosed)]


def _first_lines(file: TextFile) -> list[str]:
    """The first lines without what is enclosed in `"`."""
    with file.open() as stream:
        lines = (re.sub(r'"[^"]*"', "", line) for line in stream if line.strip())
        return list(itertools.islice(lines, SAMPLE)) or [""]


def _apostrophes(delimiter: str) -> re.Pattern[str]:
    """A whole cell that is enclosed in `'`."""
    edge = re.escape(delimiter)
    return re.compile(rf"(?:(?<=^)|(?<={edge}))'(?:[^']|'')*'(?={edge}|\s*$)")


def read_rows(
    file: TextFile, delimiter: str, quote: str, report_fault: ReportFault
) -> Iterator[Row]:
    """The rows that can be read, blank ones not counted.

    What cannot be read is the first line of a row: reading resumes with the next line, so that an
    open quote costs one line and not the rest of the file.

    Args:
        file: the table.
        delimiter: separates two cells.
        quote: what can enclose a cell; empty if all quotes stand for themselves.
        report_fault: receives what cannot be read.
    """
    with file.open() as stream:
        lines = _Lines(stream)
        while chunk := _next_rows(lines, delimiter, quote, file.encoding, report_fault):
            yield from chunk


def count_enclosed(file: TextFile, delimiter: str, quote: str) -> int:
    """Number of lines in which quotes enclose a whole cell."""
    edge = re.escape(delimiter)
    enclosed = re.compile(rf"(?:^|{edge}){quote}(?:[^{quote}]|{quote * 2})*{quote}(?:{edge}|\s*$)")
    with file.open() as stream:
        return sum(bool(enclosed.search(line)) for line in stream if quote in line)


def written(rows: Iterable[Sequence[Any]], delimiter: str) -> str:
    """Rows as text that `read_rows` reads back.

    Cells that a spreadsheet would run as a formula get a `'` before them, which reading removes;
    numbers stay as they are. Lone surrogates become question marks.

    Example:
        >>> written([["=1+1", -2, "so, so"]], ",")
        '\\'=1+1,-2,"so, so"\\n'
    """
    stream = io.StringIO()
    plain = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    enclosed = csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        cells = [_without_formula(cell) if isinstance(cell, str) else cell for cell in row]
        # The plain writer encloses no cell for a lone carriage return, which ends a line.
        has_return = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        (enclosed if has_return else plain).writerow(cells)
    return stream.getvalue().encode("utf-8", "replace").decode()


class _Lines:
    """The lines of a stream, which can be read again from the second line of the current row.

    Attributes:
        number: number of lines before the current row.
        row: the lines of the current row so far.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = iter(stream)
        self._pending = deque[str]()
        self.number = 0
        self.row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._pending.popleft() if self._pending else next(self._stream)
        self.row.append(line)
        return line

    def accept(self) -> None:
        """Continue after the current row."""
        self.number += len(self.row)
        self.row.clear()

    def reject(self) -> None:
        """Continue after the first line of the current row."""
        self.number += 1
        self._pending.extendleft(reversed(self.row[1:]))
        self.row.clear()


def _next_rows(
    lines: _Lines, delimiter: str, quote: str, encoding: Encoding, report_fault: ReportFault
) -> list[Row]:
    rows: list[Row] = []
    check = encoding.damaged or encoding.binary
    reader = _reader(lines, delimiter, quote)
    with _long_cells():
        while len(rows) < CHUNK:
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                report_fault(lines.number + 1, _reason(error))
                lines.reject()
                reader = _reader(lines, delimiter, quote)
                continue
            if check and (fault := encoding.fault_in("".join(lines.row))):
                report_fault(lines.number + 1, fault)
            elif any(map(str.strip, cells)):
                if any("'" in line for line in lines.row):
                    cells = [
                        cell[1:] if cell[:1] == "'" and FORMULA.match(cell) else cell
                        for cell in cells
                    ]
                rows.append((lines.number + 1, cells))
            lines.accept()
    return rows


def _reader(lines: _Lines, delimiter: str, quote: str) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        strict=True,
    )


def _reason(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"more than {text_files.MAX_TEXT:,} characters"
    return QUOTE_FAULTS["unexpected end" in str(error)]


def _without_formula(cell: str) -> str:
    if not FORMULA.match(cell):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let a cell hold a long text; the limit is global to the process, so it is restored."""
    limit = csv.field_size_limit(text_files.MAX_TEXT)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
