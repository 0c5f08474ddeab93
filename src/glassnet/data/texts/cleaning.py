"""Cleaning of labelled texts: incomplete rows, duplicates and single-class data are reported."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.data.listing import SPLITS
from glassnet.data.paths import printable
from glassnet.data.pool import Pool, digest
from glassnet.data.problems import duplicates
from glassnet.data.problems.problem import REFUSAL, Problem, ReportProblem
from glassnet.data.problems.rows import incomplete_rows
from glassnet.data.texts.strings import string_array
from glassnet.data.texts.vocabulary import has_word
from glassnet.errors import DataError

NOUN = "texts"
HINT = "give each a text and a label"


@dataclass(frozen=True, eq=False)
class TextRows:
    """Labelled texts as they are in a file or folder; all sequences have one entry per row.

    Attributes:
        name: the file or folder, for messages.
        texts: without the spaces around them; empty where a row has none.
        labels: the classes; empty where a row has none.
        splits: each one of `SPLITS`, empty, or unknown.
        locations: where each row is, such as `line 7`.
        faults: position -> why the row cannot be used, where that is already known.
        groups: the groups, empty where a row is in none; () without groups.
        unread: rows that are not among the others, as they cannot be read: why and where.
    """

    name: str
    texts: Sequence[str]
    labels: Sequence[str]
    splits: Sequence[str]
    locations: Sequence[str]
    faults: dict[int, str]
    unread: Sequence[str] = ()
    groups: Sequence[str] = ()


def clean(rows: TextRows, report_problem: ReportProblem) -> Pool:
    """Make a pool of the rows that can be used, each text once.

    Rows without a word, class or split are left out, and so are duplicates, see `deduplicate`.

    Args:
        rows: the rows.
        report_problem: receives each problem; a refusal if more than half of the rows cannot be
            used, or all texts have one class.

    Returns:
        The pool; ids are positions among the rows.

    Raises:
        DataError: none of the rows can be used.
    """
    faults = _faults(rows)
    named = [*rows.unread, *(f"{fault} in {rows.locations[k]}" for k, fault in faults.items())]
    problems = incomplete_rows(rows.name, named, len(rows.texts) + len(rows.unread), NOUN, HINT)
    unknown = [k for k, split in enumerate(rows.splits) if split and split not in SPLITS]
    usable = np.setdiff1d(np.arange(len(rows.texts)), [*faults, *unknown])
    if not len(usable):
        refused = problems and problems[0].severity == REFUSAL
        raise DataError(problems[0].text if refused else f"{rows.name}: no usable texts", HINT)
    for problem in problems:
        report_problem(problem)
    texts, labels, splits, locations = (
        [column[k] for k in usable]
        for column in (rows.texts, rows.labels, rows.splits, rows.locations)
    )
    names = {label: printable(label) for label in set(labels)}
    labels = [names[label] for label in labels]
    first = duplicates.deduplicate(texts, labels, splits, locations, NOUN, report_problem)
    lines = [f"{usable[k]}\0{splits[k]}\0{labels[k]}\0{_sha256(texts[k])}" for k in first]
    if len({labels[k] for k in first}) < 2:
        text = f"{rows.name}: all texts have the same class, {labels[first[0]]!r}"
        report_problem(Problem("single-class", REFUSAL, text, "give texts of at least two classes"))
    pool = Pool(
        inputs=string_array(texts),
        labels=tuple(labels),
        splits=tuple(splits),
        ids=usable,
        fingerprint=digest(lines),
        noun=NOUN,
        locations=tuple(locations),
        groups=tuple(printable(rows.groups[k]) for k in usable) if rows.groups else (),
    )
    return pool.without_copies(first)


def _faults(rows: TextRows) -> dict[int, str]:
    faults = dict(rows.faults)
    for k, cells in enumerate(zip(rows.texts, rows.labels, rows.splits, strict=True)):
        for what, cell in zip(("text", "label", "split"), cells, strict=True):
            if not cell:
                faults.setdefault(k, f"no {what}")
        if k not in faults and not has_word(cells[0]):
            faults[k] = "no word"
    return dict(sorted(faults.items()))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
