"""The user's own labelled texts: a table, or a folder per class, read into a pool."""

from collections.abc import Sequence
from pathlib import Path

from glassnet import progress
from glassnet.data import columns, folders, paths, tables, text_files
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import NOTE, Problem, ReportProblem
from glassnet.data.problems.rows import unknown_splits
from glassnet.data.texts.cleaning import TextRows, clean
from glassnet.data.texts.columns import choose, header_detector
from glassnet.errors import DataError, UsageError

HINT = "give a .csv, .tsv or .jsonl table of texts, or a folder of .txt files per class"


def read_pool(
    name: str, text_column: str | None, label_column: str | None, report_problem: ReportProblem
) -> Pool:
    """Read the texts that a path leads to, leaving out duplicates.

    Args:
        name: a CSV, TSV or JSON Lines table, or a folder with a folder of `.txt` files per class.
        text_column, label_column: names of columns of a table; None to guess them.
        report_problem: receives each problem.

    Raises:
        DataError: there is no such path, or what is there is not a usable data set.
        UsageError: a column is given, but there are no columns.
    """
    path = paths.resolve(name)
    if path.is_dir():
        check_no_column(path, text_column or label_column)
        return clean(_folder_rows(path, report_problem), report_problem)
    extension = path.suffix.lower()
    if extension in tables.EXTENSIONS:
        return clean(_table_rows(path, text_column, label_column, report_problem), report_problem)
    if extension == text_files.EXTENSION:
        raise DataError(f"{path}: a single text, not a data set", HINT)
    raise DataError(f"{path}: unsupported file type {paths.printable(path.suffix)!r}", HINT)


def check_no_column(path: Path, column: str | None) -> None:
    """Refuse the choice of a column of something that is not a table.

    Raises:
        UsageError: a column is given.
    """
    if column is not None:
        raise UsageError(
            f"{path}: not a table, so it has no column {paths.printable(column)!r}",
            "leave out the column option",
        )


def _table_rows(
    path: Path, text_column: str | None, label_column: str | None, report_problem: ReportProblem
) -> TextRows:
    table = tables.read(path, header_detector(text_column, label_column))
    chosen = choose(table, text_column, label_column)
    report_problem(Problem("columns", NOTE, chosen.note))
    splits = columns.read_splits(table, chosen.split)
    for problem in unknown_splits(str(path), table.lines, splits):
        report_problem(problem)
    texts = table.columns[chosen.text]
    labels = table.columns[chosen.label] if chosen.label is not None else [""] * len(table)
    return TextRows(
        name=str(path),
        texts=texts,
        labels=labels,
        splits=splits,
        locations=[f"line {number}" for number in table.lines],
        faults=dict.fromkeys(table.wide_rows, "more cells than columns") | _long_texts(texts),
    )


def _long_texts(texts: Sequence[str]) -> dict[int, str]:
    return {
        k: f"more than {text_files.MAX_TEXT:,} characters"
        for k, text in enumerate(texts)
        if len(text) > text_files.MAX_TEXT
    }


def _folder_rows(path: Path, report_problem: ReportProblem) -> TextRows:
    listing = folders.find(path, folders.TEXTS)
    items = listing.items
    for problem in listing.problems:
        report_problem(problem)
    texts, faults = [], {}
    with progress.stage("reading texts", len(items), "texts") as advance:
        for k, item in enumerate(items):
            try:
                texts.append(text_files.read_text(item.path))
            except DataError as error:
                texts.append("")
                faults[k] = error.message.removeprefix(f"{item.path}: ")
            advance()
    return TextRows(
        name=str(path),
        texts=texts,
        labels=[item.label for item in items],
        splits=[item.split for item in items],
        locations=[item.name for item in items],
        faults=faults,
    )
