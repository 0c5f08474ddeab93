"""Pools: labelled images or texts, and their division into training, validation and test splits."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet.contract import Split, Splits, ValueRanges
from glassnet.data.groups import numbers
from glassnet.data.listing import SPLITS
from glassnet.data.problems import classes, groups as problems
from glassnet.data.problems.problem import ReportProblem, log_problem
from glassnet.data.sources.catalogue import Entry
from glassnet.data.splits import stratified_group_split, stratified_split

TEST_FRACTION = 0.1
"""Share of the training split that becomes the test split where there is none."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Labelled images of one shape, or labelled texts.

    Attributes:
        inputs: (n, height, width) or (n, height, width, 3) uint8; for texts (n,) strings.
        labels: (n,) the class of each example.
        splits: (n,) the split of each example, one of `SPLITS`.
        ids: (n,) int64, the position of each example in the sorted list of files, array or table.
        fingerprint: see `Splits`.
        noun: what messages call the examples.
        locations: (n,) where each example is: a file name, `line 7`, `train image 7`.
        value_ranges: see `Splits`.
        copies: class -> number of its training examples that were left out as duplicates.
        groups: (n,) the group of each example, all of which stay in one split; empty for an
            example that is in none, () without groups.
    """

    inputs: np.ndarray
    labels: tuple[str, ...]
    splits: tuple[str, ...]
    ids: np.ndarray
    fingerprint: str
    noun: str = "images"
    locations: tuple[str, ...] = ()
    value_ranges: ValueRanges = field(default_factory=dict)
    copies: Counter[str] = field(default_factory=Counter)
    groups: tuple[str, ...] = ()

    def without_copies(self, positions: np.ndarray) -> Pool:
        """The examples at these positions, which `deduplicate` gives, with the others counted."""
        stay = set(positions.tolist())
        copies = Counter(
            label
            for k, (label, split) in enumerate(zip(self.labels, self.splits, strict=True))
            if split == "train" and k not in stay
        )
        return replace(self.select(positions), copies=copies)

    def select(self, positions: np.ndarray) -> Pool:
        """The examples at these positions, which are sorted."""
        if len(positions) == len(self.inputs):
            return self
        return replace(
            self,
            inputs=self.inputs[positions],
            ids=self.ids[positions],
            labels=tuple(self.labels[k] for k in positions),
            splits=tuple(self.splits[k] for k in positions),
            groups=self.groups and tuple(self.groups[k] for k in positions),
            locations=self.locations and tuple(self.locations[k] for k in positions),
        )


def digest(lines: Iterable[str], *info: Any) -> str:
    """SHA-256 as hex over sorted lines and the representations of further values."""
    return hashlib.sha256("\n".join([*sorted(lines), *map(repr, info)]).encode()).hexdigest()


def to_splits(
    pool: Pool,
    name: str,
    *,
    seed: int,
    valid_fraction: float,
    report_problem: ReportProblem = log_problem,
) -> Splits:
    """Divide a pool into training, validation and test splits.

    Classes with too few training examples are left out of all splits. Without a test split, a
    tenth of every class of the training split becomes one, the same for every seed; without a
    validation split, the seed chooses one from what remains. Where the pool has groups, each of
    them stays in one of these splits.

    Args:
        pool: the examples.
        name: the name of the data set, in messages too.
        seed: chooses the validation examples; at least 0.
        valid_fraction: the share of the training split to hold out for validation, in (0, 1).
        report_problem: receives problems of the classes; a refusal if most of a split, or all
            classes but one, would be left out.

    Returns:
        Classes are those of the training split, in natural order.

    Raises:
        DataError: no class has enough examples, or there are too few groups.
        UsageError: a number is out of range.
    """
    pool = pool.select(
        classes.learnable(pool.labels, pool.splits, name, pool.noun, report_problem, pool.copies)
    )
    names = sorted(set(pool.labels), key=classes.natural_order)
    number = {label: k for k, label in enumerate(names)}
    labels = np.array([number[label] for label in pool.labels], np.int64)
    groups = numbers(pool.groups) if any(pool.groups) else None
    if groups is None:
        positions = _divide(pool, labels, valid_fraction, seed)
    else:
        positions = _divide_groups(pool, labels, groups, name, valid_fraction, seed, report_problem)
    examples = Split(pool.inputs, labels, pool.ids, groups=groups)
    return Splits(
        name=name,
        train=examples.take(positions["train"]),
        valid=examples.take(positions["valid"]),
        test=examples.take(positions["test"]),
        class_names=tuple(names),
        fingerprint=pool.fingerprint,
        value_ranges=pool.value_ranges,
    )


def entry_splits(
    entry: Entry, train: Split, test: Split, *, seed: int, valid_fraction: float
) -> Splits:
    """The splits of a catalogue data set; the seed chooses the validation examples from `train`.

    Groups stay together, where the training split has some.

    Raises:
        UsageError: a number is out of range.
    """
    if train.groups is None:
        rest, valid = stratified_split(train.labels, valid_fraction, seed)
    else:
        rest, valid = stratified_group_split(train.labels, train.groups, valid_fraction, seed)
    return Splits(
        name=entry.name,
        train=train.take(rest),
        valid=train.take(valid),
        test=test,
        class_names=entry.class_names,
        fingerprint=entry.fingerprint,
    )


Positions = dict[str, np.ndarray]
"""Split -> sorted positions of its examples."""


def _given(pool: Pool) -> Positions:
    """The positions of each split that the pool has."""
    split_of = np.array(pool.splits)
    return {split: np.flatnonzero(split_of == split) for split in SPLITS}


def _divide(pool: Pool, labels: np.ndarray, valid_fraction: float, seed: int) -> Positions:
    positions = _given(pool)
    for split, fraction, split_seed in (
        ("test", TEST_FRACTION, 0),
        ("valid", valid_fraction, seed),
    ):
        if not len(positions[split]):
            train = positions["train"]
            rest, held_out = stratified_split(labels[train], fraction, split_seed)
            positions |= {"train": train[rest], split: train[held_out]}
    return positions


def _divide_groups(
    pool: Pool,
    labels: np.ndarray,
    groups: np.ndarray,
    name: str,
    valid_fraction: float,
    seed: int,
    report_problem: ReportProblem,
) -> Positions:
    """As `_divide`, but all examples of a group that are in the training split stay together.

    Raises:
        DataError: there are too few groups.
    """
    positions = _given(pool)
    problems.report_across_splits(pool.groups, pool.splits, pool.locations, report_problem)
    missing = [split for split in ("test", "valid") if not len(positions[split])]
    problems.check_enough(name, groups[positions["train"]], missing)
    for split in missing:
        fraction, split_seed = (TEST_FRACTION, 0) if split == "test" else (valid_fraction, seed)
        train = positions["train"]
        rest, held_out = stratified_group_split(
            labels[train], groups[train], fraction, split_seed, later=split != missing[-1]
        )
        positions |= {"train": train[rest], split: train[held_out]}
    problems.report_divided(groups, positions, report_problem)
    labels_of = {split: pool.select(positions[split]).labels for split in missing}
    problems.report_missing(labels_of, set(pool.labels), pool.noun, report_problem)
    return positions
