"""Decoding: a listing's image files become arrays, on all cores, and only once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from glassnet import progress
from glassnet.data import cache, images, shapes
from glassnet.data.listing import Item, Listing, some
from glassnet.data.pool import Pool, content, digest
from glassnet.errors import DataError, StorageError

VERSION = 1
"""Of what is cached: a change in how images are decoded raises it."""

Arrays = dict[str, np.ndarray]
T = TypeVar("T")
R = TypeVar("R")


def read(listing: Listing, size: int | None, colour: str | None) -> Pool:
    """Read a listing's images in one shape, from the cache if the same bytes were read before.

    Every file is hashed every time, so that no change goes unseen. Files that cannot be read are
    left out and named.

    Args:
        listing: the files.
        size: the side of a square, or None for `shapes.choose` to choose.
        colour: `grey`, `rgb`, or None for grey if all are.

    Raises:
        DataError: more than half of the files, or all of a class in a part, cannot be read, or the
            images would take too much memory.
    """
    contents = _in_threads("hashing images", _line, listing.items)
    key = digest(contents, VERSION, size, colour)
    kept = cache.arrays(key)
    if kept is None:
        kept = _decoded(listing, size, colour)
        _keep(key, kept)
    for note in (*listing.notes, *kept["notes"].tolist()):
        progress.say(note)
    inputs, ids = kept["inputs"], kept["ids"]
    return Pool(
        inputs=inputs,
        labels=tuple(listing.items[k].label for k in ids),
        parts=tuple(listing.items[k].part for k in ids),
        ids=ids,
        fingerprint=digest(contents, inputs.shape[1:]),
    )


def _line(item: Item) -> str:
    return "\0".join((item.name, item.label, item.part, content(item.path)))


def _decoded(listing: Listing, size: int | None, colour: str | None) -> Arrays:
    with images.unwarned():
        looks = _in_threads("looking at images", _look, listing.items)
        seen = [look for look in looks if look]
        _check_damage(listing, [k for k, look in enumerate(looks) if look])
        sizes = [(look.width, look.height) for look in seen]
        shape = shapes.choose(sizes, all(look.grey for look in seen), size, colour)
        inputs, ids = _pixels(listing.items, looks, shape)
    damage = _check_damage(listing, ids.tolist())
    notes = (*shapes.change(sizes, shape, size), *damage)
    return {"inputs": inputs, "ids": ids, "notes": np.array(notes, dtype=str)}


def _look(item: Item) -> images.Look | None:
    try:
        return images.look(item.path) if item.path.is_file() else None
    except DataError:
        return None


def _pixels(
    items: Sequence[Item], looks: Sequence[images.Look | None], shape: shapes.Shape
) -> tuple[np.ndarray, np.ndarray]:
    """(n, H, W) or (n, H, W, 3) uint8, and the n positions of the items that could be read."""
    channels, height, width = shape
    known = [k for k, look in enumerate(looks) if look]
    colours = () if channels == 1 else (channels,)
    inputs = np.empty((len(known), height, width, *colours), np.uint8)

    def fill(row: int) -> bool:
        try:
            inputs[row] = images.read(items[known[row]].path, shape)
        except DataError:
            return False
        return True

    good = np.array(_in_threads("decoding images", fill, range(len(known))))
    return inputs if good.all() else inputs[good], np.array(known, np.int64)[good]


def _check_damage(listing: Listing, good: list[int]) -> tuple[str, ...]:
    """A note on the items that are not among the good ones.

    Raises:
        DataError: they are too many, or all of a class.
    """
    items = listing.items
    bad = [items[k].name for k in sorted(set(range(len(items))) - set(good))]
    if not bad:
        return ()
    told = f"{len(bad):,} of {len(items):,} images cannot be read"
    if 2 * len(bad) > len(items):
        raise DataError(
            f"{listing.root}: {told}: {some(bad)}", "give whole PNG, JPEG, WebP or TIFF files"
        )
    left = {(items[k].part, items[k].label) for k in good}
    for item in items:
        if (item.part, item.label) not in left:
            raise DataError(
                f"{listing.root}: none of the {item.part} images of the class {item.label!r} can "
                f"be read, as {item.name}",
                "mend them, or take the class away",
            )
    return (f"{told} and are left out: {some(bad)}",)


def _keep(key: str, kept: Arrays) -> None:
    try:
        cache.keep_arrays(key, kept)
    except StorageError as error:  # the next load is slower, and no more
        progress.say(f"decoded images are not kept: {error.message}")


def _in_threads(title: str, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The function of every item, in order; Pillow and SHA-256 let other threads run."""
    results = []
    with (
        ThreadPoolExecutor(os.cpu_count()) as pool,
        progress.stage(title, len(items), "images") as advance,
    ):
        for result in pool.map(function, items):
            results.append(result)
            advance()
    return results
