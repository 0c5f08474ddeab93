"""Classes: which have enough examples to be learned, and how unevenly they are filled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.data.listing import PARTS, some
from glassnet.data.problems.problem import REFUSAL, WARNING, Problem, ReportProblem, counted, single
from glassnet.errors import DataError

UNEVEN = 10
"""How many times more examples than the smallest class the largest must have to be told of."""

Counts = dict[str, Counter[str]]
"""Part -> class -> number of examples."""


def kept(
    labels: Sequence[str], parts: Sequence[str], name: str, noun: str, report_problem: ReportProblem
) -> np.ndarray:
    """Leave out the classes that cannot be learned, and tell of what is odd with the others.

    A class needs a training example for each part that is drawn from the training part, and one.

    Args:
        labels, parts: n of each.
        name: what errors call the data set.
        noun: what its examples are called.
        tell: takes what is told; a refusal where a class is under another name in the training
            part, or where most of a part or all classes but one would be left out.

    Returns:
        The positions that are kept, rising.

    Raises:
        DataError: no class has enough examples.
    """
    counts = {part: Counter[str]() for part in PARTS}
    for label, part in zip(labels, parts, strict=True):
        counts[part][label] += 1
    train = counts["train"]
    least = 1 + sum(not counts[part] for part in ("valid", "test"))
    unknown = {label for part in PARTS for label in counts[part] if not train[label]}
    few = {label for label, n in train.items() if n < least}
    _report_unknown(counts, unknown, name, noun, report_problem)
    _report_few(train, few, least, name, noun, report_problem)
    left = unknown | few
    _report_imbalance(
        Counter({label: n for label, n in train.items() if label not in few}), noun, report_problem
    )
    _report_absent(counts, left, noun, report_problem)
    return np.array([k for k, label in enumerate(labels) if label not in left], np.int64)


def natural(name: str) -> tuple[list[Any], str]:
    """A key that sorts numbers within names by their value.

    Example:
        >>> sorted(["b", "10", "2", "a10", "a9"], key=natural)
        ['2', '10', 'a9', 'a10', 'b']
    """
    words = re.split(r"([0-9]{1,18})", name)
    return [int(word) if k % 2 else word.casefold() for k, word in enumerate(words)], name


def _report_unknown(
    counts: Counts, unknown: set[str], name: str, noun: str, report_problem: ReportProblem
) -> None:
    """Tell of classes that other parts have and the training part has not."""
    train = {_plain(label): label for label in counts["train"]}
    for part in ("valid", "test"):
        here = sorted(unknown & set(counts[part]), key=natural)
        if not here:
            continue
        alike = [train[_plain(label)] for label in here if _plain(label) in train]
        n = sum(counts[part][label] for label in here)
        if alike or 2 * n > counts[part].total():
            hint = f"give it training {noun}, or take it away"
            text = f"{name}: the class {here[0]!r} of the {part} part is not in the training part"
            hint = f"it has {alike[0]!r}: give both one name" if alike else hint
            report_problem(Problem("unknown-classes", REFUSAL, text, hint, single(here)))
            continue
        text = (
            f"{counted(n, noun)} of the {part} part left out, the training part has none of the "
            f"class {some(here)}"
        )
        report_problem(Problem("unknown-classes", WARNING, text, places=single(here)))


def _report_few(
    train: Counter[str],
    few: set[str],
    least: int,
    name: str,
    noun: str,
    report_problem: ReportProblem,
) -> None:
    """Tell of classes with fewer training examples than they need."""
    if not few:
        return
    names = sorted(few, key=natural)
    n = sum(train[label] for label in names)
    told = f"fewer than {least} training {noun} of the class {some(names)}"
    hint = f"give each class {least} or more"
    if len(few) == len(train):
        raise DataError(f"{name}: {told}", hint)
    if 2 * n > train.total() or len(few) == len(train) - 1:
        report_problem(Problem("few-examples", REFUSAL, f"{name}: {told}", hint, single(names)))
        return
    which = counted(len(names), "classes")
    text = f"{which} left out, with {told.replace(' of the class', ':')}"
    report_problem(Problem("few-examples", WARNING, text, places=single(names)))


def _report_imbalance(train: Counter[str], noun: str, report_problem: ReportProblem) -> None:
    if not train:
        return
    (large, most), (small, least) = train.most_common()[0], train.most_common()[-1]
    if most >= UNEVEN * least:
        text = (
            f"the classes are uneven: {most:,} training {noun} of {large!r}, {least:,} of "
            f"{small!r}; look at each class's recall, not at the accuracy alone"
        )
        report_problem(Problem("uneven", WARNING, text, places=((large,), (small,))))


def _report_absent(
    counts: Counts, left: set[str], noun: str, report_problem: ReportProblem
) -> None:
    """Tell of classes that a given part lacks."""
    for part in ("valid", "test"):
        absent = sorted(set(counts["train"]) - set(counts[part]) - left, key=natural)
        if absent and counts[part]:
            text = f"no {part} {noun} of the class {some(absent)}: nothing is measured on it"
            report_problem(Problem("absent-classes", WARNING, text, places=single(absent)))


def _plain(label: str) -> str:
    """A class's name without what a slip changes: case, spaces, `_` and `-`."""
    return re.sub(r"[\s_-]", "", label).casefold()
