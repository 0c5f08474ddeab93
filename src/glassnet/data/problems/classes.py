"""Class problems: too few examples, names that differ between splits, and imbalance."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.data.listing import SPLITS
from glassnet.data.problems.problem import (
    REFUSAL,
    WARNING,
    Problem,
    ReportProblem,
    counted,
    first_few,
    ungrouped,
)
from glassnet.errors import DataError

IMBALANCE = 10
"""Ratio of the largest class to the smallest from which imbalance is reported."""

MISSING = frozenset({"nan", "null", "none", "na", "n/a", "<na>", "#n/a", "nil", "missing", "?"})
"""Class names, in lower case, that are usually written where there is no label."""

Counts = dict[str, Counter[str]]
"""Split -> class -> number of examples."""


def learnable(
    labels: Sequence[str],
    splits: Sequence[str],
    name: str,
    noun: str,
    report_problem: ReportProblem,
    copies: Counter[str] | None = None,
) -> np.ndarray:
    """Leave out classes that cannot be learned, and report problems of the others.

    A class needs one training example, and one more for each split that is to be held out of the
    training split.

    Args:
        labels, splits: n of each.
        name: what messages call the data set.
        noun: what its examples are called.
        report_problem: receives each problem; a refusal if the training split has a class under
            another name, or if most of a split, or all classes but one, would be left out.
        copies: class -> number of its training examples that were left out as duplicates.

    Returns:
        The sorted positions of the examples of learnable classes.

    Raises:
        DataError: no class has enough examples.
    """
    counts = {split: Counter[str]() for split in SPLITS}
    for label, split in zip(labels, splits, strict=True):
        counts[split][label] += 1
    train = counts["train"]
    minimum = 1 + sum(not counts[split] for split in ("valid", "test"))
    _report_names(train, noun, report_problem)
    unknown = {label for split in SPLITS for label in counts[split] if not train[label]}
    few = {label for label, n in train.items() if n < minimum}
    _report_unknown(counts, unknown, name, noun, report_problem)
    _report_few(train, few, minimum, name, noun, report_problem, copies or Counter())
    enough = Counter({label: n for label, n in train.items() if label not in few})
    _report_imbalance(enough, noun, report_problem)
    left_out = unknown | few
    _report_missing(counts, left_out, noun, report_problem)
    return np.array([k for k, label in enumerate(labels) if label not in left_out], np.int64)


def natural_order(name: str) -> tuple[list[Any], str]:
    """A sort key that orders numbers within names by their value.

    Example:
        >>> sorted(["b", "10", "2", "a10", "a9"], key=natural_order)
        ['2', '10', 'a9', 'a10', 'b']
    """
    words = re.split(r"([0-9]{1,18})", name)
    return [int(word) if k % 2 else word.casefold() for k, word in enumerate(words)], name


def same_class_key(name: str) -> str:
    """A class name without what spellings of one class differ in.

    That is case, spaces, `_`, `-`, leading zeros, full-width letters, and the form of a number.

    Example:
        >>> len({same_class_key(name) for name in ("1", "01", "1.0", " 1 ", "１")})
        1
        >>> same_class_key("Class 07") == same_class_key("class_7"), same_class_key("-1")
        (True, '-1.0')
    """
    plain = unicodedata.normalize("NFKC", name).strip()
    try:
        number = float(plain)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return str(number)
    return re.sub(r"(?<![\d.])0+(?=\d)", "", _normalized(plain))


def _report_names(train: Counter[str], noun: str, report_problem: ReportProblem) -> None:
    """Report classes that may be one class, and classes that may be missing labels."""
    spellings: dict[str, list[str]] = {}
    for label in sorted(train, key=natural_order):
        spellings.setdefault(same_class_key(label), []).append(label)
    groups = [tuple(labels) for labels in spellings.values() if len(labels) > 1]
    if groups:
        listed = first_few([", ".join(map(repr, labels)) for labels in groups])
        text = f"{counted(len(groups), 'groups')} of classes that differ in spelling only: {listed}"
        hint = "write each class in one way, if they are the same"
        report_problem(Problem("similar-classes", WARNING, text, hint, tuple(groups)))
    missing = [label for label in train if label.strip().casefold() in MISSING]
    if missing:
        listed = first_few([f"{label!r} ({train[label]:,} {noun})" for label in missing])
        text = f"classes that look like missing labels: {listed}"
        hint = "delete these labels, if they are missing"
        report_problem(Problem("missing-labels", WARNING, text, hint, ungrouped(missing)))


def _report_unknown(
    counts: Counts, unknown: set[str], name: str, noun: str, report_problem: ReportProblem
) -> None:
    """Report classes of other splits that the training split lacks."""
    train = {same_class_key(label): label for label in counts["train"]}
    for split in ("valid", "test"):
        if not (labels := sorted(unknown & set(counts[split]), key=natural_order)):
            continue
        similar = [label for label in labels if same_class_key(label) in train]
        n = sum(counts[split][label] for label in labels)
        if similar or 2 * n > counts[split].total():
            hint = f"add training {noun} of this class, or remove it from the {split} split"
            label = (similar or labels)[0]
            if similar:
                known = train[same_class_key(label)]
                hint = f"the training split has {known!r}: use one name for both"
            text = f"{name}: the class {label!r} of the {split} split is not in the training split"
            problem = Problem("unknown-classes", REFUSAL, text, hint, ungrouped(labels))
        else:
            text = (
                f"{counted(n, noun)} of the {split} split left out; the training split lacks the "
                f"class {first_few(labels)}"
            )
            problem = Problem("unknown-classes", WARNING, text, locations=ungrouped(labels))
        report_problem(problem)


def _report_few(
    train: Counter[str],
    few: set[str],
    minimum: int,
    name: str,
    noun: str,
    report_problem: ReportProblem,
    copies: Counter[str],
) -> None:
    """Report classes with fewer training examples than they need."""
    if not few:
        return
    labels = sorted(few, key=natural_order)
    n = sum(train[label] for label in labels)
    n_copies = sum(copies[label] for label in labels)
    different = "different " * bool(n_copies)
    refusal = (
        f"{name}: fewer than {minimum} {different}training {noun} of the class {first_few(labels)}"
    )
    if n_copies:
        refusal += f": {n_copies:,} of {n + n_copies:,} are the same as another"
    hint = f"give each class at least {minimum}{' that differ' * bool(n_copies)}"
    if len(few) == len(train):
        raise DataError(refusal, hint)
    if 2 * n > train.total() or len(few) == len(train) - 1:
        problem = Problem("few-examples", REFUSAL, refusal, hint, ungrouped(labels))
    else:
        text = (
            f"{counted(len(labels), 'classes')} left out, with fewer than {minimum} training "
            f"{noun}: {first_few(labels)}"
        )
        problem = Problem("few-examples", WARNING, text, locations=ungrouped(labels))
    report_problem(problem)


def _report_imbalance(train: Counter[str], noun: str, report_problem: ReportProblem) -> None:
    if not train:
        return
    (large, maximum), (small, minimum) = train.most_common()[0], train.most_common()[-1]
    if maximum >= IMBALANCE * minimum:
        text = (
            f"the classes are imbalanced: {maximum:,} training {noun} of {large!r}, {minimum:,} of "
            f"{small!r}; check the recall of each class, not just the accuracy"
        )
        report_problem(Problem("class-imbalance", WARNING, text, locations=((large,), (small,))))


def _report_missing(
    counts: Counts, left_out: set[str], noun: str, report_problem: ReportProblem
) -> None:
    """Report classes that an existing validation or test split lacks."""
    for split in ("valid", "test"):
        missing = sorted(set(counts["train"]) - set(counts[split]) - left_out, key=natural_order)
        if missing and counts[split]:
            text = f"no {split} {noun} of the class {first_few(missing)}: it is not evaluated"
            report_problem(Problem("missing-classes", WARNING, text, locations=ungrouped(missing)))


def _normalized(label: str) -> str:
    """A class name without case, spaces, `_` and `-`, so that misspellings match."""
    return re.sub(r"[\s_-]", "", label).casefold()
