"""Structure of the user's data: what a path leads to, images or texts, and in which form."""

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from glassnet.data import columns, table_files, tables, text_files
from glassnet.data.images import arrays, columns as image_columns, image_files, pixel_columns
from glassnet.data.layout import FIGURES, is_project
from glassnet.data.problems.problem import WARNING, Problem, counted, first_few, ungrouped
from glassnet.data.split_names import KNOWN, SplitNames
from glassnet.data.texts import columns as text_columns
from glassnet.errors import DataError

MAX_FILES = 10_000
"""Number of files of a folder that are counted."""

MAX_ROWS = 20
"""Number of rows of a table that are read."""

MAX_FOLDERS = 1000
"""Number of folders in which tables are searched."""

MAX_FIGURES = 20
"""Number of images or texts of a repository up to which they are figures and notes."""

FOLDER, IDX, NPZ, TABLE, PIXELS, FILE = "folder", "idx", "npz", "table", "pixels", "file"
"""The forms: a folder of files, two of arrays, tables, tables of pixels, and a single file."""


@dataclass(frozen=True)
class Structure:
    """What a path leads to.

    Attributes:
        path: the path.
        modality: `images` or `texts`; empty where that is unclear.
        form: one of the forms above; empty where it is none of them.
        problems: what the user should know about the choice.
        tables: the tables in a folder, each with its split; `{path: ""}` of a single table, whose
            rows can be in several splits.
    """

    path: Path
    modality: str = ""
    form: str = ""
    tables: dict[Path, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def detect(path: Path, split_names: SplitNames = KNOWN) -> Structure:
    """The structure of the data at a path.

    A folder is read as a folder of files of which it has most; as tables if it contains tables of
    which one is called train, or one table alone; as tables of images if these are in one folder.
    A table contains images if a column is named so, if most of its first rows name image files, or
    if it is a table of pixels.

    Args:
        path: exists.
        split_names: which names mean splits.

    Raises:
        DataError: it is unclear which of several tables are to be read.
    """
    try:
        if path.is_dir():
            return _of_folder(path, split_names)
        extension = path.suffix.lower()
        if extension in tables.EXTENSIONS and path.is_file():
            return _of_tables(path, {path: ""})
    except (OSError, ValueError):
        return Structure(path)
    if extension == text_files.EXTENSION or extension in tables.JSON:
        return Structure(path, "texts", FILE)
    if extension == ".npz":
        return Structure(path, "images", NPZ)
    return Structure(path, "images" if extension in image_files.EXTENSIONS else "", FILE)


def check_modality(found: Structure, name: str, expected: str) -> None:
    """Refuse data of the other modality.

    Raises:
        DataError: they are.
    """
    if found.modality and found.modality != expected:
        raise DataError(
            f"contains {found.modality}, not {expected}",
            f"use a network for {found.modality}",
            name,
        )


def tables_of_images(path: Path) -> list[Path]:
    """The tables that name images, in a folder and in its split folders."""
    try:
        found = _tables_in(path)[1]
        splits = [folder for folder in sorted(path.iterdir()) if folder.is_dir()]
        for folder in splits if KNOWN.find_alike([one.name for one in splits]) else ():
            found = [*found, *_tables_in(folder)[1]]
    except OSError:
        return []
    return [table for table in found if _names_images(table)]


def _of_folder(path: Path, split_names: SplitNames) -> Structure:
    if arrays.idx_files(path):
        return Structure(path, "images", IDX)
    counts = Counter(
        "texts" if extension == text_files.EXTENSION else "images"
        for extension in itertools.islice(_extensions(path), MAX_FILES)
        if extension == text_files.EXTENSION or extension in image_files.EXTENSIONS
    )
    if not counts["images"]:
        if splits := _in_split_folders(path):
            others = [table for table in _tables_in(path)[1] if table not in splits]
            return replace(_of_tables(path, splits), problems=_unread(others))
        folder, found = _tables_in(path)
        above = {folder, *folder.parents}
        if found and all(Path(root) in above for root in _folders_of_texts(path)):
            splits = _splits_of(folder, found, split_names)
            others = [table for table in found if table not in splits]
            return replace(_of_tables(path, splits), problems=_unread(others))
    elif splits := _splits_of_images(path):
        return Structure(path, "images", TABLE, splits)
    if not counts or _is_mere_project(path):
        _check_tables_below(path)
    return Structure(path, counts.most_common(1)[0][0] if counts else "", FOLDER)


def _in_split_folders(path: Path) -> dict[Path, str]:
    """The only table of each of the folders called train and so on, with its split."""
    folders = [one for one in sorted(path.iterdir()) if one.is_dir()]
    by_name = KNOWN.find_alike([folder.name for folder in folders])
    found = {one: _tables_in(one)[1] for one in folders if one.name in by_name}
    if not found or any(len(inside) != 1 for inside in found.values()):
        return {}
    return {inside[0]: by_name[folder.name] for folder, inside in found.items()}


def _is_mere_project(path: Path) -> bool:
    """Whether a folder is the root of a repository, with some figures and notes alone."""
    entries = list(path.iterdir())
    if not is_project([entry.name for entry in entries]):
        return False
    n_others = Counter(
        extension
        for entry in entries
        if entry.is_dir() and entry.name.lower() not in FIGURES
        for extension in itertools.islice(_extensions(entry), MAX_FILES)
    )
    n_images = sum(n_others[extension] for extension in image_files.EXTENSIONS)
    n_images += sum(entry.suffix.lower() in image_files.EXTENSIONS for entry in entries)
    return n_images <= MAX_FIGURES and n_others[text_files.EXTENSION] <= MAX_FIGURES


def _check_tables_below(path: Path) -> None:
    """Refuse a folder whose tables are further down, beside figures at most."""
    found: list[Path] = []
    for root, folders, names in itertools.islice(os.walk(path), MAX_FOLDERS):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        if Path(root) != path:
            found += [Path(root, name) for name in sorted(names) if _is_table(name)]
    if found:
        names = [table.relative_to(path).as_posix() for table in found]
        raise DataError(
            f"no data set here, but tables further down: {first_few(names)}",
            f"give one of them or its folder, such as {found[0].parent}",
            path,
        )


def _is_table(name: str) -> bool:
    return Path(name).suffix.lower() in tables.EXTENSIONS - tables.JSON


def _splits_of_images(path: Path) -> dict[Path, str]:
    """The tables called train and so on that name the images of one folder, each with its split."""
    folder, found = _tables_in(path)
    by_name = KNOWN.find_alike([table.stem for table in found])
    splits = {table: by_name[table.stem] for table in found if table.stem in by_name}
    folders = [one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")]
    one_folder = len(folders) < 2
    names_images = all(_names_images(table) for table in splits)
    return splits if one_folder and names_images else {}


def _tables_in(path: Path) -> tuple[Path, list[Path]]:
    """The tables of a folder, or of the only folder in it, and so on."""
    entries = sorted(entry for entry in path.iterdir() if not entry.name.startswith((".", "__")))
    found = [entry for entry in entries if entry.suffix.lower() in tables.EXTENSIONS]
    found = [entry for entry in found if entry.is_file() and not entry.is_symlink()]
    folders = [entry for entry in entries if entry.is_dir() and not entry.is_symlink()]
    if not found and len(folders) == 1:
        return _tables_in(folders[0])
    return path, found


def _splits_of(folder: Path, found: list[Path], split_names: SplitNames) -> dict[Path, str]:
    """The tables that are read, each with its split."""
    if len(found) == 1 and not split_names.chosen:
        return {found[0]: ""}
    if split_names.chosen:
        chosen = split_names.chosen
        splits = {
            path: chosen.get(path.name, chosen.get(path.stem, ""))
            for path in found
            if path.name in chosen or path.stem in chosen
        }
    else:
        names = [path.stem for path in found]
        by_name = KNOWN.find_alike(names)
        splits = {path: by_name[path.stem] for path in found if path.stem in by_name}
        alone = [path for path in found if KNOWN.find([path.stem]).get(path.stem) == "train"]
        if not splits and len(alone) == 1:
            return {alone[0]: ""}
    if "train" not in splits.values():
        raise DataError(
            f"several tables, and none is called train: {first_few([path.name for path in found])}",
            "give one of them, name splits by --splits train=A,test=B, or join tables of one class "
            "each into one table with a column for the class",
            folder,
        )
    return splits


def _unread(others: list[Path]) -> tuple[Problem, ...]:
    """The warning of tables that are in no split, if there are any."""
    if not others:
        return ()
    names = [table.name for table in others]
    text = f"{counted(len(names), 'tables')} in no split left out: {first_few(names)}"
    hint = "--splits train=A,test=B names the tables that are splits"
    return (Problem("no-split", WARNING, text, hint, ungrouped(names)),)


def _of_tables(path: Path, splits: dict[Path, str]) -> Structure:
    table = next((table for table, split in splits.items() if split in ("", "train")))
    first, rows = table_files.peek(table, MAX_ROWS - 1)
    if pixel_columns.find_columns(first, rows) is not None:
        return Structure(path, "images", PIXELS, splits)
    return Structure(path, "images" if _names_images(table) else "texts", TABLE, splits)


def _names_images(table: Path) -> bool:
    first, rows = table_files.peek(table, MAX_ROWS - 1)
    named_images = columns.named(first, image_columns.NAMES["image"])
    is_named_so = bool(named_images) and not columns.named(first, text_columns.NAMES["text"])
    return is_named_so or image_columns.names_images(table, first, rows)


def _extensions(path: Path) -> Iterator[str]:
    for _, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        yield from (os.path.splitext(name)[1].lower() for name in names)  # noqa: PTH122


def _folders_of_texts(path: Path) -> Iterator[str]:
    """The folders below a folder that contain files of texts."""
    for root, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        if any(name.lower().endswith(text_files.EXTENSION) for name in names):
            yield root
