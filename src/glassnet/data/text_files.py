"""Text files: decoded by their byte order mark, or else as UTF-8, within limits."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from glassnet.errors import DataError

EXTENSION = ".txt"
"""The extension of files that are one text each, in lower case."""

MAX_FILE = 2_000_000_000
"""Maximum size of a file in bytes."""

MAX_TEXT = 10_000_000
"""Maximum length of one text in characters."""

HINT = "save it as text in UTF-8"

ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order mark -> encoding; UTF-32 comes first, as its mark begins with that of UTF-16."""


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a file as text, with its line ends unchanged.

    Raises:
        DataError: it is missing, not a file, too large, unreadable, or not text; also while the
            block reads from it.
    """
    try:
        if not path.is_file():
            raise DataError(f"{path}: there is no such file", "check the path")
        if (size := path.stat().st_size) > MAX_FILE:
            raise DataError(
                f"{path}: {size / 1e9:.1f} GB are too large",
                f"split it into files of at most {MAX_FILE / 1e9:.0f} GB",
            )
        with path.open(encoding=_encoding(path), newline="") as stream:
            yield stream
    except UnicodeError:
        raise DataError(f"{path}: not UTF-8 text", HINT) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})", "check the path") from None


def lines(stream: TextIO, path: Path) -> Iterator[str]:
    """The lines of a text file with their line ends.

    Raises:
        DataError: a line contains a NUL, which text does not.
    """
    for number, line in enumerate(stream, 1):
        if "\0" in line:
            raise DataError(f"{path}, line {number}: binary data, not text", HINT)
        yield line


def read_text(path: Path) -> str:
    """A whole file as one text, without the spaces around it.

    Raises:
        DataError: as `open_text` and `lines`, or it is longer than `MAX_TEXT`.
    """
    with open_text(path) as stream:
        text = stream.read(MAX_TEXT + 1)
    if "\0" in text:
        raise DataError(f"{path}: binary data, not text", HINT)
    if len(text) > MAX_TEXT:
        raise DataError(
            f"{path}: longer than {MAX_TEXT:,} characters", "split it into several texts"
        )
    return text.strip()


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(4)
    return next((name for mark, name in ENCODINGS.items() if start.startswith(mark)), "utf-8")
