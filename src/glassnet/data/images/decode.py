"""Decoding: a listing's image files become arrays, on all cores, and only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np

from glassnet import parallel, progress
from glassnet.data.images import image_files, shapes
from glassnet.data.listing import Item, Listing, some
from glassnet.data.pool import Pool, content, digest
from glassnet.data.problems.problem import (
    NOTE,
    REFUSAL,
    WARNING,
    Problem,
    ReportProblem,
    counted,
    single,
    speak,
)
from glassnet.data.sources import cache
from glassnet.errors import DataError, StorageError

VERSION = 3
"""Of what is cached: a change in how images are decoded raises it."""

HINT = "give whole PNG, JPEG, WebP, BMP, GIF or TIFF files"

MARKS = {
    "animated": "with several pictures, of which the first is read",
    "transparent": "with transparency, which is laid on white (what is drawn in white, on black)",
    "deep": "with more than 8 bits a channel, which are brought to 8",
}
"""What `images.Look` knows of files that hold more than is read, and how it is told."""

Arrays = dict[str, np.ndarray]
T = TypeVar("T")
R = TypeVar("R")


def read(
    listing: Listing, size: int | None, colour: str | None, report_problem: ReportProblem = speak
) -> Pool:
    """Read a listing's images in one shape, from the cache if the same bytes were read before.

    Every file is hashed every time, so that no change goes unseen. Files that cannot be read are
    left out.

    Args:
        listing: the files.
        size: the side of a square, or None for `shapes.choose` to choose.
        colour: `grey`, `rgb`, or None for grey if all are.
        tell: takes what is told of the listing and of the files; a refusal where more than half
            of them cannot be read.

    Raises:
        DataError: none of the files can be read, or the images would take too much memory.
    """
    for problem in listing.problems:
        report_problem(problem)
    items = listing.items
    contents = _in_threads("hashing images", _line, items)
    key = digest(contents, VERSION, size, colour)
    kept = cache.arrays(key)
    if kept is None:
        kept = _decoded(listing, size, colour)
        _keep(key, kept)
    inputs, ids = kept["inputs"], kept["ids"]
    places = tuple(items[k].name for k in ids)
    for problem in _damage(listing, kept):
        report_problem(problem)
    for problem in shapes.change(kept["sizes"], places, shapes.of(inputs), size):
        report_problem(problem)
    for problem in _reduced(places, kept):
        report_problem(problem)
    return Pool(
        inputs=inputs,
        labels=tuple(items[k].label for k in ids),
        parts=tuple(items[k].part for k in ids),
        ids=ids,
        fingerprint=digest(contents, inputs.shape[1:]),
        places=places,
    )


def _line(item: Item) -> str:
    return "\0".join((item.name, item.label, item.part, content(item.path)))


def _decoded(listing: Listing, size: int | None, colour: str | None) -> Arrays:
    """What is cached of n items that can be read, and of m that cannot.

    `inputs` (n, H, W) or (n, H, W, 3) uint8; `ids` (n,) positions among the items; `sizes` (n, 2)
    as the files have them; `animated`, `transparent` and `deep` (n,) bool; `bad` (m,) positions
    and `reasons` (m,) texts.
    """
    items = listing.items
    with image_files.unwarned():
        looks = _in_threads("looking at images", lambda item: _tried(image_files.look, item), items)
        known = {k: look for k, look in enumerate(looks) if isinstance(look, image_files.Look)}
        reasons = {k: look for k, look in enumerate(looks) if isinstance(look, str)}
        sizes = np.array([(look.width, look.height) for look in known.values()]).reshape(-1, 2)
        _check_any(listing, len(known), reasons)
        grey = all(look.grey for look in known.values())
        shape = shapes.choose(sizes, grey, size, colour)
        inputs = np.empty((len(known), *shapes.axes(shape)), np.uint8)

        def fill(row: tuple[int, int]) -> str | None:
            read = _tried(lambda path: image_files.read(path, shape), items[row[1]])
            if isinstance(read, str):
                return read
            inputs[row[0]] = read
            return None

        faults = _in_threads("decoding images", fill, list(enumerate(known)))
    good = np.array([fault is None for fault in faults])
    reasons |= {k: fault for k, fault in zip(known, faults, strict=True) if fault is not None}
    _check_any(listing, int(good.sum()), reasons)
    marks = {
        name: np.array([getattr(look, name) for look in known.values()])[good] for name in MARKS
    }
    return marks | {
        "inputs": inputs if good.all() else inputs[good],
        "ids": np.array(list(known), np.int64)[good],
        "sizes": sizes[good],
        "bad": np.array(sorted(reasons), np.int64),
        "reasons": np.array([reasons[k] for k in sorted(reasons)], dtype=str),
    }


def _tried(read: Callable[[Path], R], item: Item) -> R | str:
    """What a file gives, or why it gives nothing."""
    try:
        if item.path.exists() and not item.path.is_file():  # a pipe would wait for ever
            return "it is no file"
        return read(item.path)
    except DataError as error:
        reason = error.message.removeprefix(f"{item.path}: ")
        inner = reason.removeprefix(f"{image_files.UNREADABLE} (")
        return reason if inner == reason else inner.removesuffix(")")


def _check_any(listing: Listing, n: int, reasons: dict[int, str]) -> None:
    if not n:
        named = some([f"{listing.items[k].name} ({reason})" for k, reason in reasons.items()])
        raise DataError(f"{listing.root}: none of the images can be read: {named}", HINT)


def _damage(listing: Listing, kept: Arrays) -> list[Problem]:
    """What is told of the files that cannot be read."""
    items, bad = listing.items, kept["bad"].tolist()
    if not bad:
        return []
    because = [
        f"{items[k].name} ({reason})"
        for k, reason in zip(bad, kept["reasons"].tolist(), strict=True)
    ]
    told = f"{len(bad):,} of {counted(len(items), 'images')} cannot be read"
    if 2 * len(bad) > len(items):
        text = f"{listing.root}: {told}: {some(because)}"
        return [Problem("unreadable", REFUSAL, text, HINT, single(because))]
    text = f"{told} and are left out: {some(because)}"
    return [
        Problem("unreadable", WARNING, text, places=single(because)),
        *_lost(listing, kept["ids"].tolist()),
    ]


def _lost(listing: Listing, good: list[int]) -> list[Problem]:
    """What is told of classes of which no image can be read."""
    items = listing.items
    before, left = (
        {(item.part, item.label) for item in held} for held in (items, [items[k] for k in good])
    )
    remaining = {label for part, label in left if part == "train"}
    problems = []
    for part, label in sorted(before - left):
        text = f"none of the {part} images of the class {label!r} can be read"
        if part == "train" and len(remaining) == 1:
            text, hint = f"{listing.root}: {text}", "mend them, or take the class away"
            problems.append(Problem("lost-class", REFUSAL, text, hint, ((label,),)))
        else:
            problems.append(Problem("lost-class", WARNING, text, places=((label,),)))
    return problems


def _reduced(places: Sequence[str], kept: Arrays) -> list[Problem]:
    """What is told of files that hold more than is read of them."""
    told = []
    for mark, what in MARKS.items():
        which = [places[k] for k in np.flatnonzero(kept[mark]).tolist()]
        if which:
            text = f"{counted(len(which), 'images')} {what}: {some(which)}"
            told.append(Problem(mark, NOTE, text, places=single(which)))
    return told


def _keep(key: str, kept: Arrays) -> None:
    try:
        cache.keep_arrays(key, kept)
    except StorageError as error:  # the next load is slower, and no more
        progress.log(f"decoded images are not kept: {error.message}")


def _in_threads(title: str, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The function of every item, in order; Pillow and SHA-256 let other threads run."""
    results = []
    with (
        ThreadPoolExecutor(parallel.n_threads()) as pool,
        progress.stage(title, len(items), "images") as advance,
    ):
        for result in pool.map(function, items):
            results.append(result)
            advance()
    return results
