"""The user's own labelled texts: a table, or a folder per class, read into a pool."""

from collections import Counter
from pathlib import Path

from glassnet import progress
from glassnet.data import folders, groups, paths, structure, text_files
from glassnet.data.options import ReadOptions
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import NOTE, Problem, ReportProblem
from glassnet.data.split_names import SplitNames
from glassnet.data.texts.cleaning import TextRows, clean
from glassnet.data.texts.table_rows import read_splits, read_table
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
    found = structure.detect(path, SplitNames.parse(options.splits))
    structure.check_modality(found, name, "texts")
    for problem in found.problems:
        report_problem(problem)
    if found.form == structure.FOLDER:
        check_no_column(path, options.text_column or options.label_column)
        groups.check_applies(path, options, "group_pattern")
        return clean(_folder_rows(path, options, report_problem), report_problem)
    groups.check_applies(path, options, "group_column")
    if found.form == structure.TABLE and list(found.tables.values()) == [""]:
        return clean(read_table(next(iter(found.tables)), options, report_problem), report_problem)
    if found.form == structure.TABLE:
        return clean(read_splits(path, found.tables, options, report_problem), report_problem)
    if path.suffix.lower() == text_files.EXTENSION:
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


def _folder_rows(path: Path, options: ReadOptions, report_problem: ReportProblem) -> TextRows:
    listing = folders.find(path, folders.TEXTS, SplitNames.parse(options.splits))
    listing = groups.grouped(listing, options.group_pattern)
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
        groups=[item.group for item in items],
        faults=faults,
    )
