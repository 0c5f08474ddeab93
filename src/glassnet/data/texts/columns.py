"""Columns: which of a table's hold the texts, the classes and the parts."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet.data.listing import PART_NAMES
from glassnet.data.texts.tables import ROLES, SAMPLE, Table, key
from glassnet.errors import DataError, UsageError


@dataclass(frozen=True)
class Columns:
    """Positions of columns; None where there is no such column.

    Attributes:
        text, label, part: what the columns hold.
        note: one line for the person: which were taken, and which of them are guessed.
    """

    text: int
    label: int | None
    part: int | None
    note: str


def choose(
    table: Table, text: str | None, label: str | None = None, *, labelled: bool = True
) -> Columns:
    """Choose a table's columns: those that were named, else by their names, else by what they hold.

    Of the columns that are left the one with the longest texts holds the texts, and the one with
    the fewest different values, of two or more, holds the classes.

    Args:
        table: the table.
        text, label: names that were given, or None.
        labelled: whether classes are needed.

    Raises:
        DataError: there is no column of such a name, or none that could be meant.
        UsageError: one column is to be both.
    """
    taken: dict[str, int] = {}
    guessed: set[str] = set()
    for role, name in (("text", text), ("label", label)):
        if name is not None:
            taken[role] = table.find(name)
    if len(set(taken.values())) < len(taken):
        raise UsageError(
            f"the column {text!r} cannot hold both texts and classes", "name two columns"
        )
    keys = [key(name) for name in table.header]
    for role in ("text", "label", "part"):
        free = [k for k in range(len(keys)) if k not in taken.values()]
        known = [k for name in ROLES[role].split() for k in free if keys[k] == name]
        if role == "part":
            known = [k for k in known if _holds_parts(table.columns[k])]
        if role not in taken and known:
            taken[role] = known[0]
    if "text" not in taken:
        taken["text"] = _longest(table, [k for k in range(len(keys)) if k not in taken.values()])
        guessed.add("text")
    if labelled and "label" not in taken:
        taken["label"] = _fewest(table, [k for k in range(len(keys)) if k not in taken.values()])
        guessed.add("label")
    wanted = {role: k for role, k in taken.items() if labelled or role == "text"}
    note = _note(table, wanted, guessed)
    return Columns(taken["text"], taken.get("label"), taken.get("part"), note)


def _holds_parts(cells: list[str]) -> bool:
    return any(cell.lower() in PART_NAMES for cell in cells)


def _longest(table: Table, among: list[int]) -> int:
    lengths = {k: sum(map(len, table.columns[k][:SAMPLE])) for k in among}
    if not any(lengths.values()):
        raise _missing(table, "texts", "--text-column")
    return max(lengths, key=lambda k: lengths[k])


def _fewest(table: Table, among: list[int]) -> int:
    values = {k: len(set(table.columns[k]) - {""}) for k in among}
    classes = {k: n for k, n in values.items() if 2 <= n <= max(2, len(table) // 2)}
    alone = [k for k, n in values.items() if n == 1]
    if not classes and not alone:
        raise _missing(table, "classes", "--label-column")
    return min(classes, key=lambda k: classes[k]) if classes else alone[0]


def _missing(table: Table, what: str, option: str) -> DataError:
    return DataError(
        f"{table.path}: no column of {what} among {', '.join(table.header)}",
        f"name the columns text and label in the first line, or give {option}",
    )


def _note(table: Table, taken: dict[str, int], guessed: set[str]) -> str:
    purposes = {"text": "texts", "label": "classes", "part": "parts"}
    order = [role for role in purposes if role in taken]
    told = ", ".join(
        f"{purposes[role]} from the column {table.header[taken[role]]!r}"
        + (" (guessed)" if role in guessed else "")
        for role in order
    )
    start = "" if table.form.named else "no names in the first line; "
    end = "" if table.form.quoted else "; quotes stand for themselves"
    return f"{table.path.name}: {start}{told}{end}"
