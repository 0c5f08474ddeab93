"""Exact duplicates: the same example again, in one split or several, with the same label or not."""

import itertools
from collections.abc import Hashable, Sequence

import numpy as np

from glassnet.data.listing import SPLITS
from glassnet.data.problems.problem import (
    WARNING,
    Locations,
    Problem,
    ReportProblem,
    counted,
    first_few,
)

Pair = tuple[int, int]
"""The position of a duplicate that is left out, and of the example that stays."""


def deduplicate(
    keys: Sequence[Hashable],
    labels: Sequence[str],
    splits: Sequence[str],
    locations: Sequence[str],
    noun: str,
    report_problem: ReportProblem,
) -> np.ndarray:
    """Leave out duplicates, so that no example is both trained and tested on.

    Within a split the first one stays; of several splits it stays in the test split, then in the
    validation split. It keeps its label.

    Args:
        keys: n keys, equal for equal examples.
        labels, splits: n of each.
        locations: n names.
        noun: what the examples are called.
        report_problem: receives what is left out.

    Returns:
        The sorted positions of the examples that stay.

    Example:
        >>> splits = ("train", "test", "train", "train")
        >>> def report(problem):
        ...     print(problem.text)
        >>> deduplicate("abab", "xyxy", splits, "1234", "texts", report)
        1 text left out, the same as an earlier one: 3 (same as 1)
        1 text left out, the same as one in the test split: 4 (same as 2)
        array([0, 1])
    """
    first: dict[Hashable, int] = {}
    same_split: list[Pair] = []
    other_split: dict[str, list[Pair]] = {split: [] for split in SPLITS}
    for split in reversed(SPLITS):
        for k, key in enumerate(keys):
            if splits[k] != split:
                continue
            if (other := first.setdefault(key, k)) != k:
                pairs = same_split if splits[other] == split else other_split[splits[other]]
                pairs.append((k, other))
    _report_left_out("duplicates", same_split, "an earlier one", locations, noun, report_problem)
    kind = "duplicates-across-splits"
    for split, pairs in other_split.items():
        _report_left_out(kind, pairs, f"one in the {split} split", locations, noun, report_problem)
    pairs = sorted(itertools.chain(same_split, *other_split.values()))
    conflicts = [(k, other) for k, other in pairs if labels[k] != labels[other]]
    _report_conflicts(conflicts, labels, locations, noun, report_problem)
    return np.array(sorted(first.values()), np.int64)


class DisjointSets:
    """Disjoint sets of positions (union-find), of which those with two or more are `groups`.

    Example:
        >>> sets = DisjointSets()
        >>> [sets.merge(one, other) for one, other in ((5, 0), (2, 3), (3, 5), (0, 2), (7, 8))]
        [True, True, True, False, True]
        >>> sets.groups()
        [[0, 2, 3, 5], [7, 8]]
    """

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def find(self, k: int) -> int:
        """The smallest position of the set that contains this one."""
        parents = self._parents
        while parents.setdefault(k, k) != k:
            parents[k] = parents[parents[k]]
            k = parents[k]
        return k

    def merge(self, one: int, other: int) -> bool:
        """Merge the sets of two positions; False if they are the same set already."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parents[high] = low
        return low != high

    def groups(self) -> list[list[int]]:
        """The sorted positions of each set of two or more, in the order of their first."""
        members: dict[int, list[int]] = {}
        for k in sorted(self._parents):
            members.setdefault(self.find(k), []).append(k)
        return [members[k] for k in sorted(members) if len(members[k]) > 1]


def _report_left_out(
    kind: str,
    pairs: list[Pair],
    same_as: str,
    locations: Sequence[str],
    noun: str,
    report_problem: ReportProblem,
) -> None:
    if not pairs:
        return
    names = [f"{locations[k]} (same as {locations[other]})" for k, other in sorted(pairs)]
    text = f"{counted(len(pairs), noun)} left out, the same as {same_as}: {first_few(names, 2)}"
    report_problem(Problem(kind, WARNING, text, locations=_grouped(pairs, locations)))


def _report_conflicts(
    pairs: list[Pair],
    labels: Sequence[str],
    locations: Sequence[str],
    noun: str,
    report_problem: ReportProblem,
) -> None:
    if not pairs:
        return
    k, other = pairs[0]
    text = (
        f"{counted(len({other for _, other in pairs}), noun)} with more than one label: "
        f"{labels[other]!r} in {locations[other]}, which is used, and {labels[k]!r} in "
        f"{locations[k]}"
    )
    names = [f"{location}: {label}" for location, label in zip(locations, labels, strict=True)]
    report_problem(Problem("conflicting-labels", WARNING, text, locations=_grouped(pairs, names)))


def _grouped(pairs: list[Pair], locations: Sequence[str]) -> tuple[Locations, ...]:
    """Each example that stays with its duplicates, in the order of the examples that stay."""
    groups: dict[int, list[str]] = {}
    for k, other in sorted(pairs):
        groups.setdefault(other, [locations[other]]).append(locations[k])
    return tuple(tuple(groups[other]) for other in sorted(groups))
