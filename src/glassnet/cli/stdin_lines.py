"""Lines of standard input as they become available, decoded; bad ones have a fault."""

import codecs
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from glassnet.data import encodings, text_files
from glassnet.data.encodings import Encoding
from glassnet.errors import DataError

BLOCK = 1 << 20
"""Bytes per read."""

MAX_LINE = text_files.MAX_TEXT
"""Characters per line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its line end and the spaces around it, and why it is no text."""

    text: str
    fault: str = ""


def read(encoding: str | None = None) -> Iterator[list[Line]]:
    """The lines that are available, again and again until the end.

    Args:
        encoding: how they are encoded; None for UTF-8, or what a byte order mark says.

    Raises:
        DataError: there is no standard input, or it ends within a character.
        UsageError: there is no such encoding.
    """
    blocks = _blocks(stream())
    first = next(blocks, b"")
    chosen = encodings.check(encoding) if encoding else "utf-8"
    used = Encoding(encodings.mark_of(first) or chosen)
    for lines in _lines(_decoded(first, blocks, used.name)):
        yield [
            Line("", f"more than {MAX_LINE:,} characters")
            if line is None
            else Line(line.strip(), used.fault_in(line))
            for line in lines
        ]


def stream() -> BinaryIO:
    """Standard input as bytes.

    Raises:
        DataError: it is closed.
    """
    if sys.stdin is None:
        raise DataError("there is no standard input", "give the texts on the command line")
    return sys.stdin.buffer


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    while block := source.read1(BLOCK):  # type: ignore[attr-defined]
        yield block


def _decoded(first: bytes, blocks: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The blocks as text; bytes that are not in the encoding become lone surrogates."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    try:
        yield decoder.decode(first)
        for block in blocks:
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)
    except UnicodeError:  # of encodings whose characters have two bytes or more
        raise DataError(f"standard input is not {encoding} text", text_files.HINT) from None


def _lines(blocks: Iterable[str]) -> Iterator[list[str | None]]:
    """Lines that are complete; None for one that is longer than `MAX_LINE`."""
    parts, is_long = list[str](), False
    for block in blocks:
        *complete, rest = block.split("\n")
        if complete:
            complete[0] = "".join([*parts, complete[0]])
            lines = [line if len(line) <= MAX_LINE else None for line in complete]
            yield [None, *lines[1:]] if is_long else lines
            parts, is_long = [], False
        parts.append(rest)
        if sum(map(len, parts)) > MAX_LINE:
            parts, is_long = [], True
    if is_long or any(parts):
        yield [None if is_long else "".join(parts)]
