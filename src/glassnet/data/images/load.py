"""Image data sets: loaded by catalogue name or path, as training, validation and test splits."""

import numpy as np

from glassnet import progress
from glassnet.contract import Split, Splits
from glassnet.data import names, paths, pool
from glassnet.data.images import idx, labelled
from glassnet.data.problems.problem import problem_logger
from glassnet.data.sources import fetch
from glassnet.errors import UsageError


def load_images(
    name: str,
    *,
    seed: int,
    valid_fraction: float = 1 / 12,
    image_size: int | None = None,
    colour: str | None = None,
    log: fetch.Log = progress.log,
) -> Splits:
    """Load images from the catalogue, fetched first if necessary, or the user's own images.

    Args:
        name: a name of the catalogue, such as `mnist`, or a path that `labelled.read_pool` reads.
        seed: chooses the validation examples; at least 0.
        valid_fraction: the share of the training split to hold out for validation, in (0, 1); a
            twelfth leaves 55,000 of 60,000 examples for training.
        image_size, colour: own images only: the side in pixels, and `grey` or `rgb`, to which all
            images are converted.
        log: receives a line about what is fetched, and each problem of the user's own images.

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
    if names.is_path(name):
        names.check_path(name, "images")
        report_problem = problem_logger(log)
        examples = labelled.read_pool(name, image_size, colour, report_problem)
        return pool.to_splits(
            examples,
            str(paths.resolve(name)),
            seed=seed,
            valid_fraction=valid_fraction,
            report_problem=report_problem,
        )
    entry = names.find_entry(name, "images")
    if image_size is not None or colour is not None:
        raise UsageError(
            f"the images of {name} have a fixed size and colour",
            "leave out --image-size and --colour; they are for your own images",
        )
    images, labels, test_images, test_labels = (
        idx.read(content, limit=file.size)
        for file, content in zip(entry.files, fetch.contents(entry, log), strict=True)
    )
    train, test = _split(images, labels), _split(test_images, test_labels)
    return pool.entry_splits(entry, train, test, seed=seed, valid_fraction=valid_fraction)


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    return Split(images, labels.astype(np.int64), np.arange(len(labels)))
