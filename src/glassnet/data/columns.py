"""Columns of a table: recognised by their names, described in a note, and read as split names."""

from collections.abc import Iterable, Mapping, Sequence

from glassnet.data.paths import printable
from glassnet.data.problems.problem import NOTE, Problem, first_few
from glassnet.data.split_names import SplitNames, is_like_split
from glassnet.data.tables import Row, Table, TableFormat, normalized
from glassnet.errors import DataError, UsageError

CONTENTS = {
    "image": "images",
    "pixels": "pixels",
    "text": "texts",
    "label": "classes",
    "split": "splits",
    "group": "groups",
}
"""The role of a column -> what it contains, in the order of the note."""

LABEL_NAMES = "label labels class classname classes target"
"""The names of a column of classes, normalized and in order of preference."""

WEAK_LABEL_NAMES = "category sentiment polarity rating stars score topic emotion y"
"""Names of a column of classes where there is only one of them."""

SPLIT_COLUMN = "split part set subset partition usage"
"""The names of a column of splits, normalized and in order of preference."""

MAX_CLASSES = 200
"""Number of different values up to which a column can contain classes."""

MAX_NAME = 60
"""Maximum length of the name of a column; what is longer is a text."""


def named(header: Sequence[str], names: str) -> list[int]:
    """The positions of the columns that have one of these names, in order of preference.

    Example:
        >>> named(("Label", "body", "text"), "text body")
        [2, 1]
    """
    normal = [normalized(column) for column in header]
    return [k for name in names.split() for k, column in enumerate(normal) if column == name]


def chosen_positions(table: Table, names: Mapping[str, str | None]) -> dict[str, int]:
    """The positions of the columns that the user chose.

    Args:
        table: the table.
        names: role -> name or number of its column, None where the user chose none.

    Raises:
        DataError: there is no such column.
        UsageError: one column is chosen for two roles.
    """
    positions: dict[str, int] = {}
    for role, name in names.items():
        if not name:
            continue
        position = table.find(name)
        for other, taken in positions.items():
            if taken == position:
                raise UsageError(
                    f"--{other}-column and --{role}-column are both {names[other]!r}",
                    "give two different columns",
                )
        positions[role] = position
    return positions


def choose_label(table: Table, others: Sequence[int]) -> tuple[int | None, bool]:
    """The column of classes, and whether it is guessed.

    It is named so, or it is the only one whose values can be classes: at least two of them, and
    most of them in several rows.

    Args:
        table: the table.
        others: the columns that are not taken for anything else.

    Returns:
        The position, None where no column can contain classes.

    Raises:
        DataError: several columns can.
    """
    free = [k for k in named(table.header, LABEL_NAMES) if k in others]
    if free:
        return free[0], False
    candidates = {k: n for k in others if (n := n_classes(table, k))}
    weak = [k for k in named(table.header, WEAK_LABEL_NAMES) if k in others]
    if len(weak) == 1 and len(set(table.columns[weak[0]]) - {""}) > 1:
        return weak[0], False
    if len(candidates) > 1:
        raise ambiguous(table, "label", {k: f"{n} values" for k, n in candidates.items()})
    return next(iter(candidates), None), True


def n_classes(table: Table, position: int) -> int:
    """Number of classes that a column can contain; 0 if it cannot, or if most cells are empty."""
    values = table.columns[position]
    n = len(set(values) - {""}) if 2 * values.count("") <= len(values) else 0
    return n if 2 <= n <= max(2, min(len(table) // 2, MAX_CLASSES)) else 0


def ambiguous(table: Table, role: str, candidates: Mapping[int, str]) -> DataError:
    """The error of a table with several columns that can have one role.

    Args:
        table: the table.
        role: `text`, `label` or `image`.
        candidates: position -> what the message says of the column.
    """
    listed = first_few([f"{table.header[k]} ({what})" for k, what in candidates.items()], 8)
    first = next(iter(candidates))
    value = table.header[first] if table.format.has_header else str(first + 1)
    return DataError(
        f"several columns can contain the {CONTENTS[role]}: {listed}",
        f"choose one of them, such as --{role}-column {value}",
        table.path,
    )


def missing(table: TableFormat, role: str, hint: str) -> DataError:
    """The error of a table without a column for this role."""
    names = first_few(table.header, 12)
    return DataError(f"no column contains {CONTENTS[role]}; it has {names}", hint, table.path)


def is_header(rows: list[Row], names: Mapping[str, str], chosen: Iterable[str]) -> bool | None:
    """Whether the first row of a table names the columns; None where its names do not tell.

    Args:
        rows: the first rows.
        names: role -> names of its column.
        chosen: names of columns that the user gives; numbers tell nothing.
    """
    first = [cell.strip() for cell in rows[0][1]]
    normal = [normalized(cell) for cell in first]
    if {normalized(name) for name in chosen if not name.strip().isdecimal()} & set(normal):
        return True
    if is_count(first):
        return True
    roles = {role for role, known in names.items() if set(known.split()) & set(normal)}
    if len(roles) != 1:
        return True if roles else None
    known = set(names[next(iter(roles))].split())
    position = next(k for k, cell in enumerate(normal) if cell in known)
    below = [row[position].strip() for _, row in rows[1:] if position < len(row)]
    repeated = 10 * below.count(first[position]) > len(below)
    values = any(is_number(cell) or len(cell) > MAX_NAME for cell in first)
    return not (values or (repeated and len(below) > 2))


def is_count(cells: Sequence[str]) -> bool:
    """Whether cells are numbers from 0 or 1 without a gap, the names that pandas gives columns.

    Example:
        >>> is_count(["0", "1", "2"]), is_count(["", "0", "1"]), is_count(["0", "7"])
        (True, True, False)
    """
    cells = list(cells[1:] if cells and not cells[0] else cells)
    starts = (0, 1) if len(cells) > 2 else (0,)
    return len(cells) > 1 and any(
        cells == [str(k) for k in range(start, start + len(cells))] for start in starts
    )


def is_number(cell: str) -> bool:
    """Whether a cell is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


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
    end = "" if table.quote else "; quotes are read as characters"
    encoding = table.file.encoding
    if encoding.recognised:
        end += f"; its encoding is taken for {encoding.name}, as it is not UTF-8"
        end += "; --encoding names another"
    if encoding.candidates:
        names = " or ".join(encoding.candidates)
        end += f"; --encoding {names} may read the lines that are not UTF-8"
    return f"{table.path.name}: {start}{read}{end}"


def split_column(table: Table, split_names: SplitNames) -> tuple[int | None, list[Problem]]:
    """The column of splits, and a note on one that is called so and contains none."""
    problems: list[Problem] = []
    for k in named(table.header, SPLIT_COLUMN):
        values = sorted(set(table.columns[k]) - {""})
        if split_names.find(values) or any(map(is_like_split, values[:MAX_CLASSES])):
            return k, problems
        if values and split_names.chosen is None:
            text = (
                f"{table.path.name}: the column {table.header[k]!r} is not read as splits: it "
                f"contains {first_few([printable(value) for value in values])}"
            )
            hint = "--splits train=A,test=B says which values are splits"
            problems.append(Problem("no-splits", NOTE, text, hint))
    return None, problems


def read_splits(table: Table, column: int | None, split_names: SplitNames) -> list[str]:
    """The split of each row, `train` without a column; unknown split names are unchanged."""
    if column is None:
        return ["train"] * len(table)
    values = table.columns[column]
    known = split_names.find(dict.fromkeys(values))
    return [known.get(value, value) for value in values]
