"""Texts: from a data set's name or a path to labelled parts, or to texts without labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import progress
from glassnet.contract import Split, Splits
from glassnet.data import folders, modality, pool, splits
from glassnet.data.images import local
from glassnet.data.images.dataset import IN_MEMORY, find, fingerprint, is_path
from glassnet.data.listing import PART_NAMES, shown
from glassnet.data.problems.problem import NOTE, Problem, ReportProblem, speaker
from glassnet.data.sources import fetch, packs
from glassnet.data.sources.catalogue import Entry, Members
from glassnet.data.texts import encoding, tables
from glassnet.data.texts.columns import choose
from glassnet.data.texts.pool import Rows, array, pooled
from glassnet.errors import DataError, UsageError, suggest

FORMS = "give a .csv, .tsv or .jsonl table of texts, or a folder of .txt files per class"

CLASS_FOLDERS = {"neg": 0, "pos": 1}
"""What the folders of film reviews are called, and their class numbers."""


@dataclass(frozen=True, eq=False)
class Reading:
    """Texts without labels, as a file or folder has them, in its order.

    Attributes:
        texts: (n,) strings, without the spaces around them; some may be empty.
        places: where each was found, as `reviews.csv, line 7`, or the path of a text file.
    """

    texts: np.ndarray
    places: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A table's column of texts, to be read row by row; what is held does not grow with it."""

    form: tables.Form
    position: int

    def __iter__(self) -> Iterator[tuple[str, str, list[Any]]]:
        """Each row's text, where it was found, and the whole row."""
        for number, row in self.form.rows():
            text = tables.cell_of(row, self.position)
            yield text, f"{self.form.path.name}, line {number}", row


def load(
    name: str,
    *,
    seed: int,
    valid_fraction: float = 1 / 12,
    text_column: str | None = None,
    label_column: str | None = None,
    log: fetch.Log = progress.log,
) -> Splits:
    """Load texts of the catalogue, fetched first if need be, or the user's own.

    Args:
        name: a name of the catalogue, as `imdb`, or the path of a CSV, TSV or JSON Lines table, or
            of a folder with a folder of `.txt` files per class.
        seed: chooses the validation examples where there is no validation part; at least 0.
        valid_fraction: the share of the training part held out for validation, in (0, 1).
        text_column, label_column: own tables only: the columns' names; None to have them guessed.
        say: takes notes for the person: what is fetched, which columns, what is left out.

    Returns:
        Inputs are (n,) strings, of NumPy's StringDType; labels int64. Ids are positions among a
        table's rows (0 is the first one under the header) or in the sorted list of files; of the
        catalogue's, in the training part and, where that is a file of its own, in the test part.

    Raises:
        UsageError: there is no such data set, it holds images, or a number is out of range.
        DataError: what the path leads to does not make a data set of texts.
        FetchError: it is not in the cache, and no source gave it.
        StorageError: the cache cannot be written.
    """
    if is_path(name):
        report_problem = speaker(log)
        found = own_pool(name, text_column, label_column, report_problem)
        path = str(local.located(name))
        return pool.divide(
            found, path, seed=seed, valid_fraction=valid_fraction, report_problem=report_problem
        )
    entry = _find(name)
    if text_column is not None or label_column is not None:
        raise UsageError(
            f"{name} has no columns to choose from",
            "leave --text-column and --label-column to your own tables",
        )
    (content,) = fetch.contents(entry, log)
    train, test = _reviews(content) if isinstance(entry.files[0], Members) else _sentences(content)
    left, valid = splits.stratified(train.labels, valid_fraction, seed)
    return Splits(
        name=entry.name,
        train=train.take(left),
        valid=train.take(valid),
        test=test,
        class_names=entry.class_names,
        fingerprint=fingerprint(entry),
    )


def own_pool(
    name: str, text_column: str | None, label_column: str | None, report_problem: ReportProblem
) -> pool.Pool:
    """Read the texts that a path leads to, each once; errors are those of `load`.

    Args:
        name: the path.
        text_column, label_column: as `load` has them.
        tell: takes what is wrong or worth knowing.
    """
    return pooled(
        _own_rows(local.located(name), text_column, label_column, report_problem), report_problem
    )


def unlabelled(name: str, log: fetch.Log = progress.log) -> np.ndarray | None:
    """The texts without labels that a data set of the catalogue has, (n,) strings.

    None where there are none, as with one's own texts.

    Raises:
        UsageError: there is no such data set, or it holds images.
        FetchError: they are not in the cache, and no source gave them.
    """
    if is_path(name) or name == IN_MEMORY:
        return None
    entry = _find(name)
    if entry.unlabelled is None:
        return None
    (content,) = fetch.contents(entry, log, (entry.unlabelled,))
    files = packs.unpack(content)
    ordered = sorted(files, key=_number)
    return array([files[path].decode() for path in ordered])


def read(path: Path, *, text_column: str | None = None, log: fetch.Log = progress.log) -> Reading:
    """Read texts to ask a network about: a table's rows, a text file, or a folder of them.

    Args:
        path: a table, where labels are not needed; a `.txt` file, which is one text; or a folder.
        text_column: the column that holds the texts; None to have it guessed.
        say: takes notes for the person.

    Raises:
        DataError: it cannot be read, holds no texts, or a row has more cells than columns.
        UsageError: a column is named, but there are no columns.
    """
    path = local.located(str(path))
    ending = path.suffix.lower()
    if path.is_file() and ending in tables.ENDINGS:
        rows = list(column(path, text_column=text_column, log=log))
        return Reading(array([text for text, _, _ in rows]), tuple(place for _, place, _ in rows))
    _check_no_columns(path, text_column)
    if path.is_dir():
        listing = folders.find(path, folders.TEXTS)
        for problem in listing.problems:
            speaker(log)(problem)
        paths = [file.path for file in listing.items]
    elif ending == encoding.ENDING:
        paths = [path]
    else:
        raise DataError(f"{path}: no form of texts that is known", FORMS)
    return Reading(array([encoding.text(file) for file in paths]), tuple(map(str, paths)))


def column(path: Path, *, text_column: str | None = None, log: fetch.Log = progress.log) -> Column:
    """The column of texts of a table, which is gone through once to see that all of it is one.

    Args:
        path: a CSV, TSV or JSON Lines file.
        text_column: the column that holds the texts; None to have it guessed.
        say: takes a note on which was taken.

    Raises:
        DataError: it cannot be read, has no such column, or a row has more cells than columns.
    """
    path = local.located(str(path))
    form = tables.look(path, [text_column] if text_column else [])
    if form.wide is not None:
        number, cells = form.wide
        raise DataError(
            f"{path}, line {number}: {len(cells)} cells under {len(form.header)} columns",
            "put quotes around a text that holds the separator",
        )
    chosen = choose(tables.first_rows(form), text_column, labelled=False)
    log(chosen.note)
    return Column(form, chosen.text)


def _find(name: str) -> Entry:
    entry = find(name)
    if entry.kind != "texts":
        raise UsageError(f"{name} holds {entry.kind}", f"give it to a network for {entry.kind}")
    return entry


def _sentences(content: bytes) -> tuple[Split, Split]:
    """Film sentences of a table with tabs, positive if rated 0 or more; no test part is given.

    A fixed draw makes one, so that every seed is measured on the same sentences.
    """
    lines = content.decode().splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    labels = np.array([float(rating) >= 0 for _, rating, _ in rows], np.int64)
    texts = array([text.strip() for _, _, text in rows])
    whole = Split(texts, labels, np.arange(len(rows)))
    train, test = splits.stratified(labels, 1005 / len(rows), seed=0)
    return whole.take(train), whole.take(test)


def _reviews(content: bytes) -> tuple[Split, Split]:
    """Film reviews, a file each, under `train` and `test` and there under `neg` and `pos`."""
    files = packs.unpack(content)
    parts = []
    for part in ("train", "test"):
        paths = [path for path in files if path.split("/")[1] == part]
        labels = [CLASS_FOLDERS[path.split("/")[2]] for path in paths]
        texts = array([files[path].decode() for path in paths])
        parts.append(Split(texts, np.array(labels, np.int64), np.arange(len(paths))))
    return parts[0], parts[1]


def _number(path: str) -> int:
    """The number of a review, which its file's name begins with."""
    return int(path.rpartition("/")[2].partition("_")[0])


def _own_rows(
    path: Path, text_column: str | None, label_column: str | None, report_problem: ReportProblem
) -> Rows:
    if modality.look(path) == "images":
        raise DataError(f"{path}: holds images", "give it to a network for images")
    if path.is_dir():
        _check_no_columns(path, text_column or label_column)
        return _folder_rows(path, report_problem)
    if path.suffix.lower() not in tables.ENDINGS:
        one = path.suffix.lower() == encoding.ENDING
        raise DataError(f"{path}: {'one text' if one else 'no form of data that is known'}", FORMS)
    return _table_rows(path, text_column, label_column, report_problem)


def _table_rows(
    path: Path, text_column: str | None, label_column: str | None, report_problem: ReportProblem
) -> Rows:
    named = [name for name in (text_column, label_column) if name is not None]
    table = tables.read(path, named)
    chosen = choose(table, text_column, label_column)
    report_problem(Problem("columns", NOTE, chosen.note))
    texts = table.columns[chosen.text]
    labels = table.columns[chosen.label] if chosen.label is not None else [""] * len(table)
    return Rows(
        name=str(path),
        texts=texts,
        labels=labels,
        parts=_parts(table, chosen.part),
        places=[f"line {number}" for number in table.lines],
        faults=_wide_rows(table) | _long_texts(texts),
    )


def _wide_rows(table: tables.Table) -> dict[int, str]:
    width = len(table.header)
    return {
        k: "more cells than columns"
        for k, row in enumerate(table.rows)
        if len(row) > width and any(map(str.strip, row[width:]))
    }


def _long_texts(texts: Sequence[str]) -> dict[int, str]:
    return {
        k: f"more than {encoding.MAX_TEXT:,} characters"
        for k, text in enumerate(texts)
        if len(text) > encoding.MAX_TEXT
    }


def _parts(table: tables.Table, column: int | None) -> list[str]:
    if column is None:
        return ["train"] * len(table)
    cells = [cell.lower() for cell in table.columns[column]]
    for cell, number in zip(cells, table.lines, strict=True):
        if cell not in PART_NAMES:
            raise DataError(
                f"{table.path}, line {number}: there is no part {shown(cell)!r}",
                suggest(cell, PART_NAMES),
            )
    return [PART_NAMES[cell] for cell in cells]


def _folder_rows(path: Path, report_problem: ReportProblem) -> Rows:
    listing = folders.find(path, folders.TEXTS)
    files = listing.items
    for problem in listing.problems:
        report_problem(problem)
    texts, faults = [], {}
    with progress.stage("reading texts", len(files), "texts") as advance:
        for k, file in enumerate(files):
            try:
                texts.append(encoding.text(file.path))
            except DataError as error:
                texts.append("")
                faults[k] = error.message.removeprefix(f"{file.path}: ")
            advance()
    return Rows(
        name=str(path),
        texts=texts,
        labels=[file.label for file in files],
        parts=[file.part for file in files],
        places=[file.name for file in files],
        faults=faults,
    )


def _check_no_columns(path: Path, column: str | None) -> None:
    if column is not None:
        raise UsageError(
            f"{path}: has no column {shown(column)!r}, it is no table", "leave the column out"
        )
