"""Whether two runs were tested on the same examples, and which of them are the same."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np

from glassnet.contract import Data, Split


@dataclass(frozen=True, eq=False)
class SharedTest:
    """The test examples of two runs.

    Attributes:
        order: (n,) int64, the position of each of the first run's examples in the test set of the
            other; None unless the test sets are the same.
        n, other_n: examples in each test set.
        common: how many examples are in both.
        same_classes: whether both sort their examples into the same classes.
    """

    order: np.ndarray | None
    n: int
    other_n: int
    common: int
    same_classes: bool


def match(one: Data, other: Data) -> SharedTest:
    """Compare the test examples of two runs: images or texts with their classes, by content."""
    keys, other_keys = _keys(one), _keys(other)
    order = None
    if keys == other_keys:
        order = np.arange(len(keys))
    elif sorted(keys) == sorted(other_keys):
        places = np.argsort(np.array(other_keys), kind="stable")
        ranks = np.argsort(np.argsort(np.array(keys), kind="stable"), kind="stable")
        order = places[ranks]
    common = sum((Counter(keys) & Counter(other_keys)).values())
    same_classes = set(one.class_names) == set(other.class_names)
    return SharedTest(order, len(keys), len(other_keys), common, same_classes)


def _keys(data: Data) -> list[str]:
    """A digest of each test example and the name of its class."""
    split, names = data.test, data.class_names
    return [
        f"{hashlib.blake2b(content, digest_size=16).hexdigest()} {names[label]}"
        for content, label in zip(_contents(split), split.labels, strict=True)
    ]


def _contents(split: Split) -> list[bytes]:
    if split.inputs.ndim == 1:
        return [str(text).encode("utf-8", "surrogatepass") for text in split.inputs]
    return [np.ascontiguousarray(image).tobytes() for image in split.inputs]
