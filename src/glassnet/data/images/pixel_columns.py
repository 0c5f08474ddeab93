"""Columns of tables of pixels: a column per pixel, or a column with all pixels of an image."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data import columns, delimited, table_files
from glassnet.data.problems.problem import Problem, counted
from glassnet.data.problems.rows import incomplete_rows
from glassnet.data.tables import Table, TableFormat, cell_at, cell_text, sample
from glassnet.errors import DataError, UsageError

MIN_PIXELS = 16
"""Number of pixels of the smallest image."""

PIXEL = re.compile(r"(pixel|pixels|pix|px|p|value)?[\s_-]*\d+([\s_x-]+\d+){0,2}")
"""What a column of pixels is called, in lower case."""

PIXELS_HINT = "give each row all pixels as numbers, and a label for training"
SHAPE_HINT = "give their height and width, such as --image-shape 20x30, or 20x30x3 in colour"


@dataclass(frozen=True)
class PixelColumns:
    """Where a table has its pixels.

    Attributes:
        positions: the columns of the pixels; of one column, its cells have all pixels.
        n_pixels: number of pixels of an image.
    """

    positions: tuple[int, ...]
    n_pixels: int

    def read(self, row: Sequence[Any]) -> tuple[np.ndarray, str]:
        """The pixels (n_pixels,) float32 of a row, and why they cannot be used; empty if they can.

        Example:
            >>> PixelColumns((1, 2), 2).read(["cat", "7", "0.5"])
            (array([7. , 0.5], dtype=float32), '')
        """
        first, last = self.positions[0], self.positions[-1]
        if len(self.positions) == 1:
            cells = cell_at(row, first).replace(",", " ").split()
        elif self._contiguous:
            cells = list(row[first : last + 1])
        else:
            cells = [row[k] for k in self.positions if k < len(row)]
        try:
            pixels = np.fromiter(map(float, cells), np.float32, len(cells))
        except (ValueError, TypeError):
            return np.empty(0, np.float32), "a pixel that is no number"
        whole = len(pixels) == self.n_pixels and np.isfinite(pixels).all()
        return pixels, "" if whole else "missing pixels"

    def note(self, table_format: TableFormat, others: Mapping[str, int]) -> str:
        """One line on which columns are read; `others` are the ones without pixels, by role."""
        text = columns.note(table_format, {"pixels": self.positions[0]} | dict(others), set())
        if len(self.positions) > 1:
            first, last = (table_format.header[self.positions[k]] for k in (0, -1))
            text = text.replace(
                f" from the column {first!r}",
                f" ({len(self.positions):,} columns) from {first!r} to {last!r}",
                1,
            )
        return text

    @cached_property
    def _contiguous(self) -> bool:
        first = self.positions[0]
        return self.positions == tuple(range(first, first + len(self.positions)))


def find_columns(
    first: Sequence[str], rows: Sequence[Sequence[str]], *, has_header: bool | None = None
) -> PixelColumns | None:
    """The columns of pixels of a table; None if it has none.

    Args:
        first: the first row.
        rows: some of the next ones.
        has_header: whether the first row names the columns; None to find out.
    """
    if has_header is None:
        has_header = is_header([(1, list(first))])
    below = [row for row in (rows if has_header else (first, *rows)) if len(row) == len(first)]
    if not below or 2 * len(below) < len(rows):
        return None
    for k in range(len(first) if len(first) < MIN_PIXELS else 0):
        lengths = {len(_values(row[k])) for row in below}
        if len(lengths) == 1 and (n_pixels := lengths.pop()) >= MIN_PIXELS:
            return PixelColumns((k,), n_pixels)
    found = [k for k in range(len(first)) if all(columns.is_number(row[k]) for row in below)]
    if has_header:
        found = [k for k in found if PIXEL.fullmatch(first[k].strip().lower())]
    elif len(found) < len(first) - 2 or not _are_grey(below, found):
        return None
    else:
        found = _without_label(below, found)
    return PixelColumns(tuple(found), len(found)) if len(found) >= MIN_PIXELS else None


def is_header(rows: list[delimited.Row]) -> bool:
    """Whether the first row of a table of pixels names the columns."""
    first = [cell_text(cell) for cell in rows[0][1]]
    single = [cell for cell in first if not _values(cell)]
    numbers = [cell for cell in single if columns.is_number(cell)]
    return columns.is_count(numbers) or (bool(single) and 2 * len(numbers) < len(single))


def open_table(path: Path, encoding: str | None) -> tuple[TableFormat, Table, PixelColumns]:
    """How a table of pixels is written, its first rows, and its columns of pixels."""
    table_format = table_files.detect_format(path, is_header, encoding)
    table = sample(table_format)
    texts = [[cell_text(cell) for cell in row] for row in table.rows[:20]]
    has_header = table_format.has_header
    header, below = (list(table_format.header), texts) if has_header else (texts[0], texts[1:])
    found = find_columns(header, below, has_header=has_header)
    if found is None:
        raise DataError("not a table of pixels", "give all tables the same columns", path)
    return table_format, table, found


def incomplete(table_format: TableFormat, faults: Sequence[str]) -> tuple[Problem, ...]:
    """The problem of rows whose pixels or labels cannot be used, if there are any."""
    n = table_format.n_rows + len(table_format.faults)
    return incomplete_rows(str(table_format.path), faults, n, "rows", PIXELS_HINT)


def find_shape(n_pixels: int, option: str | None, path: Path) -> tuple[int, ...]:
    """The shape of images with so many pixels: that of the option, or a square.

    Raises:
        DataError: they have another number of pixels.
        UsageError: there is no such shape.
    """
    shape = _parse_shape(option) if option else (math.isqrt(n_pixels),) * 2
    if math.prod(shape) != n_pixels:
        per_image = f"{counted(n_pixels, 'pixels')} per image"
        what = f"{option} has {math.prod(shape):,}" if option else "which is not a square"
        raise DataError(f"{per_image}, {what}", SHAPE_HINT, path)
    return shape


def as_images(pixels: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The pixels (n, pixels) as images (n, height, width) or (n, height, width, 3)."""
    images = pixels.reshape(len(pixels), *shape)
    is_planar = len(shape) == 3 and shape[0] == 3 != shape[2]
    return np.ascontiguousarray(np.moveaxis(images, 1, 3)) if is_planar else images


def are_whole(pixels: np.ndarray) -> bool:
    """Whether values of any shape are integers, rather than fractions."""
    return bool((pixels == np.rint(pixels)).all() and pixels.max() > 1)


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
