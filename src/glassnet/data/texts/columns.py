"""Tables of texts: the columns of texts, classes and splits, by their names or contents."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from glassnet.data import columns
from glassnet.data.delimited import Row
from glassnet.data.problems.problem import WARNING, Problem
from glassnet.data.split_names import KNOWN, SplitNames
from glassnet.data.table_files import IsHeader
from glassnet.data.tables import SAMPLE, Table
from glassnet.errors import DataError

NAMES = {
    "text": "text texts body review reviews comment content sentence message tweet document "
    "phrase snippet passage reviewtext reviewbody summary",
    "label": f"{columns.LABEL_NAMES} {columns.WEAK_LABEL_NAMES}",
    "split": columns.SPLIT_COLUMN,
}
"""The role of a column -> its names, normalized and in order of preference."""


@dataclass(frozen=True)
class TextColumns:
    """Positions of columns; None where there is no such column.

    Attributes:
        text, label, split, group: positions.
        note: one line for the user: which columns are read, and which of them are guessed.
        problems: what else the user should know about them.
    """

    text: int
    label: int | None
    split: int | None
    note: str
    problems: tuple[Problem, ...] = ()
    group: int | None = None


def header_detector(*chosen: str | None) -> IsHeader:
    """Create the function that decides whether the first row of a table names the columns.

    Args:
        chosen: names of columns that the user chose; a row with one of them is a header.
    """
    return partial(_is_header, [name for name in chosen if name is not None])


def choose(
    table: Table,
    text: str | None,
    label: str | None = None,
    group: str | None = None,
    *,
    labelled: bool = True,
    split_names: SplitNames = KNOWN,
) -> TextColumns:
    """Choose the columns of a table: the user's, else by their names, else by their contents.

    Of the remaining columns the one with the longest texts holds the texts; numbers are no texts.
    The only one of the others whose values repeat holds the classes.

    Args:
        table: the table.
        text, label, group: the names that the user chose, or None.
        labelled: whether classes are needed.
        split_names: which values mean splits.

    Raises:
        DataError: there is no column of such a name, none that can be meant, or several.
        UsageError: one column is chosen for two roles.
    """
    positions = columns.chosen_positions(table, {"text": text, "label": label, "group": group})
    split, problems = columns.split_column(table, split_names) if labelled else (None, [])
    if split is not None and split not in positions.values():
        positions["split"] = split
    guessed = set()
    if "text" not in positions:
        others = _others(table, positions)
        known = [k for k in columns.named(table.header, NAMES["text"]) if k in others]
        labels = columns.named(table.header, NAMES["label"])
        unnamed = [k for k in others if k not in labels]
        positions["text"] = known[0] if known else _longest(table, unnamed)
        guessed |= set() if known else {"text"}
    if labelled and _is_numeric(table, positions["text"]):
        raise _no_texts(table, positions["text"])
    if labelled and "label" not in positions:
        position, is_guess = columns.choose_label(table, _others(table, positions))
        if position is None:
            raise _missing(table, "label")
        positions["label"] = position
        guessed |= {"label"} if is_guess else set()
    read = {role: k for role, k in positions.items() if labelled or role == "text"}
    note = columns.note(table.format, read, guessed)
    return TextColumns(
        positions["text"],
        positions.get("label"),
        positions.get("split"),
        note,
        (*problems, *_types(table, positions["text"])),
        positions.get("group"),
    )


def _others(table: Table, positions: dict[str, int]) -> list[int]:
    return [k for k in range(len(table.header)) if k not in positions.values()]


def _is_header(chosen: Sequence[str], rows: list[Row]) -> bool:
    """Whether the first row has a known or chosen name, or nothing in it looks like a value."""
    found = columns.is_header(rows, {role: NAMES[role] for role in ("text", "label")}, chosen)
    if found is not None:
        return found
    first = [cell.strip() for cell in rows[0][1]]
    if any(columns.is_number(cell) or len(cell) > columns.MAX_NAME for cell in first):
        return False
    below = rows[1 : SAMPLE + 1]
    values = [{row[k].strip() for _, row in below if k < len(row)} for k in range(len(first))]
    return not any(cell and cell in column for cell, column in zip(first, values, strict=True))


def _is_numeric(table: Table, position: int) -> bool:
    """Whether no cell of a column has a letter, as numbers and dates have none."""
    cells = [cell for cell in table.columns[position][:SAMPLE] if cell]
    return bool(cells) and not any(map(_has_letter, cells))


def _has_letter(cell: str) -> bool:
    return not columns.is_number(cell) and any(map(str.isalpha, cell))


def _longest(table: Table, positions: list[int]) -> int:
    """The column of the longest texts; columns of several words go before those of single ones.

    Raises:
        DataError: there is none, or another one is nearly as long.
    """
    texts = {
        k: [cell for cell in table.columns[k][:SAMPLE] if cell]
        for k in positions
        if not _is_numeric(table, k)
    }
    texts = {k: cells for k, cells in texts.items() if cells}
    texts = {k: cells for k, cells in texts.items() if len(set(cells)) > 1} or texts
    words = {k: c for k, c in texts.items() if 2 * sum(map(_has_words, c)) > len(c)}
    lengths = {k: sum(map(len, cells)) for k, cells in (words or texts).items()}
    if not lengths:
        raise _missing(table, "text")
    longest = max(lengths, key=lambda k: lengths[k])
    similar = {
        k: f"{round(n / len(texts[k])):,} characters on average"
        for k, n in lengths.items()
        if 2 * n >= lengths[longest] and 2 * len(set(texts[k])) > len(texts[k])
    }
    if words and len(similar) > 1:
        raise columns.ambiguous(table, "text", similar)
    return longest


def _has_words(cell: str) -> bool:
    """Whether a cell has several words, or letters of a script without spaces."""
    return " " in cell or any(character > "\u0e00" for character in cell)


def _types(table: Table, position: int) -> tuple[Problem, ...]:
    """The note on cells of a column of texts that are numbers in JSON."""
    if not (n := table.n_not_text(position)):
        return ()
    text = (
        f"{table.path.name}: {n:,} of {len(table):,} values of {table.header[position]!r} are "
        "numbers, true or false, and read as texts"
    )
    return (Problem("other-types", WARNING, text),)


def _no_texts(table: Table, position: int) -> DataError:
    return DataError(
        f"the column {table.header[position]!r} has no letters: numbers are no texts",
        "choose the column of the texts with --text-column",
        table.path,
    )


def _missing(table: Table, role: str) -> DataError:
    hint = f"name the columns text and label in the first line, or give --{role}-column"
    return columns.missing(table.format, role, hint)
