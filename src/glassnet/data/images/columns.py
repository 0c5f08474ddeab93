"""Tables of images: the columns of image paths, classes and splits, and the files they name."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from glassnet import progress
from glassnet.data import columns, tables
from glassnet.data.images import image_files
from glassnet.data.listing import SPLITS, UNLABELLED, Item, Listing, paths_outside
from glassnet.data.paths import is_inside, printable, resolve_inside
from glassnet.data.problems.problem import NOTE, REFUSAL, Problem
from glassnet.data.problems.rows import incomplete_rows, unknown_splits
from glassnet.data.sources import fetch
from glassnet.data.tables import Row, Table, TableFormat
from glassnet.errors import DataError

NAMES = {
    "image": "image images imagepath imagefile imagename img file filename filepath path photo",
    "label": "label labels class classname category target y",
    "split": columns.SPLIT_COLUMN,
}
"""The role of a column -> its names, normalized and in order of preference."""

HINT = "name the columns image and label in the first line"

MAX_PATH = 4096
"""Maximum length of a path in characters."""


@dataclass(frozen=True)
class ImageColumn:
    """The column of image paths of a table, read row by row in constant memory."""

    format: TableFormat
    position: int

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        """The place of each row, such as `labels.csv, line 7`, and the row."""
        for number, row in self.format.rows():
            yield f"{self.format.path.name}, line {number}", row

    def path_of(self, place: str, row: list[Any]) -> Path:
        """The path of a row's image, relative to the table's folder.

        Raises:
            DataError: the row names none, or one outside that folder; the message begins with
                `place`.
        """
        if not (cell := tables.cell_at(row, self.position)):
            raise DataError(f"{place}: no image", "fill the cell or delete the line")
        folder = self.format.path.parent
        image = _with_extension(folder / cell.replace("\\", "/"))
        resolve_inside(folder.resolve(), image, f"{place}: {printable(cell)}")
        return image


def read_listing(path: Path) -> Listing:
    """List the images that a table names, relative to its folder.

    Rows without an image, label or split are left out. An image can be in several rows, and its
    name can lack the file extension.

    Args:
        path: a CSV, TSV or JSON Lines file, without links in its path.

    Raises:
        DataError: it cannot be read, has no column of images or of classes, or no usable row.
    """
    table = tables.read(path, partial(_is_header, path))
    positions, guessed = _choose(table)
    cells = {role: table.columns[k] for role, k in positions.items()}
    splits = columns.read_splits(table, positions.get("split"))
    labels = cells.get("label", [UNLABELLED] * len(table))
    items, faults, outside = [], [], []
    for k, (name, label, split) in enumerate(zip(cells["image"], labels, splits, strict=True)):
        place = f"in line {table.lines[k]}"
        target = _with_extension(path.parent / name.replace("\\", "/"))
        if fault := _fault(table, k, {"image": name, "label": label, "split": split}):
            faults.append(f"{fault} {place}")
        elif not is_inside(path.parent, target):
            outside.append(f"{printable(name)} {place}")
        elif split in SPLITS:
            items.append(_item(path.parent, target, label, split))
    problems = (
        *paths_outside(path, outside),
        *unknown_splits(str(path), table.lines, splits),
        Problem("columns", NOTE, columns.note(table.format, positions, guessed)),
        *incomplete_rows(str(path), faults, len(table), "rows", "give each an image and a label"),
    )
    if not items:
        refusal = next(problem for problem in problems if problem.severity == REFUSAL)
        raise DataError(refusal.text, refusal.hint)
    items.sort(key=lambda item: item.name)
    return Listing(path.parent, tuple(items), problems)


def image_column(path: Path, log: fetch.Log = progress.log) -> ImageColumn:
    """The column of image paths of a table, which needs no labels.

    The table is read once, to see that all of it can be read.

    Args:
        path: a CSV, TSV or JSON Lines file.
        log: receives a note on which column is read.

    Raises:
        DataError: it cannot be read, or has no such column.
    """
    table_format = tables.detect_format(path, partial(_is_header, path))
    position, guessed = _choose_images(tables.sample(table_format))
    log(columns.note(table_format, {"image": position}, guessed))
    return ImageColumn(table_format, position)


def names_images(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether most of the first rows of a table contain the name of an image file."""
    n = sum(any(map(_has_extension, cells)) for cells in (first, *rows))
    return 2 * n >= max(2, len(rows))


def _is_header(path: Path, rows: list[Row]) -> bool:
    """Whether the first row names a known column, or at least no image file."""
    first = [cell.strip() for cell in rows[0][1]]
    return any(columns.named(first, names) for names in NAMES.values()) or not any(
        _has_extension(cell) or _is_file(path, cell) for cell in first
    )


def _choose(table: Table) -> tuple[dict[str, int], set[str]]:
    """Role -> position of its column, and the roles that are guessed.

    Without a column named for it, the images are where the first row names a file, and the classes
    in the only other column.
    """
    image, guessed = _choose_images(table)
    positions = {"image": image}
    for role in ("label", "split"):
        if known := columns.named(table.header, NAMES[role]):
            positions[role] = known[0]
    others = set(range(len(table.header))) - set(positions.values())
    if "label" not in positions and len(others) == 1:
        positions["label"] = others.pop()
        guessed.add("label")
    if others and "label" not in positions:
        raise columns.missing(table.format, "label", HINT)
    return positions, guessed


def _choose_images(table: Table) -> tuple[int, set[str]]:
    if known := columns.named(table.header, NAMES["image"]):
        return known[0], set()
    cells = [tables.cell_at(table.rows[0], k) for k in range(len(table.header))]
    files = [k for k, cell in enumerate(cells) if _is_file(table.path, cell)]
    files += [k for k, cell in enumerate(cells) if _has_extension(cell)]
    if not files:
        raise columns.missing(table.format, "image", HINT)
    return files[0], {"image"}


def _fault(table: Table, k: int, cells: dict[str, str]) -> str:
    """Why a row cannot be used; empty if it can."""
    if k in table.wide_rows:
        return "more cells than columns"
    for role, cell in cells.items():
        if not cell:
            return f"no {role}"
    return f"a path of {len(cells['image']):,} characters" if len(cells["image"]) > MAX_PATH else ""


def _item(root: Path, target: Path, label: str, split: str) -> Item:
    path = Path(os.path.realpath(target))
    name = printable(os.path.relpath(path, root))
    return Item(name=name, path=path, label=printable(label), split=split)


def _has_extension(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in image_files.EXTENSIONS  # noqa: PTH122


def _is_file(table: Path, cell: str) -> bool:
    try:
        return bool(cell) and _with_extension(table.parent / cell).is_file()
    except OSError:  # a label can be longer than any file name
        return False


def _with_extension(target: Path) -> Path:
    """The image file that a name means, which can lack its extension, as ids in tables do."""
    try:
        if target.exists():
            return target
        longer = (target.with_name(target.name + one) for one in sorted(image_files.EXTENSIONS))
        return next((path for path in longer if path.is_file()), target)
    except OSError:  # longer than any file name
        return target
