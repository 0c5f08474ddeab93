"""Data set names: entries of the catalogue, or paths of the user's own data."""

import os

from glassnet.data import paths
from glassnet.data.sources.catalogue import CATALOGUE, Entry
from glassnet.errors import DataError, UsageError, suggest

IN_MEMORY = "(arrays)"
"""The name of data that were passed as arrays and are in no file."""

EXTENSIONS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".npz")
"""Extensions that mean a file even where it does not exist; no name of the catalogue has one."""


def is_path(name: str) -> bool:
    """Whether a name means the user's own data: it looks like a path, or exists as one.

    A name of the catalogue is never a path, even if a file has the same name; `./mnist` is a path.
    """
    if name in CATALOGUE:
        return False
    if "/" in name or os.sep in name or name.startswith((".", "~")) or name.endswith(EXTENSIONS):
        return True
    return paths.exists(name)


def modality_of(name: str, splits: str | None = None) -> str:
    """Whether a data set contains `images` or `texts`; images where that cannot be detected.

    Raises:
        UsageError: it is not a path, and the catalogue has no such name.

    Example:
        >>> modality_of("mnist"), modality_of("imdb")
        ('images', 'texts')
    """
    return (_detect(name, splits) or "images") if is_path(name) else find_entry(name).modality


def check_exists(name: str) -> None:
    """Refuse a name that is neither in the catalogue nor a path, before anything is imported.

    Raises:
        UsageError: the catalogue has no such name.
        DataError: there is no such path.
    """
    if is_path(name):
        paths.resolve(name)
    else:
        find_entry(name)


def find_entry(name: str, expected: str | None = None) -> Entry:
    """The entry of this name in the catalogue.

    Args:
        name: the name.
        expected: the modality that it must have, `images` or `texts`; None for either.

    Raises:
        UsageError: there is none, and the nearest name is suggested; or it has the other modality.
    """
    if name == IN_MEMORY:
        raise UsageError(
            "this network was trained on arrays in memory, which its run folder does not contain",
            "pass the examples yourself, or train it from a file",
        )
    if name not in CATALOGUE:
        raise UsageError(
            f"there is no data set, file or folder named {name!r}",
            suggest(name.strip().lower(), CATALOGUE),
        )
    entry = CATALOGUE[name]
    if expected and entry.modality != expected:
        raise UsageError(
            f"{name} contains {entry.modality}, not {expected}",
            f"use a network for {entry.modality}",
        )
    return entry


def _detect(name: str, splits: str | None) -> str:
    # These import NumPy, which a misspelt name need not wait for.
    from glassnet.data import structure
    from glassnet.data.split_names import SplitNames

    try:
        return structure.detect(paths.resolve(name), SplitNames.parse(splits)).modality
    except DataError:  # whoever loads it reports what is wrong
        return ""
