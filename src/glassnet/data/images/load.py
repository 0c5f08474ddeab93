"""Image data sets: loaded by catalogue name or path, as training, validation and test splits."""

from typing import Any

import numpy as np

from glassnet import progress
from glassnet.contract import Split, Splits
from glassnet.data.images import idx, labelled
from glassnet.data.loading import Loader
from glassnet.data.options import ReadOptions
from glassnet.data.sources import fetch
from glassnet.data.sources.catalogue import Entry


def load_images(
    name: str,
    *,
    seed: int,
    valid_fraction: float = 1 / 12,
    log: fetch.Log = progress.log,
    **options: Any,
) -> Splits:
    """Load images from the catalogue, fetched first if necessary, or the user's own images.

    Args:
        name: a name of the catalogue, such as `mnist`, or a path that `labelled.read_pool` reads.
        seed: chooses the validation examples; at least 0.
        valid_fraction: the share of the training split to hold out for validation, in (0, 1); a
            twelfth leaves 55,000 of 60,000 examples for training.
        log: receives a line about what is fetched, and each problem of the user's own images.
        options: own images only: fields of `ReadOptions`, such as `image_size`.

    Returns:
        Inputs are (n, height, width) uint8, or (n, height, width, 3) for colour; labels int64. In
        catalogue data sets ids count from 0 in the training file and, separately, in the test
        file, and the test split is always complete. For own images the name is the absolute path,
        and ids are positions in the sorted list of image files, or in the arrays of a split.

    Raises:
        UsageError: there is no such data set, it contains texts, or a number is out of range.
        DataError: what the path leads to is not a usable data set.
        FetchError: it is not in the cache, and no source provides it.
        StorageError: the cache cannot be written.
    """
    loader = Loader("images", labelled.read_pool, _read_entry)
    return loader.load(
        name, ReadOptions(**options), seed=seed, valid_fraction=valid_fraction, log=log
    )


def _read_entry(entry: Entry, log: fetch.Log) -> tuple[Split, Split]:
    images, labels, test_images, test_labels = (
        idx.read(content, limit=file.size)
        for file, content in zip(entry.files, fetch.contents(entry, log), strict=True)
    )
    return _split(images, labels), _split(test_images, test_labels)


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    return Split(images, labels.astype(np.int64), np.arange(len(labels)))
