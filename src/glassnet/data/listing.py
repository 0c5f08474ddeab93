"""Listings: which files a data set has, before one of them is opened."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glassnet.data.problems.problem import REFUSAL, Problem, counted, single
from glassnet.errors import DataError

PARTS = ("train", "valid", "test")

PART_NAMES = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "test": "test",
    "testing": "test",
}
"""What folders and columns call the parts, in lower case."""

OUTSIDE = "only what lies in the data set's own folder is read"

UNLABELLED = "image"
"""The class of images that have none."""


@dataclass(frozen=True)
class Item:
    """One file that holds an example.

    Attributes:
        name: its path within the listing's root, as `shown` gives it.
        path: where it is opened.
        label: its class; empty for a text that has none.
        part: one of `PARTS`.
    """

    name: str
    path: Path
    label: str
    part: str


@dataclass(frozen=True)
class Listing:
    """The files of a data set.

    Attributes:
        root: the folder that none of them leaves.
        items: sorted by name, so that every system lists them alike.
        problems: what the person should know of how they were found.
    """

    root: Path
    items: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()


def shown(name: str) -> str:
    """A file's name as text that can be compared, printed and stored on every system.

    Accents are composed, as macOS does not; a separator becomes a slash; what is no character, or
    would steer a terminal, becomes U+FFFD.

    Example:
        >>> shown("cafe\u0301/a\x1b.png")
        'café/a�.png'
    """
    composed = unicodedata.normalize("NFC", name).replace(os.sep, "/")
    if composed.isprintable():
        return composed
    return "".join(
        "\ufffd" if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in composed
    )


def some(names: Sequence[str], most: int = 3) -> str:
    """The first few of some names, and how many more there are.

    Example:
        >>> some(["a", "b", "c", "d", "e"])
        'a, b, c and 2 more'
    """
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def outside(root: Path, names: Sequence[str]) -> tuple[Problem, ...]:
    """The refusal of what leads out of a listing's root, if anything does."""
    if not names:
        return ()
    text = f"{root}: {counted(len(names), 'paths')} leading out of it: {some(names)}"
    return (Problem("outside", REFUSAL, text, OUTSIDE, single(names)),)


def is_inside(root: Path, path: Path) -> bool:
    """Whether what a path leads to, all links followed, is within the root; it need not exist."""
    try:
        inside(root, path, "")
    except DataError:
        return False
    return True


def inside(root: Path, path: Path, where: str) -> Path:
    """The file that a path leads to, all links followed, if that is within the root.

    Args:
        root: a folder, itself without links.
        path: what to follow; it need not exist.
        where: begins the error, as `labels.csv, line 7: ../a.png`.

    Raises:
        DataError: it leads out of the root.
    """
    try:
        target = Path(os.path.realpath(path))
    except (OSError, ValueError):
        raise DataError(f"{where} is no path", "give the path of a file") from None
    if not target.is_relative_to(root):
        raise DataError(f"{where} leads out of {root}", OUTSIDE)
    return target
