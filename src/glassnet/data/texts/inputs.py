"""Texts without labels, for prediction: a column of a table, a text file, or a folder of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import progress
from glassnet.data import folders, paths, table_files, tables, text_files
from glassnet.data.problems.problem import problem_logger
from glassnet.data.problems.rows import incomplete_rows
from glassnet.data.sources import fetch
from glassnet.data.texts.columns import choose, header_detector
from glassnet.data.texts.labelled import HINT, check_no_column
from glassnet.data.texts.strings import string_array
from glassnet.errors import DataError

ROWS_HINT = "enclose a text that contains the separator or quotes in quotes, and double those in it"


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts without labels, in the order of their file or folder.

    Attributes:
        texts: (n,) strings, without the spaces around them; some can be empty.
        locations: where each is, such as `reviews.csv, line 7`, or the path of a text file.
        faults: location -> why a file of a folder cannot be read; its text is empty.
    """

    texts: np.ndarray
    locations: tuple[str, ...]
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TextColumn:
    """The column of texts of a table, read row by row in constant memory."""

    format: tables.TableFormat
    position: int

    def __iter__(self) -> Iterator[tuple[str, str, list[Any]]]:
        """The text of each row, where it is, such as `reviews.csv, line 7`, and the row."""
        for location, row in self.format.located_rows():
            yield tables.cell_at(row, self.position), location, row


def read_texts(
    path: Path,
    *,
    text_column: str | None = None,
    encoding: str | None = None,
    log: fetch.Log = progress.log,
) -> Texts:
    """Read texts to predict: the rows of a table, a text file, or a folder of text files.

    Args:
        path: a table, which needs no labels; a `.txt` file, which is one text; or a folder.
        text_column: the column of the texts; None to guess it.
        encoding: how the characters are encoded; None to recognise it.
        log: receives notes for the user.

    Raises:
        DataError: it cannot be read, or contains no texts.
        UsageError: a column is given, but there are no columns.
    """
    path = paths.resolve(str(path))
    extension = path.suffix.lower()
    if path.is_file() and extension in tables.EXTENSIONS:
        rows = list(read_column(path, text_column=text_column, encoding=encoding, log=log))
        return Texts(
            string_array([text for text, _, _ in rows]), tuple(location for _, location, _ in rows)
        )
    check_no_column(path, text_column)
    if path.is_dir():
        listing = folders.find(path, folders.TEXTS)
        for problem in listing.problems:
            problem_logger(log)(problem)
        files = [item.path for item in listing.items]
    elif extension == text_files.EXTENSION:
        files = [path]
    else:
        raise DataError(f"unsupported file type {paths.printable(path.suffix)!r}", HINT, path)
    texts, faults = list[str](), dict[str, str]()
    for file in files:
        try:
            texts.append(text_files.read_text(file, encoding))
        except DataError as error:
            if len(files) == 1:
                raise
            texts.append("")
            faults[str(file)] = error.reason
    return Texts(string_array(texts), tuple(map(str, files)), faults)


def read_column(
    path: Path,
    *,
    text_column: str | None = None,
    encoding: str | None = None,
    log: fetch.Log = progress.log,
) -> TextColumn:
    """The column of texts of a table, which is read once to find out which rows can be read.

    Args:
        path: a CSV, TSV or JSON Lines file.
        text_column: the column of the texts; None to guess it.
        encoding: how the characters are encoded; None to recognise it.
        log: receives a note on which column is read.

    Raises:
        DataError: more than half of it cannot be read, or it has no such column.
    """
    path = paths.resolve(str(path))
    table_format = table_files.detect_format(path, header_detector(text_column), encoding)
    first = tables.sample(table_format)
    chosen = choose(first, text_column, labelled=False)
    log(chosen.note)
    n = table_format.n_rows + len(table_format.faults)
    for problem in incomplete_rows(str(path), first.faults, n, "rows", ROWS_HINT):
        problem_logger(log)(problem)
    return TextColumn(table_format, chosen.text)
