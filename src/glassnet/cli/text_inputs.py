"""Texts from the command's arguments, files, tables, or the lines of standard input."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from glassnet.cli import stdin_lines
from glassnet.cli.predictions import Input
from glassnet.data import paths, tables, text_files
from glassnet.data.images import image_files
from glassnet.data.texts import inputs
from glassnet.data.texts.strings import string_array
from glassnet.errors import DataError, UsageError

T = TypeVar("T")

STDIN = "-"
"""Stands for standard input."""

MAX_BYTES = 4 * text_files.MAX_TEXT
"""Bytes of standard input that is one text."""

MAX_CHARACTERS = 2_000_000
"""Characters per batch; a tokenizer needs some hundred bytes for each."""

FILE_EXTENSIONS = {*tables.EXTENSIONS, *image_files.EXTENSIONS, text_files.EXTENSION}
"""An argument without spaces that ends in one of these is a file, even if it does not exist."""


def table_of(
    arguments: Sequence[str], text_column: str | None, encoding: str | None = None
) -> inputs.TextColumn | None:
    """The column of texts, if the command's argument is a table; None for anything else.

    Raises:
        UsageError: there are other arguments beside the table, or a column but no table.
        DataError: it cannot be read.
    """
    tables = [name for name in arguments if _is_table(name)]
    if tables and len(arguments) > 1:
        raise UsageError(
            f"{tables[0]}: a table cannot be combined with other texts", "give the table alone"
        )
    if tables:
        return inputs.read_column(Path(tables[0]), text_column=text_column, encoding=encoding)
    if text_column is not None and not any(map(is_path, arguments)):
        raise UsageError(
            f"--text-column {text_column}: there is no table",
            "give a .csv, .tsv, .jsonl or .json file, or remove --text-column",
        )
    return None


def rows(column: inputs.TextColumn, size: int) -> Iterator[list[Input]]:
    """The rows of a table in batches of `size`."""
    for batch in batched(column, size, lambda row: len(row[0])):
        texts = string_array([text for text, _, _ in batch])
        yield [
            Input(str(text), source, row=row)
            for text, (_, source, row) in zip(texts, batch, strict=True)
        ]


def batched(
    items: Iterable[T], size: int, characters: Callable[[T], int] = lambda item: 0
) -> Iterator[list[T]]:
    """Batches of at most `size` items, in order; a batch ends when it has `MAX_CHARACTERS`.

    Example:
        >>> list(batched("abc", 2))
        [['a', 'b'], ['c']]
    """
    batch: list[T] = []
    remaining = MAX_CHARACTERS
    for item in items:
        batch.append(item)
        remaining -= characters(item)
        if len(batch) == size or remaining < 0:
            yield batch
            batch, remaining = [], MAX_CHARACTERS
    if batch:
        yield batch


def batches(
    arguments: Sequence[str],
    size: int,
    text_column: str | None = None,
    encoding: str | None = None,
) -> Iterator[list[Input]]:
    """The texts of the command's arguments, in order, in batches of at most `size`.

    Files are read before the first batch, so that their errors come before any prediction.
    Standard input is read line by line; a batch has the lines that are available. A line that is
    no text, or a file of a folder that cannot be read, is an input with an error.

    Raises:
        DataError: there is no such file, or something is not text.
        UsageError: a column is named, but there are no columns.
    """
    parts: list[list[Input] | None] = []
    for number, argument in enumerate(arguments, 1):
        if argument == STDIN:
            parts.append(None)
            continue
        if not parts or parts[-1] is None:
            parts.append([])
        if is_path(argument):
            inputs = _read_file(argument, text_column, encoding)
        else:
            inputs = [Input(replace_invalid(argument), f"text {number}")]
        parts[-1] += inputs  # type: ignore[operator]
    for part in parts:
        for batch in _stdin_lines(encoding) if part is None else (part,):
            yield from batched(batch, size, lambda item: len(item.value))


def read_stdin() -> str:
    """All of standard input as one text.

    Raises:
        DataError: it is not text, or too long.
    """
    content = stdin_lines.stream().read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DataError(
            f"standard input: longer than {text_files.MAX_TEXT:,} characters",
            "split it into several texts",
        )
    return _decoded(content, "standard input").strip()


def is_path(argument: str) -> bool:
    """Whether an argument is a file or folder rather than a text.

    Example:
        >>> is_path("no-such-file.csv"), is_path("see the list in a.csv")
        (True, False)
    """
    if argument == STDIN:
        return False
    ending = os.path.splitext(argument)[1].lower()  # noqa: PTH122 - it may be a text of any length
    has_space = any(map(str.isspace, argument))
    return paths.exists(argument) or (ending in FILE_EXTENSIONS and not has_space)


def is_terminal() -> bool:
    """Whether standard input is a terminal, or closed: nothing is piped into the command."""
    return sys.stdin is None or sys.stdin.isatty()


def replace_invalid(text: str) -> str:
    """A text in which bytes that are not valid Unicode become U+FFFD."""
    return str(string_array([text])[0])


def _is_table(name: str) -> bool:
    return (
        is_path(name) and Path(name).suffix.lower() in tables.EXTENSIONS and not Path(name).is_dir()
    )


def _read_file(name: str, text_column: str | None, encoding: str | None) -> list[Input]:
    content = inputs.read_texts(Path(name), text_column=text_column, encoding=encoding)
    return [
        Input(str(text), source, is_file=True, error=content.faults.get(source, ""))
        for text, source in zip(content.texts, content.locations, strict=True)
    ]


def _stdin_lines(encoding: str | None) -> Iterator[list[Input]]:
    """The lines of standard input, each a text or an error, as they become available."""
    count = 0
    for lines in stdin_lines.read(encoding):
        yield [
            Input(replace_invalid(line.text), f"line {number:,}", error=line.fault)
            for number, line in enumerate(lines, count + 1)
        ]
        count += len(lines)


def _decoded(content: bytes, where: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("not UTF-8 text", text_files.HINT, where) from None
    if "\0" in text:
        raise DataError("binary data, not text", text_files.HINT, where)
    return text
