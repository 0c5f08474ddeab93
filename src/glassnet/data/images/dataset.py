"""Loading: from the name or path of images to training, validation and test examples."""

from __future__ import annotations

import hashlib
import os

import numpy as np

from glassnet.contract import Split, Splits
from glassnet.data import modality, splits
from glassnet.data.images import idx, local
from glassnet.data.sources import fetch
from glassnet.data.sources.catalogue import CATALOGUE, Entry
from glassnet.errors import DataError, UsageError, suggest

READS_TEXTS = "give it to a network that reads texts"

IN_MEMORY = "(arrays)"
"""What data are called that were handed over in memory and lie in no file."""

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".npz")
"""What a file ends in that is meant even where it does not exist; no name of the catalogue does."""


def load(
    name: str,
    *,
    seed: int,
    valid_fraction: float = 1 / 12,
    size: int | None = None,
    colour: str | None = None,
    log: fetch.Log = fetch.on_stderr,
) -> Splits:
    """Load a data set of the catalogue, fetched first if need be, or the user's own images.

    Args:
        name: a name of the catalogue, as `mnist`, or a path that `own.load` can read.
        seed: chooses the validation examples; at least 0.
        valid_fraction: the share of the training set held out for validation, in (0, 1); a
            twelfth leaves 55,000 of 60,000 examples for training.
        size, colour: own images only: the side in pixels, and `grey` or `rgb`, that all become.
        say: takes notes for the person who waits, while something is fetched.

    Returns:
        Inputs are (n, height, width) uint8, or (n, height, width, 3) for colour; labels int64. In
        the catalogue's sets ids count from 0 in the training file and, separately, in the test
        file, and the test set is always whole.

    Raises:
        UsageError: there is no such data set, it holds texts, or a number is out of range.
        DataError: what the path leads to does not make a data set.
        FetchError: it is not in the cache, and no source gave it.
        StorageError: the cache cannot be written.
    """
    if is_path(name):
        if _look(name) == "texts":
            raise DataError(f"{name}: holds texts", READS_TEXTS)
        return local.load(name, seed=seed, valid_fraction=valid_fraction, size=size, colour=colour)
    entry = find(name)
    if entry.kind == "texts":
        raise UsageError(f"{name} holds texts", READS_TEXTS)
    if size is not None or colour is not None:
        raise UsageError(
            f"{name} has its size and its colour",
            "leave --image-size and --colour to your own images",
        )
    images, labels, test_images, test_labels = (
        idx.read(content, limit=file.size)
        for file, content in zip(entry.files, fetch.contents(entry, log), strict=True)
    )
    whole = _split(images, labels)
    train, valid = splits.stratified(whole.labels, valid_fraction, seed)
    return Splits(
        name=entry.name,
        train=whole.take(train),
        valid=whole.take(valid),
        test=_split(test_images, test_labels),
        class_names=entry.class_names,
        fingerprint=fingerprint(entry),
    )


def is_path(name: str) -> bool:
    """Whether a name means the user's own data: it looks like a path, or leads somewhere.

    A name of the catalogue never does, even where a file has the same name; `./mnist` is the file.
    """
    if name in CATALOGUE:
        return False
    if "/" in name or os.sep in name or name.startswith((".", "~")) or name.endswith(TABLES):
        return True
    return local.exists(name)


def kind_of(name: str) -> str:
    """Whether a data set's name or path means `images` or `texts`; what cannot be told is images.

    Raises:
        UsageError: it is no path, and the catalogue has no such name.

    Example:
        >>> kind_of("mnist"), kind_of("imdb")
        ('images', 'texts')
    """
    return (_look(name) or "images") if is_path(name) else find(name).kind


def find(name: str) -> Entry:
    """The catalogue's entry of this name.

    Raises:
        UsageError: there is none; the nearest name is suggested.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    if name == IN_MEMORY:
        raise UsageError(
            "the data were arrays in memory, which no run keeps",
            "ask this network about examples that you give; to look into one, train it from a file",
        )
    raise UsageError(
        f"there is no data set named {name!r}, nor a file or folder",
        suggest(name.strip().lower(), CATALOGUE),
    )


def fingerprint(entry: Entry) -> str:
    """SHA-256, as hex, over each file's name, a NUL and its content's SHA-256, sorted by name."""
    lines = sorted(f"{file.name}\0{file.sha256}" for file in entry.files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _look(name: str) -> str:
    try:
        return modality.look(local.located(name))
    except DataError:  # whoever loads it says what is wrong with it
        return ""


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    return Split(images, labels.astype(np.int64), np.arange(len(labels)))
