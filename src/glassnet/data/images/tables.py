"""Tables of images: CSV or TSV with a column of paths, one of labels, and perhaps one of parts."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet import progress
from glassnet.data.images import image_files
from glassnet.data.listing import (
    PART_NAMES,
    UNLABELLED,
    Item,
    Listing,
    inside,
    is_inside,
    outside,
    shown,
    some,
)
from glassnet.data.problems.problem import NOTE, REFUSAL, WARNING, Problem, counted, single
from glassnet.data.texts import tables
from glassnet.errors import DataError, suggest

COLUMNS = {
    "image": "image images imagepath imagefile imagename img file filename filepath path photo",
    "label": "label labels class classname category target y",
    "split": "split part set subset partition",
}
"""What each column may be called, best first; case, spaces, `_` and `-` do not matter."""

HINT = "begin it with the line: image,label"

Row = tuple[int, list[str]]
"""A line's number and its cells."""


def read(path: Path) -> Listing:
    """List the images that a table names, relative to its own folder.

    Commas, semicolons and tabs separate; text is UTF-8. Which columns were taken is told. Rows
    without an image or a label are left out. An image may have several rows, and its name may lack
    the ending.

    Args:
        path: the table, without links in its path.

    Raises:
        DataError: it cannot be read, has no column of images or labels, or no row that can be used.
    """
    (_, header), *rows = _rows(path) or [(1, [])]
    header = [shown(cell) for cell in header]
    columns = _columns(path, header, rows)
    faults: dict[str, list[str]] = {"rows": [], "outside": [], "parts": []}
    items: list[Item] = []
    for number, cells in rows:
        values = {role: cells[k] if k < len(cells) else "" for role, k in columns.items()}
        found = _item(path, values)
        if isinstance(found, Item):
            items.append(found)
        else:
            kind, what = found
            faults[kind].append(f"{what} in line {number}")
    problems = (
        *outside(path, faults["outside"]),
        *_bad_parts(path, faults["parts"]),
        Problem("columns", NOTE, _note(path, header, columns)),
        *_bad_rows(path, faults["rows"], len(rows)),
    )
    if not items:
        refusals = [(one.text, one.hint) for one in problems if one.severity == REFUSAL]
        raise DataError(*(refusals or [(f"{path}: no images in it", HINT)])[0])
    items.sort(key=lambda item: item.name)
    return Listing(path.parent, tuple(items), problems)


@dataclass(frozen=True)
class Column:
    """A table's column of images, to be read row by row; what is held does not grow with it."""

    form: tables.Form
    position: int

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        """Where each row was found, and the row."""
        for number, row in self.form.rows():
            yield f"{self.form.path.name}, line {number}", row

    def path_of(self, where: str, row: list[Any]) -> Path:
        """The image of a row, relative to the table's folder.

        Raises:
            DataError: it names none, or one out of that folder; `where` begins the message.
        """
        name = tables.cell_of(row, self.position).replace("\\", "/")
        if not name:
            raise DataError(f"{where}: no image", "fill the cell, or take the line away")
        root = Path(os.path.realpath(self.form.path.parent))
        image = _with_ending(self.form.path.parent / name)
        inside(root, root / image.relative_to(self.form.path.parent), f"{where}: {shown(name)}")
        return image


def column(path: Path, log: Callable[[str], None] = progress.log) -> Column:
    """The column of images of a table without labels, by its name or by what is in it.

    Args:
        path: a CSV, TSV or JSON Lines file; it is gone through once, to see that all of it is one.
        say: takes a note on which was taken.

    Raises:
        DataError: it cannot be read, or has no such column.
    """
    names = COLUMNS["image"].split()
    form = tables.look(path, names)
    if form.named and any(map(_is_image, form.header)):
        form = tables.unnamed(form)
    keys = [tables.key(name) for name in form.header]
    called = [keys.index(name) for name in names if name in keys]
    _, first = form.first[0]
    cells = [tables.cell_of(first, k) for k in range(len(form.header))]
    holding = [k for k, cell in enumerate(cells) if _is_image(cell) or _leads_to_a_file(path, cell)]
    for position in (*called, *holding):
        log(f"{path.name}: images from the column {form.header[position]!r}")
        return Column(form, position)
    raise DataError(f"{path}: no column of images among {', '.join(form.header)}", HINT)


def _is_image(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in image_files.ENDINGS  # noqa: PTH122


def _rows(path: Path) -> list[Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = text.partition("\n")[0]
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(first), strict=True)
        return [
            (reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)
        ]
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8 text", "save it as CSV in UTF-8") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})", "check the path") from None
    except csv.Error as error:
        raise DataError(f"{path}: not a table ({error})", "save it as CSV in UTF-8") from None


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _columns(path: Path, header: list[str], rows: list[Row]) -> dict[str, int]:
    """Role -> position of its column, by the names, and by what the first row leads to."""
    for cell in header:
        if _leads_to_a_file(path, cell):
            raise DataError(f"{path}: its first line names no columns but {cell!r}", HINT)
    names = [re.sub(r"[ _-]", "", cell).casefold() for cell in header]
    columns = {
        role: names.index(known)
        for role, called in COLUMNS.items()
        for known in reversed(called.split())
        if known in names
    }
    cells = rows[0][1] if rows else []
    guesses = [k for k, cell in enumerate(cells[: len(header)]) if _leads_to_a_file(path, cell)]
    if "image" not in columns and guesses:
        columns["image"] = guesses[0]
    rest = set(range(len(header))) - set(columns.values())
    if "label" not in columns and len(rest) == 1:
        columns["label"] = rest.pop()
    if "image" not in columns or (rest and "label" not in columns):
        missing = "labels" if "image" in columns else "images"
        raise DataError(f"{path}: no column of {missing} among {', '.join(header)}", HINT)
    return columns


def _leads_to_a_file(path: Path, cell: str) -> bool:
    try:
        return bool(cell) and _with_ending(path.parent / cell).is_file()
    except OSError:  # a label may be longer than any file's name
        return False


def _with_ending(target: Path) -> Path:
    """The image file that a name stands for which may lack its ending, as ids in tables do."""
    if target.exists():
        return target
    longer = (target.with_name(target.name + ending) for ending in sorted(image_files.ENDINGS))
    return next((path for path in longer if path.is_file()), target)


def _item(path: Path, values: dict[str, str]) -> Item | tuple[str, str]:
    """The image of a row, or the kind of what is wrong with it, and what that is."""
    for role, value in values.items():
        if not value:
            return "rows", f"no {role}"
    name = values["image"].replace("\\", "/")
    target = path.parent / name
    if not is_inside(path.parent, target):
        return "outside", shown(name)
    target = _with_ending(target)
    part = values.get("split", "train")
    if part.lower() not in PART_NAMES:
        return "parts", shown(part)
    target = Path(os.path.realpath(target))
    return Item(
        name=shown(os.path.relpath(target, path.parent)),
        path=target,
        label=shown(values.get("label", UNLABELLED)),
        part=PART_NAMES[part.lower()],
    )


def _bad_parts(path: Path, faults: list[str]) -> list[Problem]:
    if not faults:
        return []
    text = f"{path}: there is no such part: {some(faults)}"
    name = faults[0].rpartition(" in line ")[0].lower()
    return [Problem("unknown-part", REFUSAL, text, suggest(name, PART_NAMES), single(faults))]


def _bad_rows(path: Path, faults: list[str], n: int) -> list[Problem]:
    if not faults:
        return []
    told = f"{len(faults):,} of {counted(n, 'rows')}"
    if 2 * len(faults) > n:
        text, hint = f"{path}: {told} cannot be used: {some(faults)}", "give each image and label"
        return [Problem("rows", REFUSAL, text, hint, single(faults))]
    return [Problem("rows", WARNING, f"{told} left out: {some(faults)}", places=single(faults))]


def _note(path: Path, header: list[str], columns: dict[str, int]) -> str:
    purposes = {"image": "images", "label": "classes", "split": "parts"}
    taken = (f"{purposes[role]} from the column {header[k]!r}" for role, k in columns.items())
    return f"{path.name}: {', '.join(taken)}"
