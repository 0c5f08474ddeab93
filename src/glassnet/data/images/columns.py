"""Tables of images: the columns of image paths, classes and splits, and the files they name."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from glassnet import progress
from glassnet.data import columns, groups, table_files, tables
from glassnet.data.delimited import Row
from glassnet.data.images import image_files
from glassnet.data.listing import SPLITS, UNLABELLED, Item, Listing, paths_outside
from glassnet.data.options import DEFAULTS, ReadOptions
from glassnet.data.paths import is_inside, printable, resolve_inside
from glassnet.data.problems.problem import NOTE, REFUSAL, Problem, problem_logger
from glassnet.data.problems.rows import incomplete_rows, unknown_splits
from glassnet.data.sources import fetch
from glassnet.data.split_names import SplitNames
from glassnet.data.table_files import IsHeader
from glassnet.data.tables import Table, TableFormat
from glassnet.errors import DataError

NAMES = {
    "image": "image images imagepath imagefile imagename img file filename filepath path photo "
    "imageid",
    "label": f"{columns.LABEL_NAMES} {columns.WEAK_LABEL_NAMES}",
    "split": columns.SPLIT_COLUMN,
}
"""The role of a column -> its names, normalized and in order of preference."""

HINT = "name the columns image and label in the first line, or give --image-column, --label-column"

MAX_FOLDERS = 20
"""Number of folders in which the images of a table are searched."""

MAX_COLUMNS = 8
"""Number of columns that are searched for the names of images that lack an extension."""

FIRST_NAMES = 20
"""Number of images by which their folder is found."""

MAX_PATH = 4096
"""Maximum length of a path in characters."""


@dataclass(frozen=True)
class ImageColumn:
    """The column of image paths of a table, read row by row in constant memory.

    Attributes:
        format: the table.
        position: of the column.
        folder: the folder to which the paths are relative.
    """

    format: TableFormat
    position: int
    folder: Path

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        """Where each row is, such as `labels.csv, line 7`, and the row."""
        return self.format.located_rows()

    def path_of(self, location: str, row: list[Any]) -> Path:
        """The path of a row's image.

        Raises:
            DataError: the row names none, or one outside that folder; the message begins with
                `location`.
        """
        if not (cell := tables.cell_at(row, self.position)):
            raise DataError("no image", "fill the cell or delete the line", location)
        image = _with_extension(self.folder / cell.replace("\\", "/"))
        root = self.format.path.parent.resolve()
        resolve_inside(root, image, f"{location}: {printable(cell)}")
        return image


def read_listing(path: Path, options: ReadOptions = DEFAULTS) -> Listing:
    """List the images that a table names, relative to its folder or to one folder in it.

    Rows without an image, label or split are left out. An image can be in several rows, and its
    name can lack the file extension.

    Args:
        path: a CSV, TSV or JSON file, without links in its path.
        options: how it is read.

    Raises:
        DataError: it cannot be read, has no column of images or of classes, or no usable row.
    """
    chosen = (options.image_column, options.label_column, options.group_column)
    is_header = header_detector(path, *chosen)
    table = table_files.read(path, is_header, options.encoding)
    split_names = SplitNames.parse(options.splits)
    positions, guessed, notes = _choose(table, options, split_names)
    cells = {role: table.columns[k] for role, k in positions.items()}
    splits = columns.read_splits(table, positions.get("split"), split_names)
    labels = cells.get("label", [UNLABELLED] * len(table))
    groups_of = cells.get("group", [""] * len(table))
    items, faults, outside = [], table.faults, []
    nested = table.nested(positions["label"]) if "label" in positions else {}
    folder = _folder_of(path, cells["image"])
    for k, (name, label, split) in enumerate(zip(cells["image"], labels, splits, strict=True)):
        location = f"in {table.format.location(table.lines[k])}"
        target = _with_extension(folder / name.replace("\\", "/"))
        if k in nested:
            faults.append(f"{nested[k]} as label {location}")
        elif fault := _fault({"image": name, "label": label, "split": split}):
            faults.append(f"{fault} {location}")
        elif not is_inside(path.parent, target):
            outside.append(f"{printable(name)} {location}")
        elif split in SPLITS:
            items.append(_item(path.parent, target, label, split, groups_of[k]))
    n = len(table) + len(table.faults)
    problems = (
        *paths_outside(path, outside),
        *unknown_splits(str(path), table.locations(), splits),
        Problem("columns", NOTE, columns.note(table.format, positions, guessed)),
        *_folder_note(path, folder),
        *notes,
        *incomplete_rows(str(path), faults, n, "rows", "give each an image and a label"),
    )
    if not items:
        refusal = next(problem for problem in problems if problem.severity == REFUSAL)
        raise DataError(refusal.text, refusal.hint)
    items.sort(key=lambda item: item.name)
    return Listing(path.parent, tuple(items), problems)


def read_tables(split_of: Mapping[Path, str], options: ReadOptions) -> Listing:
    """List the images of several tables, each of which is a split.

    Args:
        split_of: table -> split; empty where a column of a single table may have it.
        options: how they are read.

    Raises:
        DataError: as `read_listing`.
    """
    listings = {path: read_listing(path, options) for path in split_of}
    items = [
        replace(item, split=split_of[path]) if split_of[path] else item
        for path, listing in listings.items()
        for item in listing.items
    ]
    items.sort(key=lambda item: item.name)
    problems = [problem for listing in listings.values() for problem in listing.problems]
    return Listing(next(iter(listings.values())).root, tuple(items), tuple(problems))


def image_column(
    path: Path, encoding: str | None = None, log: fetch.Log = progress.log
) -> ImageColumn:
    """The column of image paths of a table, which needs no labels.

    The table is read once, to find out which rows can be read.

    Args:
        path: a CSV, TSV or JSON file.
        encoding: how the characters are encoded; None to recognise it.
        log: receives a note on which column is read, and on rows that cannot be read.

    Raises:
        DataError: more than half of it cannot be read, or it has no such column.
    """
    table_format = table_files.detect_format(path, header_detector(path), encoding)
    first = tables.sample(table_format)
    position, guessed = _choose_images(first, None)
    log(columns.note(table_format, {"image": position}, guessed))
    n = table_format.n_rows + len(table_format.faults)
    for problem in incomplete_rows(str(path), first.faults, n, "rows", "correct these lines"):
        problem_logger(log)(problem)
    folder = _folder_of(path, first.columns[position])
    for problem in _folder_note(path, folder):
        problem_logger(log)(problem)
    return ImageColumn(table_format, position, folder)


def names_images(path: Path, first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether most of the first rows of a table contain the name of an image file.

    Names without an extension count if there are such images beside the table.
    """
    n = sum(any(map(_has_extension, cells)) for cells in (first, *rows))
    named = [any(_is_file(path, cell) for cell in cells[:MAX_COLUMNS]) for cells in rows[:3]]
    return 2 * n >= max(2, len(rows)) or (len(named) > 1 and all(named))


def header_detector(path: Path, *chosen: str | None) -> IsHeader:
    """Create the function that decides whether the first row of a table names the columns.

    Args:
        path: the table.
        chosen: names of columns that the user chose; a row with one of them is a header.
    """
    return partial(_is_header, path, [name for name in chosen if name is not None])


def _is_header(path: Path, chosen: Sequence[str], rows: list[Row]) -> bool:
    """Whether the first row names a known column, or at least no image file."""
    first = [cell.strip() for cell in rows[0][1]]
    names = {role: NAMES[role] for role in ("image", "label")}
    is_named = all(columns.named(first, known) for known in names.values())
    if not is_named and any(_has_extension(cell) or _contains(path.parent, cell) for cell in first):
        return False
    found = columns.is_header(rows, names, chosen)
    return True if found is None else found


def _choose(
    table: Table, options: ReadOptions, split_names: SplitNames
) -> tuple[dict[str, int], set[str], list[Problem]]:
    """Role -> position of its column, the roles that are guessed, and what is to be noted.

    Without a column named for it, the images are where the first row names a file, and the classes
    in the only other column that can contain classes.
    """
    chosen = columns.chosen_positions(
        table,
        {
            "image": options.image_column,
            "label": options.label_column,
            "group": options.group_column,
        },
    )
    image, guessed = _choose_images(table, options.image_column)
    positions = {"image": image} | chosen
    split, notes = columns.split_column(table, split_names)
    if split is not None and split != chosen.get("group"):
        positions["split"] = split
    others = [k for k in range(len(table.header)) if k not in positions.values()]
    if others and "label" not in positions:
        label, is_guess = columns.choose_label(table, others)
        if label is None and len(others) > 1:
            raise columns.missing(table.format, "label", HINT)
        positions["label"] = others[0] if label is None else label
        guessed |= {"label"} if is_guess else set()
    if not options.group_column and not options.group_pattern:
        notes += groups.possible_in_columns(table, positions.values())
    return positions, guessed, notes


def _choose_images(table: Table, image_column: str | None) -> tuple[int, set[str]]:
    if image_column:
        return table.find(image_column), set()
    if known := columns.named(table.header, NAMES["image"]):
        return known[0], set()
    cells = [tables.cell_at(table.rows[0], k) for k in range(len(table.header))]
    files = [k for k, cell in enumerate(cells) if _is_file(table.path, cell)]
    files += [k for k, cell in enumerate(cells) if _has_extension(cell)]
    if not files:
        raise columns.missing(table.format, "image", HINT)
    return files[0], {"image"}


def _fault(cells: dict[str, str]) -> str:
    """Why a row cannot be used; empty if it can."""
    for role, cell in cells.items():
        if not cell:
            return f"no {role}"
    return f"a path of {len(cells['image']):,} characters" if len(cells["image"]) > MAX_PATH else ""


def _item(root: Path, target: Path, label: str, split: str, group: str) -> Item:
    path = Path(os.path.realpath(target))
    name = printable(os.path.relpath(path, root))
    return Item(name=name, path=path, label=printable(label), split=split, group=printable(group))


def _has_extension(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in image_files.EXTENSIONS  # noqa: PTH122


def _is_file(table: Path, cell: str) -> bool:
    return any(_contains(folder, cell) for folder in _folders(table))


def _contains(folder: Path, name: str) -> bool:
    try:
        return 0 < len(name) <= MAX_PATH and _with_extension(folder / name).is_file()
    except (OSError, ValueError):  # a label can be longer than any file name
        return False


def _folders(table: Path) -> list[Path]:
    """The folder of a table and the folders in it."""
    inner = sorted(path for path in table.parent.iterdir() if path.is_dir())
    return [table.parent, *(path for path in inner if not path.name.startswith((".", "__")))][
        :MAX_FOLDERS
    ]


def _folder_of(table: Path, names: Sequence[str]) -> Path:
    """The folder in which most of the first named images are; the table's own if none has them."""
    first = [name.replace("\\", "/") for name in names if name][:FIRST_NAMES]
    for folder in _folders(table):
        if 2 * sum(_contains(folder, name) for name in first) > len(first):
            return folder
    return table.parent


def _folder_note(table: Path, folder: Path) -> list[Problem]:
    if folder == table.parent:
        return []
    text = f"{table.name}: its images are in the folder {printable(folder.name)}"
    return [Problem("image-folder", NOTE, text)]


def _with_extension(target: Path) -> Path:
    """The image file that a name means, which can lack its extension, as ids in tables do."""
    try:
        if target.exists():
            return target
        longer = (target.with_name(target.name + one) for one in sorted(image_files.EXTENSIONS))
        return next((path for path in longer if path.is_file()), target)
    except OSError:  # longer than any file name
        return target
