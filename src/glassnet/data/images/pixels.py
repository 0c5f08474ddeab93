"""Labelled images from tables of pixels."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from glassnet import progress
from glassnet.data import columns, groups
from glassnet.data.images import arrays
from glassnet.data.images.pixel_columns import (
    PixelColumns,
    are_whole,
    as_images,
    find_shape,
    incomplete,
    open_table,
)
from glassnet.data.listing import SPLITS, UNLABELLED
from glassnet.data.options import ReadOptions
from glassnet.data.paths import printable
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import NOTE, Problem, ReportProblem
from glassnet.data.problems.rows import unknown_splits
from glassnet.data.split_names import SplitNames
from glassnet.data.tables import Table, TableFormat, cell_at
from glassnet.errors import UsageError


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
        pixels = np.stack(rows)
        images_of = as_images(pixels, find_shape(pixels.shape[1], options.image_shape, folder))
        loaded[of_split, "images"] = (
            images_of.astype(np.int32) if are_whole(images_of) else images_of
        )
        loaded[of_split, "labels"] = np.array(labels[of_split])
    files = {f"{split} {k}": path for k, (path, split) in enumerate(tables.items())}
    pool = arrays.make_pool(
        folder, loaded, files, options.image_size, options.colour, report_problem
    )
    return replace(pool, groups=tuple(chain.from_iterable(groups_of.values())))


def _read(path: Path, split: str, options: ReadOptions, report_problem: ReportProblem) -> list[Row]:
    """The rows of a table that are in a split."""
    table_format, table, found = open_table(path, options.encoding)
    positions, notes = _other_columns(table, found, options, has_split=bool(split))
    others = {role: position for role, position in positions.items() if role != "split"}
    for problem in (Problem("columns", NOTE, found.note(table_format, others)), *notes):
        report_problem(problem)
    rows, faults = _rows(table_format, found, positions)
    names = SplitNames.parse(options.splits).find(dict.fromkeys(row.split for row in rows))
    if "split" not in positions:
        names = {"": split or "train"}
    values = [names.get(row.split, row.split) for row in rows]
    for problem in (
        *incomplete(table_format, [*table.faults, *faults]),
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
    with progress.stage("reading pixels", table_format.n_rows, "images") as advance:
        for number, row in table_format.rows():
            advance()
            pixels, fault = found.read(row)
            name, split, group = (
                cell_at(row, columns_of[role]) if role in columns_of else default
                for role, default in (("label", UNLABELLED), ("split", ""), ("group", ""))
            )
            if fault or not name:
                faults.append(f"{fault or 'no label'} in {table_format.location(number)}")
            else:
                rows.append(Row(split, pixels, name, printable(group)))
    return rows, faults
