"""A labelled data set to test a network on that was trained on another one, by class names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet import progress
from glassnet.contract import Modality, Signature, Split
from glassnet.data import names, paths
from glassnet.data.images import image_files, labelled as labelled_images
from glassnet.data.images.load import load_images
from glassnet.data.options import DEFAULTS, ReadOptions
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import problem_logger
from glassnet.data.texts import labelled as labelled_texts
from glassnet.data.texts.load import load_texts
from glassnet.errors import DataError, GlassnetError, UsageError

MAX_NAMED = 8
"""Classes that a message names."""


@dataclass(frozen=True, eq=False)
class OtherData:
    """Examples of another data set, in the classes of a network.

    Attributes:
        name: its name in the catalogue, or its path.
        part: `test` if it has a test split, which was taken; else `all`.
        split: the examples whose class the network knows, with the network's class numbers.
        fingerprint: see `Splits`.
        unknown: class that the network does not know -> number of its examples, which are left out.
        missing: the network's classes of which there is no example.
    """

    name: str
    part: str
    split: Split
    fingerprint: str
    unknown: Mapping[str, int]
    missing: tuple[str, ...]


def load(
    name: str,
    modality: Modality,
    signature: Signature,
    options: Mapping[str, Any],
    *,
    needs_classes: bool = True,
) -> OtherData:
    """Read a data set as inputs of a network: its test split, or all of it if it has none.

    Images are scaled to the size of the network's, and converted to its colours.

    Args:
        name: a name of the catalogue, or a path.
        modality: images or texts.
        signature: what the network knows of its own data.
        options: how its own data were read, fields of `ReadOptions`; where the other data cannot be
            read in this way, they are read without.
        needs_classes: whether examples of unknown classes are left out.

    Raises:
        UsageError: there is no such data set, or it has the other modality.
        DataError: it cannot be read, or none of its classes is one of the network's.
    """
    pool = _pool(name, modality, ReadOptions(**options))
    has_test = "test" in pool.splits
    if has_test:
        pool = pool.select(np.flatnonzero(np.array(pool.splits) == "test"))
    shown = str(paths.resolve(name)) if names.is_path(name) else name
    number = {label: k for k, label in enumerate(signature.class_names)}
    unknown: Counter[str] = Counter()
    missing: tuple[str, ...] = ()
    if needs_classes:
        unknown.update(label for label in pool.labels if label not in number)
        known = np.array([label in number for label in pool.labels], bool)
        pool = _with_known_classes(pool, known, shown, signature.class_names)
        missing = tuple(each for each in signature.class_names if each not in set(pool.labels))
    split = Split(
        pool.inputs, np.array([number.get(label, 0) for label in pool.labels], np.int64), pool.ids
    )
    if modality == Modality.IMAGES:
        split = replace(split, inputs=_fitted(pool, signature, shown))
    part = "test" if has_test else "all"
    return OtherData(shown, part, split, pool.fingerprint, dict(sorted(unknown.items())), missing)


def _pool(name: str, modality: Modality, options: ReadOptions) -> Pool:
    if not names.is_path(name):
        return _entry(name, modality)
    read = labelled_images if modality == Modality.IMAGES else labelled_texts
    report = problem_logger(progress.log)
    if not options.chosen:
        return read.read_pool(name, options, report)
    try:
        return read.read_pool(name, options, report)
    except GlassnetError as error:
        try:
            return read.read_pool(name, DEFAULTS, report)
        except GlassnetError:
            raise error from None


def _entry(name: str, modality: Modality) -> Pool:
    """The test split of a catalogue data set."""
    names.find_entry(name, str(modality))
    load_entry = load_images if modality == Modality.IMAGES else load_texts
    splits = load_entry(name, seed=0)
    test = splits.test
    labels = tuple(splits.class_names[label] for label in test.labels)
    parts = ("test",) * len(test)
    return Pool(test.inputs, labels, parts, test.ids, splits.fingerprint)


def _with_known_classes(
    pool: Pool, known: np.ndarray, name: str, class_names: tuple[str, ...]
) -> Pool:
    if not known.any():
        raise DataError(
            f"none of its classes is one of the network's: {_listed(sorted(set(pool.labels)))}",
            f"name the classes as the network does: {_listed(class_names)}",
            name,
        )
    return pool.select(np.flatnonzero(known))


def _listed(classes: list[str] | tuple[str, ...]) -> str:
    more = len(classes) - MAX_NAMED
    return ", ".join(classes[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _fitted(pool: Pool, signature: Signature, name: str) -> np.ndarray:
    """The images in the network's size and colours.

    Raises:
        DataError: they have more than 8 bits per channel and are scaled in another way.
    """
    from PIL import Image

    images, shape = pool.inputs, signature.input_shape
    if pool.value_ranges != signature.value_ranges:
        raise DataError(
            "images of another depth (bits per channel) than the network's",
            "convert them, or use glassnet predict, which scales them as in training",
            name,
        )
    wanted = (*shape[1:], 3) if shape[0] == 3 else shape[1:]
    if images.shape[1:] == wanted:
        return images
    if images.dtype != np.uint8:
        raise UsageError(
            f"{name}: images of {images.shape[1:]} values cannot be scaled to {wanted}",
            "give images of the network's size",
        )
    progress.log(f"{name}: images of {_size(images.shape[1:])} become {_size(wanted)}")
    return np.stack([image_files.fit(Image.fromarray(image), shape) for image in images])


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} × {shape[0]} pixels, {'colour' if len(shape) == 3 else 'grey'}"
