"""Images without labels, for prediction: the rows of a table of pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from glassnet import progress
from glassnet.contract import ValueRanges
from glassnet.data.images import image_files, shapes, value_range
from glassnet.data.images.pixel_columns import (
    PIXELS_HINT,
    PixelColumns,
    are_whole,
    as_images,
    find_shape,
    incomplete,
    open_table,
)
from glassnet.data.problems.problem import problem_logger
from glassnet.data.sources import fetch
from glassnet.data.tables import TableFormat
from glassnet.errors import DataError

MAX_8_BITS = 255


@dataclass(frozen=True)
class PixelTable:
    """A table of pixels, read row by row in constant memory; it needs no classes.

    Attributes:
        format: the table.
        columns: where its pixels are.
        shape: (H, W) or (H, W, 3), of its images.
        kind: of its values, see `value_range`.
        high: the largest value of the first rows.
    """

    format: TableFormat
    columns: PixelColumns
    shape: tuple[int, ...]
    kind: str
    high: float

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        """Where each row is, such as `digits.csv, line 7`, and the row."""
        return self.format.located_rows()

    @property
    def other_columns(self) -> tuple[int, ...]:
        """The positions of the columns without pixels."""
        taken = set(self.columns.positions)
        return tuple(k for k in range(len(self.format.header)) if k not in taken)

    def image(
        self, row: Sequence[Any], shape: tuple[int, ...], ranges: ValueRanges
    ) -> tuple[np.ndarray, str]:
        """The image of a row, and the warning of `value_range.choose_for`.

        Integers up to 255 have 8 bits per channel, if no range of the training says otherwise.

        Args:
            row: as the table has it.
            shape: (C, H, W), of a network.
            ranges: how its training images were scaled.

        Returns:
            (H, W) uint8 for one channel, (H, W, 3) for three.

        Raises:
            DataError: a pixel is missing or no number.
        """
        channels, height, width = shape
        values, fault = self.columns.read(row)
        if fault:
            raise DataError(fault, PIXELS_HINT)
        low, high = float(values.min()), float(values.max())
        if self.kind not in ranges:
            high = max(high, self.high)  # one scale for all rows
            if self.kind == value_range.INTEGERS and high <= MAX_8_BITS:
                ranges = {self.kind: (0, MAX_8_BITS)}
        chosen, warning = value_range.choose_for(low, high, self.kind, ranges)
        pixels = value_range.to_bytes(as_images(values[np.newaxis], self.shape)[0], chosen)
        if pixels.shape != shapes.array_shape((channels, height, width)):
            pixels = image_files.fit(Image.fromarray(pixels), shape)
        return pixels, warning


def pixel_table(
    path: Path,
    input_shape: tuple[int, ...],
    image_shape: str | None = None,
    encoding: str | None = None,
    log: fetch.Log = progress.log,
) -> PixelTable:
    """A table of pixels to predict, which needs no classes.

    The table is read once, to find out which rows can be read.

    Args:
        path: a CSV, TSV or JSON file.
        input_shape: (C, H, W), of the network.
        image_shape: as in `ReadOptions`; without it, grey images with the number of pixels of the
            network's have its shape, and others are square.
        encoding: how the characters are encoded; None to recognise it.
        log: receives a note on which columns are read, and on rows that cannot be read.

    Raises:
        DataError: it is no table of pixels, more than half of it cannot be read, or its images have
            another shape.
        UsageError: there is no such shape.
    """
    table_format, first, found = open_table(path, encoding)
    log(found.note(table_format, {}))
    for problem in incomplete(table_format, first.faults):
        problem_logger(log)(problem)
    channels, height, width = input_shape
    if image_shape is None and (channels, height * width) == (1, found.n_pixels):
        image_shape = f"{height}x{width}"
    pixels = [values for values, fault in map(found.read, first.rows) if not fault]
    if not pixels:
        raise DataError(f"no row has all {found.n_pixels:,} pixels", PIXELS_HINT, path)
    values = np.stack(pixels)
    return PixelTable(
        table_format,
        found,
        find_shape(found.n_pixels, image_shape, path),
        value_range.INTEGERS if are_whole(values) else value_range.FLOATS,
        float(values.max()),
    )
