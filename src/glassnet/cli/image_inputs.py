"""Where images come from: files, folders, patterns, tables, and paths on standard input."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from glassnet.cli.predictions import Given
from glassnet.data.images import image_files, tables
from glassnet.data.listing import inside
from glassnet.data.texts import tables as text_tables
from glassnet.errors import DataError, UsageError

STREAM = "-"
"""What stands for standard input, a path a line."""

LONGEST = 100_000
"""Bytes of such a line at most."""


def table_of(given: Sequence[str]) -> tables.Column | None:
    """The paths of the table that a command was given; None where it was given anything else.

    Raises:
        UsageError: it is given among other things.
        DataError: it cannot be read.
    """
    found = [name for name in given if _is_table(name)]
    if found and len(given) > 1:
        raise UsageError(
            f"{found[0]}: a table is answered as a table, and cannot stand with other files",
            "give it alone",
        )
    return tables.column(Path(found[0])) if found else None


def rows(column: tables.Column) -> Iterator[Given]:
    """The rows of a table of paths; one that leads out of the table's folder is at fault."""
    for place, row in column:
        try:
            yield Given(str(column.path_of(place, row)), place, row=row)
        except DataError as error:
            yield Given(place, place, row=row, fault=error.message.removeprefix(f"{place}: "))


def files(given: Sequence[str]) -> Iterator[Given]:
    """The image files that a command was given, in its order; those of a folder by their names.

    What was named and is not there is said before the first one is given; standard input is read
    as it comes.

    Raises:
        DataError: there is no such file, no image in a folder, or nothing that fits a pattern.
    """
    parts = [_part(name) for name in given]
    return (Given(path, path) for part in parts for path in part)


def _part(name: str) -> Iterable[str]:
    if name == STREAM:
        return _stream()
    path = Path(name)
    if path.is_dir():
        if next(_inside(path), None) is None:
            raise DataError(f"{path}: there is no image in this folder", "give PNG or JPEG files")
        return map(str, _inside(path))
    if path.exists():
        return [name]
    if glob.has_magic(name):
        found = sorted(filter(_is_image, glob.iglob(name, recursive=True)))  # noqa: PTH207
        if not found:
            raise DataError(f"{name}: no image fits this pattern", "check it, and quote it")
        return found
    raise DataError(f"{name}: there is no such file", "check the path")


def _inside(folder: Path) -> Iterator[Path]:
    """The images within a folder and those below it, by name; what is hidden is passed over.

    Only one folder's names are held at a time. Links to folders, and to files elsewhere, are not
    followed.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be read ({error.strerror})", "check who may read it"
        ) from None
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _inside(path)
        elif _is_image(entry.name) and _is_within(folder, entry):
            yield path


def _is_within(folder: Path, entry: os.DirEntry[str]) -> bool:
    if not entry.is_symlink():
        return entry.is_file()
    try:
        return inside(folder.resolve(), Path(entry.path), entry.path).is_file()
    except DataError:
        return False


def _is_image(name: str) -> bool:
    return Path(name).suffix.lower() in image_files.ENDINGS


def _is_table(name: str) -> bool:
    path = Path(name)
    return path.suffix.lower() in text_tables.ENDINGS and not path.is_dir()


def _stream() -> Iterator[str]:
    if sys.stdin is None:
        raise DataError("there is no standard input", "give the files on the command line")
    for number, line in enumerate(iter(lambda: sys.stdin.buffer.readline(LONGEST), b""), 1):
        if len(line) == LONGEST or b"\0" in line:
            raise DataError(
                f"standard input, line {number}: no path", "give the path of an image a line"
            )
        if name := os.fsdecode(line.rstrip(b"\r\n")):
            yield name
