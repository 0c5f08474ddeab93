"""Modality detection: whether a path leads to images or to texts."""

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from glassnet.data import columns, table_files, tables, text_files
from glassnet.data.images import arrays, columns as image_columns, image_files
from glassnet.data.texts import columns as text_columns

MAX_FILES = 10_000
"""Number of files of a folder that are counted."""

MAX_ROWS = 20
"""Number of rows of a table that are read."""


def detect(path: Path) -> str:
    """The modality of the data at a path: `images`, `texts`, or empty where it cannot be detected.

    A folder has the modality of most of its files. A table contains images if a column is named so
    or if most of its first rows name image files.
    """
    try:
        if path.is_dir():
            return _of_folder(path)
        extension = path.suffix.lower()
        if extension in tables.EXTENSIONS and path.is_file():
            return "images" if _names_images(path) else "texts"
    except (OSError, ValueError):
        return ""
    if extension == text_files.EXTENSION or extension in tables.JSON:
        return "texts"
    return "images" if extension == ".npz" or extension in image_files.EXTENSIONS else ""


def _of_folder(path: Path) -> str:
    if arrays.idx_files(path):
        return "images"
    counts = Counter(
        "texts" if extension == text_files.EXTENSION else "images"
        for extension in itertools.islice(_extensions(path), MAX_FILES)
        if extension == text_files.EXTENSION or extension in image_files.EXTENSIONS
    )
    return counts.most_common(1)[0][0] if counts else ""


def _extensions(path: Path) -> Iterator[str]:
    for _, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        yield from (os.path.splitext(name)[1].lower() for name in names)  # noqa: PTH122


def _names_images(path: Path) -> bool:
    first, rows = table_files.peek(path, MAX_ROWS - 1)
    named_images = columns.named(first, image_columns.NAMES["image"])
    is_named_so = bool(named_images) and not columns.named(first, text_columns.NAMES["text"])
    return is_named_so or image_columns.names_images(first, rows)
