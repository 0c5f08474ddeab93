"""Pools: labelled images or texts, and how they become training, validation and test parts."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.contract import Split, Splits
from glassnet.data import splits
from glassnet.data.listing import PARTS, some
from glassnet.errors import DataError

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
    """

    inputs: np.ndarray
    labels: tuple[str, ...]
    parts: tuple[str, ...]
    ids: np.ndarray
    fingerprint: str
    noun: str = "images"


def content(path: Path) -> str:
    """SHA-256 of a file, as hex; an empty text where it cannot be read."""
    try:
        if path.is_file():  # a pipe would wait for ever
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        pass
    return ""


def digest(lines: Iterable[str], *facts: Any) -> str:
    """SHA-256, as hex, over some lines in sorted order and some facts beside them."""
    told = "\n".join([*sorted(lines), *map(repr, facts)])
    return hashlib.sha256(told.encode()).hexdigest()


def divide(pool: Pool, name: str, *, seed: int, valid_fraction: float) -> Splits:
    """Make a data set of a pool.

    Where there is no test part, a tenth of every class of the training part becomes it, the same
    for every seed; where there is no validation part, the seed chooses it from what is left.

    Args:
        pool: the examples.
        name: what errors and the data set are called.
        seed: chooses the validation examples; at least 0.
        valid_fraction: the share of the training part held out for validation, in (0, 1).

    Returns:
        Classes are those of the training part, in natural order.

    Raises:
        DataError: a class has too few examples, or is not in the training part.
        UsageError: a number is out of range.
    """
    part_of = np.array(pool.parts)
    train, valid, test = (np.flatnonzero(part_of == part) for part in PARTS)
    names = sorted({pool.labels[k] for k in train}, key=natural)
    _check_known(pool, names, name)
    number = {label: k for k, label in enumerate(names)}
    labels = np.array([number[label] for label in pool.labels], np.int64)
    least = 1 + (not len(valid)) + (not len(test))
    _check_enough(labels[train], names, least, f"{name}: fewer than {least} training {pool.noun}")
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


def natural(name: str) -> tuple[list[Any], str]:
    """A key that sorts numbers within names by their value.

    Example:
        >>> sorted(["b", "10", "2", "a10", "a9"], key=natural)
        ['2', '10', 'a9', 'a10', 'b']
    """
    words = re.split(r"([0-9]{1,18})", name)
    return [int(word) if k % 2 else word.casefold() for k, word in enumerate(words)], name


def _held_out(
    labels: np.ndarray, among: np.ndarray, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    left, held = splits.stratified(labels[among], share, seed)
    return among[left], among[held]


def _check_known(pool: Pool, names: list[str], name: str) -> None:
    known = set(names)
    for label, part in zip(pool.labels, pool.parts, strict=True):
        if label not in known:
            raise DataError(
                f"{name}: the class {label!r} of the {part} part is not in the training part",
                f"give it training {pool.noun}, or take it away",
            )


def _check_enough(labels: np.ndarray, names: list[str], least: int, told: str) -> None:
    counts = Counter(labels.tolist())
    few = [label for k, label in enumerate(names) if counts[k] < least]
    if few:
        raise DataError(f"{told} of the class {some(few)}", f"give each class {least} or more")
