"""Pools of texts: rows cleaned of what is empty, doubled or in two parts, and all of it told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.data.listing import PARTS, shown, some
from glassnet.data.pool import Pool, digest
from glassnet.errors import DataError

Say = Callable[[str], None]
"""Takes one note for the person."""

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


def pooled(rows: Rows, say: Say) -> Pool:
    """Clean rows and make a pool of them; what is left out is told.

    Left out are rows without a text or a class, and a text that stands there again: of one part
    the first is kept; of several parts the test part keeps it, then the validation part.

    Args:
        rows: the rows.
        say: takes the notes.

    Returns:
        The pool; ids are positions among the rows.

    Raises:
        DataError: more than half of the rows cannot be used, or all are of one class.
    """
    faults = _faults(rows)
    good = np.setdiff1d(np.arange(len(rows.texts)), list(faults))
    for note in _fault_notes(rows, faults):
        say(note)
    kept, notes = _once(rows, good)
    for note in notes:
        say(note)
    names = {label: shown(label) for label in set(rows.labels)}
    labels = tuple(names[rows.labels[k]] for k in kept)
    parts = tuple(rows.parts[k] for k in kept)
    if len(set(labels)) < 2:
        raise DataError(
            f"{rows.name}: all texts are of one class, {labels[0]!r}",
            "give texts of two classes or more",
        )
    texts = [rows.texts[k] for k in kept]
    lines = [
        f"{k}\0{part}\0{label}\0{_sha256(text)}"
        for k, part, label, text in zip(kept, parts, labels, texts, strict=True)
    ]
    return Pool(array(texts), labels, parts, kept, digest(lines), "texts")


def _faults(rows: Rows) -> dict[int, str]:
    faults = dict(rows.faults)
    for k, (text, label) in enumerate(zip(rows.texts, rows.labels, strict=True)):
        if not (text and label):
            faults.setdefault(k, "no label" if text else "no text")
    return dict(sorted(faults.items()))


def _fault_notes(rows: Rows, faults: dict[int, str]) -> list[str]:
    if not faults:
        return []
    n = len(rows.texts)
    told = some([f"{fault} in {rows.places[k]}" for k, fault in faults.items()])
    if 2 * len(faults) > n:
        raise DataError(
            f"{rows.name}: {len(faults):,} of {n:,} texts cannot be used: {told}",
            "give each a text and a label",
        )
    return [f"{len(faults):,} of {n:,} texts left out: {told}"]


def _once(rows: Rows, good: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The positions that are kept, rising, and notes on texts that stand there more than once."""
    first: dict[str, int] = {}
    again: dict[str, list[int]] = {part: [] for part in PARTS}
    doubled: list[int] = []
    contrary: list[tuple[int, int]] = []
    for part in reversed(PARTS):
        for k in good.tolist():
            if rows.parts[k] != part:
                continue
            other = first.setdefault(rows.texts[k], k)
            if other == k:
                continue
            if rows.parts[other] == part:
                doubled.append(k)
            else:
                again[rows.parts[other]].append(k)
            if rows.labels[other] != rows.labels[k]:
                contrary.append((k, other))
    kept = np.array(sorted(first.values()), np.int64)
    return kept, _repeat_notes(rows, doubled, again, contrary)


def _repeat_notes(
    rows: Rows,
    doubled: list[int],
    again: dict[str, list[int]],
    contrary: list[tuple[int, int]],
) -> list[str]:
    notes = []
    if doubled:
        where = rows.places[min(doubled)]
        notes.append(f"{_counted(doubled)} left out: the same as one before, the first in {where}")
    for part, left in again.items():
        if left:
            where = rows.places[min(left)]
            notes.append(
                f"{_counted(left)} left out: in the {part} part, too, the first in {where}"
            )
    if contrary:
        k, other = min(contrary)
        texts = {rows.texts[k] for k, _ in contrary}
        notes.append(
            f"{_counted(texts)} with more than one label: {shown(rows.labels[other])!r} in "
            f"{rows.places[other]}, which counts, and {shown(rows.labels[k])!r} in {rows.places[k]}"
        )
    return notes


def _counted(texts: Collection[object]) -> str:
    return f"{len(texts):,} text{'s' * (len(texts) > 1)}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
