"""Kinds: whether a path leads to images or to texts, told from a first look."""

from __future__ import annotations

import csv
import itertools
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from glassnet.data.images import arrays, image_files
from glassnet.data.images.tables import COLUMNS
from glassnet.data.texts import encoding, tables
from glassnet.errors import DataError

MOST_FILES = 10_000
"""Files of a folder that are looked at."""

MOST_LINES = 20
"""Lines of a table that are looked at."""

IMAGE_NAMES = set(COLUMNS["image"].split())
TEXT_NAMES = set(tables.ROLES["text"].split())


def look(path: Path) -> str:
    """What a path leads to: `images`, `texts`, or an empty text where that cannot be told.

    A folder is of the kind of which it has more files. A table is of images if a column's name says
    so, or most of its first rows name image files.
    """
    try:
        if path.is_dir():
            return _of_folder(path)
        ending = path.suffix.lower()
        if ending in {".csv", ".tsv"} and path.is_file():
            return "images" if _names_images(path) else "texts"
    except (OSError, ValueError):
        return ""
    if ending == encoding.ENDING or ending in tables.JSON_LINES:
        return "texts"
    return "images" if ending == ".npz" or ending in image_files.ENDINGS else ""


def _of_folder(path: Path) -> str:
    if arrays.idx_files(path):
        return "images"
    counts = Counter(
        "texts" if ending == encoding.ENDING else "images"
        for ending in itertools.islice(_endings(path), MOST_FILES)
        if ending == encoding.ENDING or ending in image_files.ENDINGS
    )
    return counts.most_common(1)[0][0] if counts else ""


def _endings(path: Path) -> Iterator[str]:
    for _, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        yield from (os.path.splitext(name)[1].lower() for name in names)  # noqa: PTH122


def _names_images(path: Path) -> bool:
    """Whether most of a table's first rows name image files, or a column is to name them."""
    try:
        with encoding.opened(path) as stream:
            lines = list(itertools.islice(encoding.lines(stream, path), MOST_LINES))
    except DataError:
        return False
    rows = [_cells(line) for line in lines if line.strip()]
    if not rows:
        return False
    names = {tables.key(cell) for cell in rows[0]}
    if names & IMAGE_NAMES and not names & TEXT_NAMES:
        return True
    naming = sum(any(map(_is_image, cells)) for cells in rows)
    return 2 * naming >= max(2, len(rows) - 1)


def _cells(line: str) -> list[str]:
    try:
        found = next(csv.reader([line], delimiter=max(",;\t", key=line.count)), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in found]


def _is_image(cell: str) -> bool:
    return os.path.splitext(cell)[1].lower() in image_files.ENDINGS and len(cell) < 1000  # noqa: PTH122
