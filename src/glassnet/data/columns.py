"""Columns of a table: recognised by their names, described in a note, and read as split names."""

from collections.abc import Mapping, Sequence

from glassnet.data.listing import SPLIT_NAMES
from glassnet.data.tables import Table, TableFormat, normalized
from glassnet.errors import DataError

CONTENTS = {"image": "images", "text": "texts", "label": "classes", "split": "splits"}
"""The role of a column -> what it contains, in the order of the note."""

SPLIT_COLUMN = "split part set subset partition"
"""The names of a column of splits, normalized and in order of preference."""


def named(header: Sequence[str], names: str) -> list[int]:
    """The positions of the columns that have one of these names, in order of preference.

    Example:
        >>> named(("Label", "body", "text"), "text body")
        [2, 1]
    """
    normal = [normalized(column) for column in header]
    return [k for name in names.split() for k, column in enumerate(normal) if column == name]


def missing(table: TableFormat, role: str, hint: str) -> DataError:
    """The error of a table without a column for this role."""
    names = ", ".join(table.header)
    return DataError(f"{table.path}: no column contains {CONTENTS[role]}; it has {names}", hint)


def note(table: TableFormat, columns: Mapping[str, int], guessed: set[str]) -> str:
    """One line on which columns are read, and which of them are guessed.

    Args:
        table: the table.
        columns: role -> position.
        guessed: the roles whose columns are not recognised by their names.
    """
    read = ", ".join(
        f"{CONTENTS[role]} from the column {table.header[columns[role]]!r}"
        + (" (guessed)" if role in guessed else "")
        for role in CONTENTS
        if role in columns
    )
    start = "" if table.has_header else "no names in the first line; "
    end = "" if table.quoted else "; quotes are read as characters"
    return f"{table.path.name}: {start}{read}{end}"


def read_splits(table: Table, column: int | None) -> list[str]:
    """The split of each row, `train` without a column; unknown split names are unchanged."""
    if column is None:
        return ["train"] * len(table)
    return [SPLIT_NAMES.get(cell.lower(), cell) for cell in table.columns[column]]
