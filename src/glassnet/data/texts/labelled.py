"""The user's own labelled texts: a table, or a folder per class, read into a pool."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from glassnet import progress
from glassnet.data import encodings, folders, groups, paths, structure, text_files
from glassnet.data.options import ReadOptions
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import NOTE, WARNING, Problem, ReportProblem, counted
from glassnet.data.split_names import SplitNames
from glassnet.data.texts.cleaning import TextRows, clean
from glassnet.data.texts.table_rows import read_splits, read_table
from glassnet.errors import DataError, UsageError

HINT = "give a .csv, .tsv, .jsonl or .json table of texts, or a folder of .txt files per class"


MAX_TABLES = 20
MIN_LINES = 50
"""Up to so many files of which most have at least so many lines are no texts, but have one per
line."""


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
        if path.is_file() and _has_many_lines(path):
            raise _lines_are_texts(path)
        raise DataError("a single text, not a data set", HINT, path)
    raise DataError(f"unsupported file type {paths.printable(path.suffix)!r}", HINT, path)


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
    split_names = SplitNames.parse(options.splits)
    listing = folders.find(path, folders.TEXTS, split_names, options.group_pattern)
    listing = groups.grouped(listing, options.group_pattern)
    items = listing.items
    for problem in listing.problems:
        report_problem(problem)
    files = [item.path for item in items]
    with_lines = [file for file in files[:MAX_TABLES] if _has_many_lines(file)]
    if 2 * len(with_lines) > len(files):
        raise _lines_are_texts(with_lines[0])
    texts, faults = _read_files(files, options.encoding, report_problem)
    return TextRows(
        name=str(path),
        texts=texts,
        labels=[item.label for item in items],
        splits=[item.split for item in items],
        locations=[item.name for item in items],
        groups=[item.group for item in items],
        faults=faults,
    )


def _has_many_lines(file: Path) -> bool:
    try:
        return text_files.read_bytes(file).count(b"\n") >= MIN_LINES
    except DataError:
        return False


def _lines_are_texts(file: Path) -> DataError:
    """The error of a text file that contains a text per line."""
    content = text_files.read_bytes(file)
    lines = content.splitlines()
    with_tabs = 2 * sum(b"\t" in line for line in lines) > len(lines)
    hint = "make a table of it, such as a .csv with the columns text and label"
    return DataError(
        f"{len(lines):,} lines, but a {text_files.EXTENSION} file is one text",
        f"its lines have tabs: rename it to {file.stem}.tsv" if with_tabs else hint,
        file,
    )


def _read_files(
    files: Sequence[Path], encoding: str | None, report_problem: ReportProblem
) -> tuple[list[str], dict[int, str]]:
    """The text of each file, and why some cannot be read; those not in UTF-8 share one encoding."""
    texts, faults = [""] * len(files), dict[int, str]()
    others: dict[int, bool] = {}
    sample: list[bytes] = []
    with progress.stage("reading texts", len(files), "texts") as advance:
        for k, path in enumerate(files):
            try:
                content = text_files.read_bytes(path)
                if encoding or encodings.is_utf8(content):
                    texts[k] = text_files.decoded(path, content, encoding)
                else:
                    others[k] = encodings.is_western([content])
                    sample += [content] * (sum(map(len, sample)) < encodings.MAX_BYTES)
            except DataError as error:
                faults[k] = error.reason
            advance()
    chosen = _encodings_of(others, sample, report_problem) if others else {}
    for k in others:
        try:
            if k not in chosen:
                raise DataError("not UTF-8 text", "give its encoding")
            texts[k] = text_files.read_text(files[k], chosen[k])
        except DataError as error:
            faults[k] = error.reason
    return texts, faults


def _encodings_of(
    others: Mapping[int, bool], sample: Sequence[bytes], report_problem: ReportProblem
) -> dict[int, str]:
    """The encoding of each file that is not UTF-8 and that can be read, which is reported.

    Args:
        others: whether each of these files alone looks like cp1252.
        sample: the content of some of them.
        report_problem: receives the note.
    """
    guess = encodings.guess(sample)
    western = [k for k, is_western in others.items() if is_western]
    fitting = western if guess.name == "cp1252" else others
    chosen = dict.fromkeys(fitting, guess.name) if guess.name else {}
    text = f"{counted(len(chosen or others), 'files')} that are not UTF-8: "
    if chosen:
        name = next(iter(chosen.values()))
        text += f"their encoding is taken for {name}; --encoding names another"
    else:
        text += guess.hint
    report_problem(Problem("encoding", NOTE if chosen else WARNING, text))
    return chosen
