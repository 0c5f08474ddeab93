"""Paths of the user's data: resolved, confined to a folder, and printable."""

import os
import unicodedata
from difflib import get_close_matches
from pathlib import Path

from glassnet.errors import DataError

OUTSIDE_HINT = "move the files into the data set's own folder; nothing outside it is read"


def exists(name: str) -> bool:
    """Whether a name leads to a file or folder."""
    try:
        return bool(name) and Path(name).exists()
    except OSError:
        return False


def resolve(name: str) -> Path:
    """The absolute path of a file or folder, with `~` expanded and links followed.

    Raises:
        DataError: it does not exist or cannot be read.
    """
    try:
        path = Path(name).expanduser()
        path.stat()
        path = path.resolve()
        str(path).encode()  # it is stored as JSON
        return path
    except FileNotFoundError:
        raise DataError("there is no such file or folder", _nearest(path), repr(name)) from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"cannot be read ({reason})", "check the path", repr(name)) from None


def is_inside(root: Path, path: Path) -> bool:
    """Whether a path, with all links followed, is within the root; it need not exist."""
    try:
        resolve_inside(root, path, "")
    except DataError:
        return False
    return True


def resolve_inside(root: Path, path: Path, where: str) -> Path:
    """The file that a path leads to with all links followed, if it is within the root.

    Args:
        root: a folder, itself without links.
        path: need not exist.
        where: begins the error message, such as `labels.csv, line 7: ../a.png`.

    Raises:
        DataError: it leads out of the root.
    """
    try:
        target = Path(os.path.realpath(path))
    except (OSError, ValueError):
        raise DataError(f"{where} is not a path", "give the path of a file") from None
    if not target.is_relative_to(root):
        raise DataError(f"{where} leads out of {root}", OUTSIDE_HINT)
    return target


def printable(name: str) -> str:
    """A file name as text that can be compared, printed and stored on every system.

    Accents are composed (macOS decomposes them), separators become slashes, and surrogates and
    control characters, which could steer a terminal, become U+FFFD.

    Example:
        >>> printable("cafe\u0301/a\x1b.png")
        'café/a�.png'
    """
    composed = unicodedata.normalize("NFC", name).replace(os.sep, "/")
    if composed.isprintable():
        return composed
    return "".join(
        "\ufffd" if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in composed
    )


def _nearest(path: Path) -> str:
    try:
        nearest = get_close_matches(path.name, os.listdir(path.parent), n=1)  # noqa: PTH208
    except OSError:
        nearest = []
    if nearest:
        return f"did you mean {path.with_name(nearest[0])}?"
    return "check the path; unless it begins with / it is relative to the working directory"
