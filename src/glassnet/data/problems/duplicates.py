"""Repeats: examples that stand there again, in the same part or in another, alike or contrary."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence

import numpy as np

from glassnet.data.listing import PARTS, some
from glassnet.data.problems.problem import WARNING, Places, Problem, ReportProblem, counted

Pair = tuple[int, int]
"""The position of an example that is left out, and of the one that is kept."""


def once(
    keys: Sequence[Hashable],
    labels: Sequence[str],
    parts: Sequence[str],
    places: Sequence[str],
    noun: str,
    report_problem: ReportProblem,
) -> np.ndarray:
    """Keep each example once, so that nothing is trained on and tested on.

    Of one part the first is kept; of several parts the test part keeps it, then the validation
    part. The label of the one that is kept counts.

    Args:
        keys: n of them; two are equal where the examples are the same.
        labels, parts: n of each.
        places: n names.
        noun: what the examples are called.
        tell: takes what is told of those that are left out.

    Returns:
        The positions that are kept, rising.

    Example:
        >>> parts = ("train", "test", "train", "train")
        >>> once("abab", "xyxy", parts, "1234", "texts", lambda problem: print(problem.text))
        1 text left out, the same as one before: 3 (as 1)
        1 text left out, the same as one in the test part: 4 (as 2)
        array([0, 1])
    """
    first: dict[Hashable, int] = {}
    before: list[Pair] = []
    elsewhere: dict[str, list[Pair]] = {part: [] for part in PARTS}
    for part in reversed(PARTS):
        for k, key in enumerate(keys):
            if parts[k] != part:
                continue
            other = first.setdefault(key, k)
            if other != k:
                (before if parts[other] == part else elsewhere[parts[other]]).append((k, other))
    _report_dropped(before, "copies", "one before", places, noun, report_problem)
    for part, pairs in elsewhere.items():
        _report_dropped(
            pairs, "across-parts", f"one in the {part} part", places, noun, report_problem
        )
    pairs = sorted(itertools.chain(before, *elsewhere.values()))
    _report_contradictions(
        [(k, o) for k, o in pairs if labels[k] != labels[o]], labels, places, noun, report_problem
    )
    return np.array(sorted(first.values()), np.int64)


class Groups:
    """Positions that pairs join, directly or through others.

    Example:
        >>> groups = Groups()
        >>> [groups.join(one, other) for one, other in ((5, 0), (2, 3), (3, 5), (0, 2), (7, 8))]
        [True, True, True, False, True]
        >>> groups.all()
        [[0, 2, 3, 5], [7, 8]]
    """

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def first(self, k: int) -> int:
        """The smallest position of the group in which this one is."""
        above = self._above
        while above.setdefault(k, k) != k:
            above[k] = above[above[k]]
            k = above[k]
        return k

    def join(self, one: int, other: int) -> bool:
        """Join two positions' groups; False if they were one already."""
        low, high = sorted((self.first(one), self.first(other)))
        self._above[high] = low
        return low != high

    def all(self) -> list[list[int]]:
        """The positions of each group of two or more, rising; the groups by their first."""
        joined: dict[int, list[int]] = {}
        for k in sorted(self._above):
            joined.setdefault(self.first(k), []).append(k)
        return [joined[k] for k in sorted(joined) if len(joined[k]) > 1]


def _report_dropped(
    pairs: list[Pair],
    kind: str,
    same_as: str,
    places: Sequence[str],
    noun: str,
    report_problem: ReportProblem,
) -> None:
    if not pairs:
        return
    named = some([f"{places[k]} (as {places[other]})" for k, other in sorted(pairs)], 2)
    text = f"{counted(len(pairs), noun)} left out, the same as {same_as}: {named}"
    report_problem(Problem(kind, WARNING, text, places=_groups(pairs, places)))


def _report_contradictions(
    pairs: list[Pair],
    labels: Sequence[str],
    places: Sequence[str],
    noun: str,
    report_problem: ReportProblem,
) -> None:
    if not pairs:
        return
    k, other = pairs[0]
    text = (
        f"{counted(len({other for _, other in pairs}), noun)} with more than one label: "
        f"{labels[other]!r} in {places[other]}, which counts, and {labels[k]!r} in {places[k]}"
    )
    named = [f"{place}: {label}" for place, label in zip(places, labels, strict=True)]
    report_problem(Problem("contrary-labels", WARNING, text, places=_groups(pairs, named)))


def _groups(pairs: list[Pair], places: Sequence[str]) -> tuple[Places, ...]:
    """The one that is kept and those that are left out for it, in the order of the kept ones."""
    found: dict[int, list[str]] = {}
    for k, other in sorted(pairs):
        found.setdefault(other, [places[other]]).append(places[k])
    return tuple(tuple(found[other]) for other in sorted(found))
