"""The user's own labelled texts: a table, or a folder per class, read into a pool."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from glassnet import progress
from glassnet.data import columns, folders, paths, table_files, tables, text_files
from glassnet.data.options import ReadOptions
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import NOTE, Problem, ReportProblem
from glassnet.data.problems.rows import unknown_splits
from glassnet.data.split_names import SplitNames
from glassnet.data.texts.cleaning import TextRows, clean
from glassnet.data.texts.columns import choose, header_detector
from glassnet.errors import DataError, UsageError

HINT = "give a .csv, .tsv, .jsonl or .json table of texts, or a folder of .txt files per class"


def read_pool(name: str, options: ReadOptions, report_problem: ReportProblem) -> Pool:
    """Read the texts that a path leads to, leaving out duplicates.

    Args:
        name: a CSV, TSV or JSON Lines table, or a folder with a folder of `.txt` files per class.
        options: how they are read.
        report_problem: receives each problem.

    Raises:
        DataError: there is no such path, or what is there is not a usable data set.
        UsageError: a column is given, but there are no columns.
    """
    path = paths.resolve(name)
    if path.is_dir():
        check_no_column(path, options.text_column or options.label_column)
        return clean(_folder_rows(path, options, report_problem), report_problem)
    extension = path.suffix.lower()
    if extension in tables.EXTENSIONS:
        return clean(_table_rows(path, options, report_problem), report_problem)
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


def _table_rows(path: Path, options: ReadOptions, report_problem: ReportProblem) -> TextRows:
    split_names = SplitNames.parse(options.splits)
    is_header = header_detector(options.text_column, options.label_column)
    table = table_files.read(path, is_header, options.encoding)
    chosen = choose(table, options.text_column, options.label_column, split_names=split_names)
    for problem in (Problem("columns", NOTE, chosen.note), *chosen.problems):
        report_problem(problem)
    splits = columns.read_splits(table, chosen.split, split_names)
    for problem in unknown_splits(str(path), table.locations(), splits):
        report_problem(problem)
    texts = table.columns[chosen.text]
    no_text = {k: f"{what} as text" for k, what in table.nested(chosen.text).items()}
    labels, no_label = [""] * len(table), dict[int, str]()
    if chosen.label is not None:
        labels = table.columns[chosen.label]
        no_label = {k: f"{what} as label" for k, what in table.nested(chosen.label).items()}
    return TextRows(
        name=str(path),
        texts=texts,
        labels=labels,
        splits=splits,
        locations=table.locations(),
        faults=no_label | no_text | _long_texts(texts),
        unread=table.faults,
    )


def _long_texts(texts: Sequence[str]) -> dict[int, str]:
    return {
        k: f"more than {text_files.MAX_TEXT:,} characters"
        for k, text in enumerate(texts)
        if len(text) > text_files.MAX_TEXT
    }


def _folder_rows(path: Path, options: ReadOptions, report_problem: ReportProblem) -> TextRows:
    listing = folders.find(path, folders.TEXTS, SplitNames.parse(options.splits))
    items = listing.items
    for problem in listing.problems:
        report_problem(problem)
    texts, faults = [], {}
    found = Counter[str]()
    with progress.stage("reading texts", len(items), "texts") as advance:
        for k, item in enumerate(items):
            try:
                text, encoding = text_files.read_decoded(item.path, options.encoding)
                texts.append(text)
                found[encoding] += 1
            except DataError as error:
                texts.append("")
                faults[k] = error.message.removeprefix(f"{item.path}: ")
            advance()
    if found["cp1252"] and not options.encoding:
        text = f"{found['cp1252']:,} files are not UTF-8; their encoding is taken for cp1252"
        report_problem(Problem("encoding", NOTE, text))
    return TextRows(
        name=str(path),
        texts=texts,
        labels=[item.label for item in items],
        splits=[item.split for item in items],
        locations=[item.name for item in items],
        faults=faults,
    )
