"""Text data sets: loaded by catalogue name or path, as training, validation and test splits."""

from typing import Any

import numpy as np

from glassnet import progress
from glassnet.contract import Split, Splits
from glassnet.data import groups, names
from glassnet.data.loading import Loader
from glassnet.data.options import ReadOptions
from glassnet.data.sources import fetch, packs
from glassnet.data.sources.catalogue import Entry, Members
from glassnet.data.splits import stratified_split
from glassnet.data.texts import labelled
from glassnet.data.texts.strings import string_array

CLASS_FOLDERS = {"neg": 0, "pos": 1}
"""Folder of film reviews -> class number."""

N_TEST_SENTENCES = 1005
"""Size of the test split of the film sentences, which have none of their own."""


REVIEWS_PER_GROUP = 125
"""Consecutive numbers that make a group. A film has at most thirty reviews of a class, whose
numbers are consecutive, so few films are cut where a group ends; and with a hundred groups per
class the seeds choose different ones."""


def load_texts(
    name: str,
    *,
    seed: int,
    valid_fraction: float = 1 / 12,
    log: fetch.Log = progress.log,
    **options: Any,
) -> Splits:
    """Load texts from the catalogue, fetched first if necessary, or the user's own texts.

    Args:
        name: a name of the catalogue, such as `imdb`, or a path that `labelled.read_pool` reads.
        seed: chooses the validation examples if there is no validation split; at least 0.
        valid_fraction: the share of the training split to hold out for validation, in (0, 1).
        log: receives notes for the user: what is fetched, which columns are read, what is left out.
        options: own texts only: fields of `ReadOptions`, such as `text_column`.

    Returns:
        Inputs are (n,) strings of NumPy's StringDType; labels int64. Ids are positions among the
        rows of a table (0 is the first below the header) or in the sorted list of files; in
        catalogue data sets positions in the training file and, if there is one, in the test file.

    Raises:
        UsageError: there is no such data set, it contains images, or a number is out of range.
        DataError: what the path leads to is not a usable data set of texts.
        FetchError: it is not in the cache, and no source provides it.
        StorageError: the cache cannot be written.
    """
    loader = Loader("texts", labelled.read_pool, _read_entry)
    return loader.load(
        name, ReadOptions(**options), seed=seed, valid_fraction=valid_fraction, log=log
    )


def _read_entry(entry: Entry, log: fetch.Log) -> tuple[Split, Split]:
    (content,) = fetch.contents(entry, log)
    return _reviews(content) if isinstance(entry.files[0], Members) else _sentences(content)


def load_unlabelled(name: str, log: fetch.Log = progress.log) -> np.ndarray | None:
    """The unlabelled texts of a catalogue data set, (n,) strings; None if there are none.

    The user's own data have none.

    Raises:
        UsageError: there is no such data set, or it contains images.
        FetchError: they are not in the cache, and no source provides them.
    """
    if names.is_path(name) or name == names.IN_MEMORY:
        return None
    entry = names.find_entry(name, "texts")
    if entry.unlabelled is None:
        return None
    (content,) = fetch.contents(entry, log, (entry.unlabelled,))
    files = packs.unpack(content)
    ordered = sorted(files, key=_number)
    return string_array([files[path].decode() for path in ordered])


def _number(path: str) -> int:
    """The number of a review, with which its file name begins."""
    return int(path.rpartition("/")[2].partition("_")[0])


def _sentences(content: bytes) -> tuple[Split, Split]:
    """Film sentences in a tab-separated table, positive if rated 0 or more.

    No test split is published; a fixed seed makes one, so that it is the same for every run.
    """
    rows = [line.split("\t") for line in content.decode().splitlines()[1:]]
    labels = np.array([float(rating) >= 0 for _, rating, _ in rows], np.int64)
    texts = string_array([text.strip() for _, _, text in rows])
    examples = Split(texts, labels, np.arange(len(rows)))
    train, test = stratified_split(labels, N_TEST_SENTENCES / len(rows), seed=0)
    return examples.take(train), examples.take(test)


def _reviews(content: bytes) -> tuple[Split, Split]:
    """Film reviews, one file each, in `train` and `test`, each with the folders `neg` and `pos`.

    Reviews with consecutive numbers are a group, see `REVIEWS_PER_GROUP`.
    """
    files = packs.unpack(content)
    splits = []
    for split in ("train", "test"):
        members = [path for path in files if path.split("/")[1] == split]
        labels = [CLASS_FOLDERS[path.split("/")[2]] for path in members]
        texts = string_array([files[path].decode() for path in members])
        blocks = [f"{path.split('/')[2]} {_number(path) // REVIEWS_PER_GROUP}" for path in members]
        splits.append(
            Split(
                texts,
                np.array(labels, np.int64),
                np.arange(len(members)),
                groups=groups.numbers(blocks),
            )
        )
    return splits[0], splits[1]
