"""Encoding: a file's bytes as text, by its byte order mark or else as UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from glassnet.errors import DataError

ENDING = ".txt"
"""What the name of a file that is one text ends in, in lower case."""

MAX_FILE = 2_000_000_000
"""The most bytes that a file may have."""

MAX_TEXT = 10_000_000
"""The most characters that one text may have."""

HINT = "save it as text in UTF-8"

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order mark -> encoding; UTF-32's begins with UTF-16's, so it is looked for first."""


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a file as text, line ends as they stand.

    Raises:
        DataError: it is missing, no file, too large, cannot be read, or is no text; also while the
            block reads from it.
    """
    try:
        if not path.is_file():
            raise DataError(f"{path}: there is no such file", "check the path")
        size = path.stat().st_size
        if size > MAX_FILE:
            raise DataError(
                f"{path}: {size / 1e9:.1f} GB are too many", f"give at most {MAX_FILE / 1e9:.0f} GB"
            )
        with path.open(encoding=_encoding(path), newline="") as stream:
            yield stream
    except UnicodeError:
        raise DataError(f"{path}: not UTF-8 text", HINT) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})", "check the path") from None


def lines(stream: TextIO, path: Path) -> Iterator[str]:
    """The lines of a text as they stand.

    Raises:
        DataError: one holds a NUL, which no text does.
    """
    for number, line in enumerate(stream, 1):
        if "\0" in line:
            raise DataError(f"{path}, line {number}: no text but binary data", HINT)
        yield line


def text(path: Path) -> str:
    """A whole file as one text, without the spaces around it.

    Raises:
        DataError: as `opened` and `lines`, or it is longer than `MAX_TEXT`.
    """
    with opened(path) as stream:
        whole = stream.read(MAX_TEXT + 1)
    if "\0" in whole:
        raise DataError(f"{path}: no text but binary data", HINT)
    if len(whole) > MAX_TEXT:
        raise DataError(f"{path}: longer than {MAX_TEXT:,} characters", "cut it into several texts")
    return whole.strip()


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(4)
    return next((name for mark, name in MARKS.items() if start.startswith(mark)), "utf-8")
