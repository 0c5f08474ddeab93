"""Listings: the files of a data set, each with its class and split, before any is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glassnet.data.paths import OUTSIDE_HINT
from glassnet.data.problems.problem import REFUSAL, Problem, counted, first_few, ungrouped

SPLITS = ("train", "valid", "test")

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "val": "valid",
    "validation": "valid",
    "test": "test",
    "testing": "test",
}
"""What folders and columns call the splits, in lower case."""

UNLABELLED = "image"
"""The class of images that have none."""


@dataclass(frozen=True)
class Item:
    """One file that holds an example.

    Attributes:
        name: its path within the listing's root, made `printable`.
        path: where to open it.
        label: its class; empty for a text that has none.
        split: one of `SPLITS`.
        group: what it shares with the other examples of its group, such as a patient; empty for
            an example that is in none.
    """

    name: str
    path: Path
    label: str
    split: str
    group: str = ""


@dataclass(frozen=True)
class Listing:
    """The files of a data set.

    Attributes:
        root: the folder that contains all of them.
        items: sorted by name, so that every system lists them in the same order.
        problems: what the user should know about how they were found.
    """

    root: Path
    items: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()


def paths_outside(root: Path, names: Sequence[str]) -> tuple[Problem, ...]:
    """The refusal of links and paths that lead out of a listing's root, if there are any."""
    if not names:
        return ()
    text = f"{root}: {counted(len(names), 'paths')} leading out of it: {first_few(names)}"
    return (Problem("outside-folder", REFUSAL, text, OUTSIDE_HINT, ungrouped(names)),)
