"""Labelled texts in tables: one table, or one for each split."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from glassnet.data import columns, groups, table_files, text_files
from glassnet.data.options import ReadOptions
from glassnet.data.problems.problem import NOTE, WARNING, Problem, ReportProblem, counted
from glassnet.data.problems.rows import unknown_splits
from glassnet.data.split_names import SplitNames
from glassnet.data.tables import Table, normalized
from glassnet.data.texts.cleaning import TextRows
from glassnet.data.texts.columns import TextColumns, choose, header_detector
from glassnet.errors import DataError


def read_table(path: Path, options: ReadOptions, report_problem: ReportProblem) -> TextRows:
    """The rows of a table, which can have a column of splits.

    Raises:
        DataError: it cannot be read, or it is unclear which columns are meant.
    """
    table, chosen = _read_columns(path, options, report_problem)
    splits = columns.read_splits(table, chosen.split, SplitNames.parse(options.splits))
    for problem in unknown_splits(str(path), table.locations(), splits):
        report_problem(problem)
    return _rows(table, chosen, splits)


def read_splits(
    path: Path,
    split_of: Mapping[Path, str],
    options: ReadOptions,
    report_problem: ReportProblem,
) -> TextRows:
    """The rows of several tables, each of which is a split, with the columns of the training split.

    A table without labels is left out; so a validation table becomes the test split where that has
    none.

    Args:
        path: the folder, for messages.
        split_of: table -> split.
        options: how they are read.
        report_problem: receives each problem.

    Raises:
        DataError: as `read_table`, or a table lacks the column of the texts.
    """
    ordered = sorted(split_of, key=lambda table: split_of[table] != "train")
    first, chosen = _read_columns(ordered[0], options, report_problem)
    parts = {ordered[0]: _rows(first, chosen, ["train"] * len(first))}
    for other in ordered[1:]:
        is_header = header_detector(*first.header)
        table = table_files.read(other, is_header, options.encoding)
        found = _same_columns(table, first, chosen)
        if found.label is None:
            text = f"{other.name}: {counted(len(table), 'texts')} without labels left out"
            report_problem(Problem("unlabelled-split", WARNING, text))
            continue
        parts[other] = _rows(table, found, [split_of[other]] * len(table))
    names = [table.stem for table in parts]
    splits = dict(split_of)
    if options.splits is None:
        by_name = SplitNames().find_alike(names)
        splits |= {table: by_name[table.stem] for table in parts if table.stem in by_name}
    listed = ", ".join(f"{table.name} is {splits[table]}" for table in parts)
    report_problem(Problem("splits", NOTE, f"tables read as splits: {listed}"))
    return _joined(path, parts, splits)


def _read_columns(
    path: Path, options: ReadOptions, report_problem: ReportProblem
) -> tuple[Table, TextColumns]:
    is_header = header_detector(options.text_column, options.label_column, options.group_column)
    table = table_files.read(path, is_header, options.encoding)
    split_names = SplitNames.parse(options.splits)
    chosen = choose(
        table,
        options.text_column,
        options.label_column,
        options.group_column,
        split_names=split_names,
    )
    notes = [Problem("columns", NOTE, chosen.note), *chosen.problems]
    if chosen.group is None:
        notes += groups.possible_in_columns(table, (chosen.text, chosen.label, chosen.split))
    for problem in notes:
        report_problem(problem)
    return table, chosen


def _same_columns(table: Table, first: Table, chosen: TextColumns) -> TextColumns:
    """The columns of a table that has the names of another one, or its number of columns."""

    def find(position: int | None) -> int | None:
        if position is None:
            return None
        if not table.format.has_header:
            return position if len(table.header) == len(first.header) else None
        names = [normalized(name) for name in table.header]
        name = normalized(first.header[position])
        return names.index(name) if name in names else None

    def find_needed(position: int) -> int:
        found = find(position)
        if found is None:
            raise DataError(
                f"there is no column {first.header[position]!r}, which the training split has",
                "give all tables the same columns",
                table.path,
            )
        return found

    text, label = find_needed(chosen.text), find(chosen.label)
    if chosen.group is None or label is None:
        return TextColumns(text, label, None, "")
    return TextColumns(text, label, None, "", group=find_needed(chosen.group))


def _rows(table: Table, chosen: TextColumns, splits: Sequence[str]) -> TextRows:
    texts = table.columns[chosen.text]
    no_text = {k: f"{what} as text" for k, what in table.nested(chosen.text).items()}
    labels, no_label = [""] * len(table), dict[int, str]()
    if chosen.label is not None:
        labels = table.columns[chosen.label]
        no_label = {k: f"{what} as label" for k, what in table.nested(chosen.label).items()}
    return TextRows(
        name=str(table.path),
        texts=texts,
        labels=labels,
        splits=splits,
        locations=table.locations(),
        faults=no_label | no_text | _long_texts(texts),
        unread=table.faults,
        groups=() if chosen.group is None else table.columns[chosen.group],
    )


def _joined(path: Path, parts: Mapping[Path, TextRows], splits: Mapping[Path, str]) -> TextRows:
    """The rows of several tables one after another, each with the name of its table."""
    faults: dict[int, str] = {}
    n = 0
    for rows in parts.values():
        faults |= {n + k: fault for k, fault in rows.faults.items()}
        n += len(rows.texts)
    return TextRows(
        name=str(path),
        texts=[text for rows in parts.values() for text in rows.texts],
        labels=[label for rows in parts.values() for label in rows.labels],
        splits=[splits[table] for table, rows in parts.items() for _ in rows.texts],
        locations=[
            f"{table.name}, {location}"
            for table, rows in parts.items()
            for location in rows.locations
        ],
        faults=faults,
        groups=[group for rows in parts.values() for group in rows.groups],
        unread=[
            f"{fault.rpartition(' in ')[0]} in {table.name}, {fault.rpartition(' in ')[2]}"
            for table, rows in parts.items()
            for fault in rows.unread
        ],
    )


def _long_texts(texts: Sequence[str]) -> dict[int, str]:
    return {
        k: f"more than {text_files.MAX_TEXT:,} characters"
        for k, text in enumerate(texts)
        if len(text) > text_files.MAX_TEXT
    }
