"""Where texts come from: the command's words themselves, files, or standard input line by line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

from glassnet.cli.predictions import Given
from glassnet.data.images import image_files, local
from glassnet.data.texts import dataset, encoding
from glassnet.data.texts import tables as text_tables
from glassnet.data.texts.pool import array
from glassnet.errors import DataError, UsageError

T = TypeVar("T")

STREAM = "-"
"""What stands for standard input."""

BLOCK = 1 << 20
"""Bytes of standard input that are taken at once, if there are as many."""

MOST_BYTES = 4 * encoding.MAX_TEXT
"""Bytes of one line at most."""

MOST_CHARACTERS = 2_000_000
"""Of texts that are answered at once; a tokenizer takes some hundred bytes for each."""

PATHS = {*text_tables.ENDINGS, *image_files.ENDINGS, encoding.ENDING}
"""What a word without spaces ends in that means a file, whether there is one or not."""


def column_of(given: Sequence[str], text_column: str | None) -> dataset.Column | None:
    """The texts of the table that a command was given; None where it was given anything else.

    Raises:
        UsageError: it is given among other things, or a column is named without a table.
        DataError: it cannot be read.
    """
    tables = [name for name in given if _is_table(name)]
    if tables and len(given) > 1:
        raise UsageError(
            f"{tables[0]}: a table is answered as a table, and cannot stand with other texts",
            "give it alone",
        )
    if tables:
        return dataset.column(Path(tables[0]), text_column=text_column)
    if text_column is not None and not any(map(is_path, given)):
        raise UsageError(
            f"there is no table that could have a column {text_column!r}",
            "give a .csv, .tsv or .jsonl file, or leave --text-column out",
        )
    return None


def rows(column: dataset.Column, size: int) -> Iterator[list[Given]]:
    """The rows of a table, so many at once."""
    for part in batched(column, size, lambda found: len(found[0])):
        whole_texts = array([text for text, _, _ in part])
        yield [
            Given(str(text), place, row=row)
            for text, (_, place, row) in zip(whole_texts, part, strict=True)
        ]


def batched(
    items: Iterable[T], size: int, characters: Callable[[T], int] = lambda item: 0
) -> Iterator[list[T]]:
    """Lists of at most so many items, in order, and none of more than `MOST_CHARACTERS` and one.

    Example:
        >>> list(batched("abc", 2))
        [['a', 'b'], ['c']]
    """
    part: list[T] = []
    room = MOST_CHARACTERS
    for item in items:
        part.append(item)
        room -= characters(item)
        if len(part) == size or room < 0:
            yield part
            part, room = [], MOST_CHARACTERS
    if part:
        yield part


def batches(
    given: Sequence[str], size: int, text_column: str | None = None
) -> Iterator[list[Given]]:
    """The texts that a command was given, in its order, at most so many at once.

    Files are read before the first batch, so that what is wrong with them is said before there is
    an answer. Standard input is read as it comes, and gives what there is.

    Raises:
        DataError: there is no such file, or something is no text.
        UsageError: a column is named, but there are no columns.
    """
    parts: list[list[Given] | None] = []
    for number, name in enumerate(given, 1):
        if name == STREAM:
            parts.append(None)
            continue
        if not parts or parts[-1] is None:
            parts.append([])
        found = _of_path(name, text_column) if is_path(name) else [_typed(name, number)]
        parts[-1] += found  # type: ignore[operator]
    for part in parts:
        for batch in _lines() if part is None else (part,):
            yield from batched(batch, size, lambda given: len(given.what))


def whole_stream() -> str:
    """All of standard input as one text.

    Raises:
        DataError: it is no text, or longer than a text may be.
    """
    content = _stdin().read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _too_long("standard input")
    return _decoded(content, "standard input").strip()


def is_path(name: str) -> bool:
    """Whether a word of the command means a file or folder rather than a text.

    Example:
        >>> is_path("nothing-like-it.csv"), is_path("see the list in a.csv")
        (True, False)
    """
    if name == STREAM:
        return False
    ending = os.path.splitext(name)[1].lower()  # noqa: PTH122 - it may be a text of any length
    return local.exists(name) or (ending in PATHS and not any(map(str.isspace, name)))


def is_watched() -> bool:
    """Whether a person sits at standard input, so that there is nothing to be read from it."""
    return sys.stdin is None or sys.stdin.isatty()


def whole(text: str) -> str:
    """A text whose every character is one; bytes that are none become U+FFFD."""
    return str(array([text])[0])


def _is_table(name: str) -> bool:
    return (
        is_path(name)
        and Path(name).suffix.lower() in text_tables.ENDINGS
        and not Path(name).is_dir()
    )


def _of_path(name: str, text_column: str | None) -> list[Given]:
    reading = dataset.read(Path(name), text_column=text_column)
    pairs = zip(reading.texts, reading.places, strict=True)
    return [Given(str(text), place, is_file=True) for text, place in pairs]


def _typed(text: str, number: int) -> Given:
    return Given(whole(text), f"text {number}")


def _lines() -> Iterator[list[Given]]:
    """Standard input, a text a line; as many at once as have come."""
    number = 0
    for lines in _complete(_stdin()):
        yield [
            Given(_decoded(line, f"standard input, line {place}").strip(), f"line {place:,}")
            for place, line in enumerate(lines, number + 1)
        ]
        number += len(lines)


def _complete(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Lines without their ends, as many as have come."""
    number, held, room = 0, list[bytes](), MOST_BYTES
    while block := stream.read1(BLOCK):  # type: ignore[attr-defined]
        held.append(block)
        room -= len(block)
        if b"\n" in block:
            *lines, rest = b"".join(held).split(b"\n")
            number += len(lines)
            held, room = [rest], MOST_BYTES - len(rest)
            yield lines
        if room < 0:
            raise _too_long(f"standard input, line {number + 1}")
    if rest := b"".join(held):
        yield [rest]


def _stdin() -> BinaryIO:
    if sys.stdin is None:
        raise DataError("there is no standard input", "give the texts on the command line")
    return sys.stdin.buffer


def _decoded(content: bytes, where: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{where}: not UTF-8 text", encoding.HINT) from None
    if "\0" in text:
        raise DataError(f"{where}: no text but binary data", encoding.HINT)
    return text


def _too_long(where: str) -> DataError:
    return DataError(
        f"{where}: longer than {encoding.MAX_TEXT:,} characters", "cut it into several texts"
    )
