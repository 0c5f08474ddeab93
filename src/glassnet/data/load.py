"""Loading: from a data set's name to its training, validation and test examples."""

from __future__ import annotations

import hashlib
import os

import numpy as np

from glassnet.contract import Split, Splits
from glassnet.data import fetch, idx, splits
from glassnet.data.catalogue import CATALOGUE, Entry
from glassnet.errors import UsageError, suggest


def load(
    name_or_path: str,
    *,
    seed: int,
    valid_fraction: float = 1 / 12,
    say: fetch.Say = fetch.on_stderr,
) -> Splits:
    """Load a data set of the catalogue, fetching it first where the cache lacks it.

    Args:
        name_or_path: a name of the catalogue, as `mnist`.
        seed: chooses the validation examples; at least 0.
        valid_fraction: the share of the training set held out for validation, in (0, 1); a
            twelfth leaves 55,000 of 60,000 examples for training.
        say: takes notes for the person who waits, while something is fetched.

    Returns:
        Inputs are (n, height, width) uint8, labels int64; ids count from 0 in the training file
        and, separately, in the test file. The test set is always whole.

    Raises:
        UsageError: there is no such data set, or a number is out of range.
        FetchError: it is not in the cache, and no source gave it.
        StorageError: the cache cannot be written.
    """
    entry = find(name_or_path)
    images, labels, test_images, test_labels = (
        idx.read(content, limit=file.size)
        for file, content in zip(entry.files, fetch.contents(entry, say), strict=True)
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


def find(name: str) -> Entry:
    """The catalogue's entry of this name.

    Raises:
        UsageError: there is none; the nearest name is suggested.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    if "/" in name or os.sep in name or name.startswith("."):
        raise UsageError(
            f"{name!r} is a path, and only data sets of the catalogue can be read so far",
            f"name one of them: {', '.join(sorted(CATALOGUE))}",
        )
    raise UsageError(
        f"there is no data set named {name!r}",
        suggest(name.strip().lower(), CATALOGUE),
    )


def fingerprint(entry: Entry) -> str:
    """SHA-256, as hex, over each file's name, a NUL and its content's SHA-256, sorted by name."""
    lines = sorted(f"{file.name}\0{file.sha256}" for file in entry.files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    return Split(images, labels.astype(np.int64), np.arange(len(labels)))
