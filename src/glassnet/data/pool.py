"""Pools: labelled images or texts, and how they become training, validation and test parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.contract import Split, Splits
from glassnet.data import splits
from glassnet.data.listing import PARTS
from glassnet.data.problems import classes
from glassnet.data.problems.problem import ReportProblem, speak

TEST_SHARE = 0.1
"""Share of the training part that becomes the test part where there is none."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Labelled images of one shape, or labelled texts.

    Attributes:
        inputs: (n, height, width) or (n, height, width, 3) uint8; for texts (n,) strings.
        labels: (n,) each example's class.
        parts: (n,) each one of `PARTS`.
        ids: (n,) int64, each example's position in the sorted list of files, in its array or table.
        fingerprint: as `Splits` has it.
        noun: what errors call the examples.
        places: (n,) where each was found: a file's name, `line 7`, `train image 7`.
    """

    inputs: np.ndarray
    labels: tuple[str, ...]
    parts: tuple[str, ...]
    ids: np.ndarray
    fingerprint: str
    noun: str = "images"
    places: tuple[str, ...] = ()

    def keep(self, positions: np.ndarray) -> Pool:
        """Only the examples at these positions, which rise."""
        if len(positions) == len(self.inputs):
            return self
        return replace(
            self,
            inputs=self.inputs[positions],
            ids=self.ids[positions],
            labels=tuple(self.labels[k] for k in positions),
            parts=tuple(self.parts[k] for k in positions),
            places=self.places and tuple(self.places[k] for k in positions),
        )


def content(path: Path) -> str:
    """SHA-256 of a file, as hex; an empty text where it cannot be read."""
    try:
        if path.is_file():  # a pipe would wait for ever
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        pass
    return ""


def digest(lines: Iterable[str], *info: Any) -> str:
    """SHA-256, as hex, over some lines in sorted order and some facts beside them."""
    told = "\n".join([*sorted(lines), *map(repr, info)])
    return hashlib.sha256(told.encode()).hexdigest()


def divide(
    pool: Pool,
    name: str,
    *,
    seed: int,
    valid_fraction: float,
    report_problem: ReportProblem = speak,
) -> Splits:
    """Make a data set of a pool.

    Classes that have too few training examples are left out, in all parts. Where there is no
    test part, a tenth of every class of the training part becomes it, the same for every seed;
    where there is no validation part, the seed chooses it from what is left.

    Args:
        pool: the examples.
        name: what errors and the data set are called.
        seed: chooses the validation examples; at least 0.
        valid_fraction: the share of the training part held out for validation, in (0, 1).
        tell: takes what is told of the classes: a refusal where most of the training part or of
            another would be left out, or one class alone.

    Returns:
        Classes are those of the training part, in natural order.

    Raises:
        DataError: no class has enough examples.
        UsageError: a number is out of range.
    """
    pool = pool.keep(classes.kept(pool.labels, pool.parts, name, pool.noun, report_problem))
    part_of = np.array(pool.parts)
    train, valid, test = (np.flatnonzero(part_of == part) for part in PARTS)
    names = sorted(set(pool.labels), key=classes.natural)
    number = {label: k for k, label in enumerate(names)}
    labels = np.array([number[label] for label in pool.labels], np.int64)
    if not len(test):
        train, test = _held_out(labels, train, TEST_SHARE, seed=0)
    if not len(valid):
        train, valid = _held_out(labels, train, valid_fraction, seed)
    whole = Split(pool.inputs, labels, pool.ids)
    return Splits(
        name=name,
        train=whole.take(train),
        valid=whole.take(valid),
        test=whole.take(test),
        class_names=tuple(names),
        fingerprint=pool.fingerprint,
    )


def _held_out(
    labels: np.ndarray, among: np.ndarray, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    left, held = splits.stratified(labels[among], share, seed)
    return among[left], among[held]
