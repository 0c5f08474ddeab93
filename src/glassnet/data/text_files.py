"""Text files: decoded in their encoding, within limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from glassnet.data import encodings
from glassnet.data.encodings import HINT, Encoding
from glassnet.errors import DataError

EXTENSION = ".txt"
"""The extension of files that are one text each, in lower case."""

MAX_FILE = 2_000_000_000
"""Maximum size of a file in bytes."""

MAX_TEXT = 10_000_000
"""Maximum length of one text in characters."""


LFS_POINTER = b"version https://git-lfs"
"""The beginning of what Git stores in place of a large file."""

LFS_HINT = "get the file itself with git lfs pull"

UTF8 = Encoding("utf-8")


@dataclass(frozen=True)
class TextFile:
    """A file of text and its encoding.

    Attributes:
        path: the file.
        encoding: how its characters are encoded.
    """

    path: Path
    encoding: Encoding = UTF8

    @contextmanager
    def open(self) -> Iterator[TextIO]:
        """Open it with its line ends unchanged; damaged bytes become lone surrogates.

        Raises:
            DataError: it cannot be read; also while the block reads from it.
        """
        errors = "surrogateescape" if self.encoding.damaged else "strict"
        with (
            _as_data_errors(self.path),
            self.path.open(encoding=self.encoding.name, errors=errors, newline="") as stream,
        ):
            yield stream


def find_encoding(path: Path, encoding: str | None = None) -> TextFile:
    """A file and its encoding.

    Args:
        path: the file.
        encoding: the user's choice; None to recognise it.

    Raises:
        DataError: it is missing, not a file, too large, unreadable, or not text.
        UsageError: there is no such encoding.
    """
    with _as_data_errors(path):
        _check_file(path)
        return TextFile(path, encodings.detect(path, encoding))


def read_text(path: Path, encoding: str | None = None) -> str:
    """A whole file as one text, without the spaces around it.

    Raises:
        DataError: it is missing, not a file, too large, unreadable, not text, or longer than
            `MAX_TEXT`.
        UsageError: there is no such encoding.
    """
    return decoded(path, read_bytes(path), encoding)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that may be one text; errors are those of `read_text`."""
    with _as_data_errors(path):
        _check_file(path)
        with path.open("rb") as stream:
            return stream.read(4 * MAX_TEXT + 5)


def decoded(path: Path, content: bytes, encoding: str | None = None) -> str:
    """The content of a file as text; arguments and errors are those of `read_text`.

    A byte order mark decides, then the user, then UTF-8, then `encodings.guess`.
    """
    name = encodings.mark_of(content) or (encodings.check(encoding) if encoding else "")
    try:
        text = content.decode(name or "utf-8")
    except UnicodeError:
        found = encodings.Guess("", ()) if name else encodings.guess([content])
        if not found.name:
            raise DataError(f"not {name or 'UTF-8'} text", found.hint, path) from None
        text = content.decode(found.name, "replace")
    if "\0" in text:
        raise DataError("binary data, not text", HINT, path)
    if len(text) > MAX_TEXT:
        raise DataError(f"longer than {MAX_TEXT:,} characters", "split it into several texts", path)
    return text.strip()


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise DataError("there is no such file", "check the path", path)
    with path.open("rb") as stream:
        if stream.read(len(LFS_POINTER)) == LFS_POINTER:
            raise DataError("a pointer of Git LFS, not the file", LFS_HINT, path)
    if (size := path.stat().st_size) > MAX_FILE:
        raise DataError(
            f"{size / 1e9:.1f} GB are too large",
            f"split it into files of at most {MAX_FILE / 1e9:.0f} GB",
            path,
        )


@contextmanager
def _as_data_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeError:
        raise DataError("not UTF-8 text", HINT, path) from None
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", "check the path", path) from None
