"""Tables of pixels: a column per pixel, or a column with all pixels of an image."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from glassnet import progress
from glassnet.data import columns, delimited, groups, table_files
from glassnet.data.images import arrays
from glassnet.data.listing import SPLITS, UNLABELLED
from glassnet.data.options import ReadOptions
from glassnet.data.paths import printable
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import NOTE, Problem, ReportProblem, counted
from glassnet.data.problems.rows import incomplete_rows, unknown_splits
from glassnet.data.split_names import SplitNames
from glassnet.data.tables import Table, TableFormat, cell_at, cell_text, sample
from glassnet.errors import DataError, UsageError

MIN_PIXELS = 16
"""Number of pixels of the smallest image."""

PIXEL = re.compile(r"(pixel|pixels|pix|px|p|value)?[\s_-]*\d+([\s_x-]+\d+){0,2}")
"""What a column of pixels is called, in lower case."""

SHAPE_HINT = "give their height and width, such as --image-shape 20x30, or 20x30x3 in colour"


@dataclass(frozen=True)
class PixelColumns:
    """Where a table has its pixels.

    Attributes:
        positions: the columns of the pixels; of one column, its cells have all pixels.
        has_header: whether the first line has names.
        names: those, or empty texts.
    """

    positions: tuple[int, ...]
    has_header: bool
    names: tuple[str, ...]


def find_columns(first: Sequence[str], rows: Sequence[Sequence[str]]) -> PixelColumns | None:
    """The columns of pixels of a table; None if it has none.

    Args:
        first: the first row.
        rows: some of the next ones.
    """
    has_header = is_header([(1, list(first))])
    below = [row for row in (rows if has_header else (first, *rows)) if len(row) == len(first)]
    if not below or 2 * len(below) < len(rows):
        return None
    names = tuple(first) if has_header else ("",) * len(first)
    for k in range(len(first) if len(first) < MIN_PIXELS else 0):
        lengths = {len(_values(row[k])) for row in below}
        if len(lengths) == 1 and lengths.pop() >= MIN_PIXELS:
            return PixelColumns((k,), has_header, names)
    numeric = [k for k in range(len(first)) if all(columns.is_number(row[k]) for row in below)]
    named = [k for k in numeric if PIXEL.fullmatch(names[k].strip().lower())]
    if not has_header:
        if len(numeric) < len(first) - 2 or not _are_grey(below, numeric):
            return None
        named = _without_label(below, numeric)
    return PixelColumns(tuple(named), has_header, names) if len(named) >= MIN_PIXELS else None


def is_header(rows: list[delimited.Row]) -> bool:
    """Whether the first row of a table of pixels names the columns."""
    first = [cell_text(cell) for cell in rows[0][1]]
    single = [cell for cell in first if not _values(cell)]
    numbers = [cell for cell in single if columns.is_number(cell)]
    return columns.is_count(numbers) or (bool(single) and 2 * len(numbers) < len(single))


class Row(NamedTuple):
    """An image: what its row calls its split, its pixels (n,), class and group."""

    split: str
    pixels: np.ndarray
    label: str
    group: str


def read_pool(
    tables: Mapping[Path, str], options: ReadOptions, report_problem: ReportProblem
) -> Pool:
    """Read tables of pixels.

    Args:
        tables: each with its split; empty if a column may have it.
        options: how they are read; without a shape the images are square and grey.
        report_problem: receives each problem.

    Raises:
        DataError: the number of pixels is not that of the shape, or the images cannot be used.
        UsageError: there is no such shape.
    """
    images: dict[arrays.Role, list[np.ndarray]] = {}
    labels: dict[str, list[str]] = {}
    groups_of: dict[str, list[str]] = {split: [] for split in SPLITS}
    for path, split in tables.items():
        for row in _read(path, split, options, report_problem):
            images.setdefault((row.split, "images"), []).append(row.pixels)
            labels.setdefault(row.split, []).append(row.label)
            groups_of[row.split].append(row.group)
    first = next(iter(tables))
    folder = first if len(tables) == 1 else first.parent
    loaded: dict[arrays.Role, np.ndarray] = {}
    for (of_split, _), rows in images.items():
        loaded[of_split, "images"] = _shaped(np.stack(rows), options.image_shape, folder)
        loaded[of_split, "labels"] = np.array(labels[of_split])
    pool = arrays.make_pool(
        folder, loaded, tuple(tables), options.image_size, options.colour, report_problem
    )
    return replace(pool, groups=tuple(chain.from_iterable(groups_of.values())))


def _read(path: Path, split: str, options: ReadOptions, report_problem: ReportProblem) -> list[Row]:
    """The rows of a table that are in a split."""
    table_format = table_files.detect_format(path, is_header, options.encoding)
    table = sample(table_format)
    texts = [[cell_text(cell) for cell in row] for row in table.rows[:20]]
    header = list(table_format.header) if table_format.has_header else texts[0]
    found = find_columns(header, texts if table_format.has_header else texts[1:])
    if found is None:
        raise DataError(f"{path}: not a table of pixels", "give all tables the same columns")
    positions, notes = _other_columns(table, found, options, has_split=bool(split))
    label, split_column = positions.get("label"), positions.get("split")
    roles = {"pixels": found.positions[0]} | positions
    roles.pop("split", None)
    text = columns.note(table_format, roles, set())
    if len(found.positions) > 1:
        last = table_format.header[found.positions[-1]]
        text = text.replace(" from the column", f" ({len(found.positions):,} columns) from", 1)
        text = text.replace(",", f" to {last!r},", 1) if label is not None else text
    for problem in (Problem("columns", NOTE, text), *notes):
        report_problem(problem)
    rows, faults = _rows(table_format, found, positions)
    faults = [*table.faults, *faults]
    names = SplitNames.parse(options.splits).find(dict.fromkeys(row.split for row in rows))
    if split_column is None:
        names = {"": split or "train"}
    values = [names.get(row.split, row.split) for row in rows]
    n = table_format.n_rows + len(table_format.faults)
    for problem in (
        *incomplete_rows(str(path), faults, n, "rows", "give each row all pixels and a label"),
        *unknown_splits(str(path), [f"row {k}" for k in range(1, len(rows) + 1)], values),
    ):
        report_problem(problem)
    return [
        row._replace(split=of_split)
        for of_split, row in zip(values, rows, strict=True)
        if of_split in SPLITS
    ]


def _other_columns(
    table: Table, found: PixelColumns, options: ReadOptions, *, has_split: bool
) -> tuple[dict[str, int], list[Problem]]:
    """The columns of classes, splits and groups among those without pixels, by role."""
    positions = columns.chosen_positions(
        table, {"label": options.label_column, "group": options.group_column}
    )
    if positions.get("group") in found.positions:
        raise UsageError(
            f"{table.path}: the column {options.group_column!r} is one of the pixels",
            "give the pixels names such as pixel0 in the first line, or another column",
        )
    notes: list[Problem] = []
    if not has_split:
        split, notes = columns.split_column(table, SplitNames.parse(options.splits))
        if split is not None and split != positions.get("group"):
            positions["split"] = split
    taken = {*found.positions, *positions.values()}
    others = [k for k in range(len(table.header)) if k not in taken]
    if "label" not in positions:
        label = others[0] if len(others) == 1 else columns.choose_label(table, others)[0]
        if label is not None:
            positions["label"] = label
    if "group" not in positions:
        notes += groups.possible_in_columns(table, (*found.positions, *positions.values()))
    return positions, notes


def _rows(
    table_format: TableFormat, found: PixelColumns, columns_of: Mapping[str, int]
) -> tuple[list[Row], list[str]]:
    """The rows with all pixels and a class, and why others cannot be used.

    Args:
        table_format: the table.
        found: its columns of pixels.
        columns_of: the others, by role.
    """
    rows: list[Row] = []
    faults = []
    positions, n_pixels = found.positions, 0
    contiguous = positions == tuple(range(positions[0], positions[0] + len(positions)))
    with progress.stage("reading pixels", table_format.n_rows, "images") as advance:
        for number, row in table_format.rows():
            advance()
            if len(positions) == 1:
                cells = cell_at(row, positions[0]).replace(",", " ").split()
            elif contiguous:
                cells = row[positions[0] : positions[-1] + 1]
            else:
                cells = [row[k] for k in positions if k < len(row)]
            name, split, group = (
                cell_at(row, columns_of[role]) if role in columns_of else default
                for role, default in (("label", UNLABELLED), ("split", ""), ("group", ""))
            )
            n_pixels = n_pixels or len(cells)
            location = table_format.location(number)
            try:
                pixels = np.fromiter(map(float, cells), np.float32, len(cells))
            except (ValueError, TypeError):
                faults.append(f"a pixel that is no number in {location}")
                continue
            if len(pixels) != n_pixels or not np.isfinite(pixels).all():
                faults.append(f"missing pixels in {location}")
            elif not name:
                faults.append(f"no label in {location}")
            else:
                rows.append(Row(split, pixels, name, printable(group)))
    return rows, faults


def _shaped(images: np.ndarray, option: str | None, path: Path) -> np.ndarray:
    """The pixels (n, pixels) as images (n, height, width) or (n, height, width, 3)."""
    n, n_pixels = images.shape
    shape = _parse_shape(option) if option else (math.isqrt(n_pixels),) * 2
    if math.prod(shape) != n_pixels:
        squares = f"{counted(n_pixels, 'pixels')} per image"
        what = f"{option} has {math.prod(shape):,}" if option else "which is not a square"
        raise DataError(f"{path}: {squares}, {what}", SHAPE_HINT)
    images = images.reshape(n, *shape)
    if len(shape) == 3 and shape[0] == 3 != shape[2]:
        images = np.ascontiguousarray(np.moveaxis(images, 1, 3))
    whole = (images == np.rint(images)).all() and images.max() > 1
    return images.astype(np.int32) if whole else images


def _parse_shape(option: str) -> tuple[int, ...]:
    sides = re.fullmatch(r"(\d+)\s*[x,]\s*(\d+)(?:\s*[x,]\s*(\d+))?", option.strip())
    shape = tuple(int(side) for side in sides.groups() if side) if sides else ()
    if not shape or 0 in shape or (len(shape) == 3 and 3 not in (shape[0], shape[2])):
        raise UsageError(f"--image-shape {option}: not a shape of images", SHAPE_HINT)
    return shape


def _values(cell: str) -> list[str]:
    """The numbers of a cell that has several, separated by spaces."""
    parts = cell.split()
    return parts if len(parts) >= MIN_PIXELS and all(map(columns.is_number, parts)) else []


def _are_grey(rows: Sequence[Sequence[str]], positions: Sequence[int]) -> bool:
    """Whether all numbers can be grey values."""
    return all(0 <= float(row[k]) <= 65_535 for row in rows for k in positions)


def _without_label(rows: Sequence[Sequence[str]], numeric: list[int]) -> list[int]:
    """Columns of numbers without the one of the classes, the first or the last of all columns."""
    if len(numeric) < len(rows[0]) or math.isqrt(len(numeric)) ** 2 == len(numeric):
        return numeric
    constant = len({row[0] for row in rows}) == 1 and len({row[-1] for row in rows}) > 1
    return numeric[:-1] if constant else numeric[1:]
