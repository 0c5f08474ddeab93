"""Images from paths, folders, patterns, tables, or paths on standard input."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from glassnet.cli.predictions import Input
from glassnet.data import structure, tables
from glassnet.data.images import columns, image_files, pixel_inputs
from glassnet.data.images.pixel_inputs import PixelTable
from glassnet.data.paths import resolve, resolve_inside
from glassnet.errors import DataError, UsageError

Table = columns.ImageColumn | PixelTable
"""A table of paths or of pixels."""

STDIN = "-"
"""Stands for standard input, one path per line."""

MAX_LINE = 100_000
"""Bytes per line of standard input."""


def table_of(
    paths: Sequence[str],
    input_shape: tuple[int, ...],
    image_shape: str | None,
    encoding: str | None,
) -> Table | None:
    """The table of paths or pixels, if the command's argument is one; None for anything else.

    Args:
        paths: the arguments.
        input_shape: (C, H, W), of the network.
        image_shape, encoding: see `ReadOptions`.

    Raises:
        UsageError: there are other arguments beside the table, or an option is for tables alone.
        DataError: it cannot be read.
    """
    names = [name for name in paths if _is_table(name)]
    if names and len(paths) > 1:
        raise UsageError(
            f"{names[0]}: a table cannot be combined with other files", "give the table alone"
        )
    path = resolve(names[0]) if names else None
    has_pixels = path is not None and structure.detect(path).form == structure.PIXELS
    for flag, value, applies in (
        ("--encoding", encoding, path is not None),
        ("--image-shape", image_shape, has_pixels),
    ):
        if value is not None and not applies:
            kind = "tables of pixels" if flag == "--image-shape" else "tables"
            raise UsageError(f"{flag} {value}: it is for {kind}", f"remove {flag}")
    if path is None:
        return None
    if has_pixels:
        return pixel_inputs.pixel_table(path, input_shape, image_shape, encoding)
    return columns.image_column(path, encoding)


def rows(table: Table) -> Iterator[Input]:
    """The rows of a table; a path outside the table's folder is an error of its row."""
    return _rows_of_pixels(table) if isinstance(table, PixelTable) else _rows_of_paths(table)


def _rows_of_pixels(table: PixelTable) -> Iterator[Input]:
    return (Input(source, source, row=row) for source, row in table)


def _rows_of_paths(column: columns.ImageColumn) -> Iterator[Input]:
    for source, row in column:
        try:
            yield Input(str(column.path_of(source, row)), source, row=row)
        except DataError as error:
            yield Input(source, source, row=row, error=error.reason)


def files(paths: Sequence[str]) -> Iterator[Input]:
    """The image files of the command's arguments, in order; those of a folder sorted by name.

    Every argument is checked before the first file is returned; standard input is read line by
    line.

    Raises:
        DataError: there is no such file, a folder has no image, or no file matches a pattern.
    """
    parts = [_expand(name) for name in paths]
    return (Input(path, path) for part in parts for path in part)


def _expand(name: str) -> Iterable[str]:
    if name == STDIN:
        return _stdin_paths()
    path = Path(name)
    if path.is_dir():
        if next(_inside(path), None) is None:
            raise DataError("there is no image in this folder", "give PNG or JPEG files", path)
        return map(str, _inside(path))
    if path.exists():
        return [name]
    if glob.has_magic(name):
        matches = sorted(filter(_is_image, glob.iglob(name, recursive=True)))  # noqa: PTH207
        if not matches:
            raise DataError("no image matches this pattern", "check it, and quote it", name)
        return matches
    raise DataError("there is no such file", "check the path", name)


def _inside(folder: Path) -> Iterator[Path]:
    """The images in a folder and its subfolders, sorted by name, without hidden ones.

    Only one folder's names are in memory at a time. Links to folders, and to files outside the
    folder, are not followed.
    """
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(
            f"cannot be read ({error.strerror})", "check its permissions", folder
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
        return resolve_inside(folder.resolve(), Path(entry.path), entry.path).is_file()
    except DataError:
        return False


def _is_image(name: str) -> bool:
    return Path(name).suffix.lower() in image_files.EXTENSIONS


def _is_table(name: str) -> bool:
    path = Path(name)
    return path.suffix.lower() in tables.EXTENSIONS and not path.is_dir()


def _stdin_paths() -> Iterator[str]:
    if sys.stdin is None:
        raise DataError("there is no standard input", "give the files on the command line")
    for number, line in enumerate(iter(lambda: sys.stdin.buffer.readline(MAX_LINE), b""), 1):
        if len(line) == MAX_LINE or b"\0" in line:
            raise DataError(
                f"standard input, line {number}: not a path", "give one path of an image per line"
            )
        if name := os.fsdecode(line.rstrip(b"\r\n")):
            yield name
