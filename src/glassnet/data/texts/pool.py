"""Pools of texts: rows cleaned of what is empty, doubled or in two parts, and all of it told."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.data.listing import shown, some
from glassnet.data.pool import Pool, digest
from glassnet.data.problems import duplicates
from glassnet.data.problems.problem import REFUSAL, WARNING, Problem, ReportProblem, counted, single
from glassnet.errors import DataError

NOUN = "texts"

STRINGS = np.dtypes.StringDType()
"""The type of arrays of texts."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Labelled texts as they were found; all lists have one entry per row.

    Attributes:
        name: the file or folder that they are from, for errors.
        texts: without the spaces around them; empty where a row has none.
        labels: the class; empty where a row has none.
        parts: each one of `PARTS`.
        places: where each was found, as `line 7`.
        faults: position -> why the row cannot be used, for what the reader knows of already.
    """

    name: str
    texts: Sequence[str]
    labels: Sequence[str]
    parts: Sequence[str]
    places: Sequence[str]
    faults: dict[int, str]


def array(texts: Sequence[str]) -> np.ndarray:
    """Texts as an array (n,) of strings; what is no character becomes U+FFFD.

    Example:
        >>> array(["one", "zwei"]).tolist()
        ['one', 'zwei']
    """
    try:
        return np.array(texts, dtype=STRINGS)
    except UnicodeEncodeError:  # half of a pair of surrogates, which JSON can spell
        whole = [
            text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts
        ]
        return np.array(whole, dtype=STRINGS)


def pooled(rows: Rows, report_problem: ReportProblem) -> Pool:
    """Clean rows and make a pool of them; what is left out is told.

    Left out are rows without a text or a class, and a text that stands there again, as
    `repeats.once` does it.

    Args:
        rows: the rows.
        tell: takes what is wrong or worth knowing; a refusal where more than half of the rows
            cannot be used, or all are of one class.

    Returns:
        The pool; ids are positions among the rows.

    Raises:
        DataError: none of the rows can be used.
    """
    faults = _faults(rows)
    good = np.setdiff1d(np.arange(len(rows.texts)), list(faults))
    _report_faults(rows, faults, report_problem)
    texts, labels, parts, places = (
        [cells[k] for k in good] for cells in (rows.texts, rows.labels, rows.parts, rows.places)
    )
    names = {label: shown(label) for label in set(labels)}
    labels = [names[label] for label in labels]
    kept = duplicates.once(texts, labels, parts, places, NOUN, report_problem)
    lines = [f"{good[k]}\0{parts[k]}\0{labels[k]}\0{_sha256(texts[k])}" for k in kept]
    if len({labels[k] for k in kept}) < 2:
        text = f"{rows.name}: all texts are of one class, {labels[kept[0]]!r}"
        report_problem(Problem("one-class", REFUSAL, text, "give texts of two classes or more"))
    whole = Pool(
        array(texts), tuple(labels), tuple(parts), good, digest(lines), NOUN, tuple(places)
    )
    return whole.keep(kept)


def _faults(rows: Rows) -> dict[int, str]:
    faults = dict(rows.faults)
    for k, (text, label) in enumerate(zip(rows.texts, rows.labels, strict=True)):
        if not (text and label):
            faults.setdefault(k, "no label" if text else "no text")
    return dict(sorted(faults.items()))


def _report_faults(rows: Rows, faults: dict[int, str], report_problem: ReportProblem) -> None:
    if not faults:
        return
    n = len(rows.texts)
    named = [f"{fault} in {rows.places[k]}" for k, fault in faults.items()]
    told, hint = f"{len(faults):,} of {counted(n, NOUN)}", "give each a text and a label"
    refusal = f"{rows.name}: {told} cannot be used: {some(named)}"
    if len(faults) == n:
        raise DataError(refusal, hint)
    if 2 * len(faults) > n:
        report_problem(Problem("rows", REFUSAL, refusal, hint, single(named)))
        return
    report_problem(
        Problem("rows", WARNING, f"{told} left out: {some(named)}", places=single(named))
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
