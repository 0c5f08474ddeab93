"""Tables of texts: the columns of texts, classes and splits, by their names or contents."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from glassnet.data import columns
from glassnet.data.listing import SPLIT_NAMES
from glassnet.data.tables import SAMPLE, IsHeader, Row, Table, normalized
from glassnet.errors import DataError, UsageError

NAMES = {
    "text": "text texts body review reviews comment content sentence message tweet document "
    "phrase snippet passage reviewtext reviewbody summary",
    "label": "label labels class classname category target sentiment polarity rating stars score "
    "topic emotion y",
    "split": columns.SPLIT_COLUMN,
}
"""The role of a column -> its names, normalized and in order of preference."""

MAX_NAME = 60
"""Maximum length of the name of a column; what is longer is a text."""


@dataclass(frozen=True)
class TextColumns:
    """Positions of columns; None where there is no such column.

    Attributes:
        text, label, split: positions.
        note: one line for the user: which columns are read, and which of them are guessed.
    """

    text: int
    label: int | None
    split: int | None
    note: str


def header_detector(*given: str | None) -> IsHeader:
    """Create the function that decides whether the first row of a table names the columns.

    Args:
        given: names of columns that the user chose; a row with one of them is a header.
    """
    return partial(_is_header, [name for name in given if name is not None])


def choose(
    table: Table, text: str | None, label: str | None = None, *, labelled: bool = True
) -> TextColumns:
    """Choose the columns of a table: those given, else by their names, else by their contents.

    Of the remaining columns the one with the longest texts holds the texts, and the one with the
    fewest distinct values, at least two, holds the classes.

    Args:
        table: the table.
        text, label: the names that the user chose, or None.
        labelled: whether classes are needed.

    Raises:
        DataError: there is no column of such a name, or none that can be meant.
        UsageError: one column is given for both.
    """
    positions = {
        role: table.find(name) for role, name in (("text", text), ("label", label)) if name
    }
    if len(set(positions.values())) < len(positions):
        raise UsageError(
            f"--text-column and --label-column are both {text!r}", "give two different columns"
        )
    for role in ("text", "label", "split"):
        free = [k for k in columns.named(table.header, NAMES[role]) if k not in positions.values()]
        if role == "split":
            free = [k for k in free if _contains_splits(table.columns[k])]
        if role not in positions and free:
            positions[role] = free[0]
    guessed = {role for role in ("text", "label") if role not in positions}
    if "text" in guessed:
        positions["text"] = _longest(table, _others(table, positions))
    if labelled and "label" in guessed:
        positions["label"] = _fewest_values(table, _others(table, positions))
    wanted = {role: k for role, k in positions.items() if labelled or role == "text"}
    note = columns.note(table.format, wanted, guessed)
    return TextColumns(positions["text"], positions.get("label"), positions.get("split"), note)


def _others(table: Table, positions: dict[str, int]) -> list[int]:
    return [k for k in range(len(table.header)) if k not in positions.values()]


def _is_header(given: Sequence[str], rows: list[Row]) -> bool:
    """Whether the first row has a known or given name, or nothing in it looks like a value."""
    first = [cell.strip() for cell in rows[0][1]]
    known = {name for names in NAMES.values() for name in names.split()}
    if {normalized(cell) for cell in first} & (known | {normalized(name) for name in given}):
        return True
    if any(_is_number(cell) or len(cell) > MAX_NAME for cell in first):
        return False
    below = rows[1 : SAMPLE + 1]
    values = [{row[k].strip() for _, row in below if k < len(row)} for k in range(len(first))]
    return not any(cell and cell in column for cell, column in zip(first, values, strict=True))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _contains_splits(cells: list[str]) -> bool:
    return any(cell.lower() in SPLIT_NAMES for cell in cells)


def _longest(table: Table, positions: list[int]) -> int:
    lengths = {k: sum(map(len, table.columns[k][:SAMPLE])) for k in positions}
    if not any(lengths.values()):
        raise _missing(table, "text")
    return max(lengths, key=lambda k: lengths[k])


def _fewest_values(table: Table, positions: list[int]) -> int:
    n_values = {k: len(set(table.columns[k]) - {""}) for k in positions}
    classes = {k: n for k, n in n_values.items() if 2 <= n <= max(2, len(table) // 2)}
    constant = [k for k, n in n_values.items() if n == 1]
    if not classes and not constant:
        raise _missing(table, "label")
    return min(classes, key=lambda k: classes[k]) if classes else constant[0]


def _missing(table: Table, role: str) -> DataError:
    hint = f"name the columns text and label in the first line, or give --{role}-column"
    return columns.missing(table.format, role, hint)
