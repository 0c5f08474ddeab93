"""Parallel decoding of listed image files to arrays, cached by content."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from glassnet import parallel, progress
from glassnet.contract import ValueRanges
from glassnet.data.images import image_files, shapes, value_range
from glassnet.data.images.image_files import Header
from glassnet.data.listing import Item, Listing
from glassnet.data.pool import Pool, digest
from glassnet.data.problems.problem import (
    NOTE,
    REFUSAL,
    WARNING,
    Problem,
    ReportProblem,
    counted,
    first_few,
    log_problem,
    ungrouped,
)
from glassnet.data.sources import cache, file_digests
from glassnet.errors import DataError, StorageError

VERSION = 4
"""Version of the cached arrays; raise it when images are decoded differently."""

HINT = "give intact PNG, JPEG, WebP, BMP, GIF or TIFF files"
MISSING_HINT = "put the images where the table says, or all into one folder beside it"

REDUCTIONS = {
    "animated": "with several frames, of which the first is read",
    "transparent": "with transparency, composited on white (or on black if drawn in white)",
}
"""Field of `Header` -> what is read of such an image."""

Arrays = dict[str, np.ndarray]
T = TypeVar("T")
R = TypeVar("R")


def read_listing(
    listing: Listing,
    image_size: int | None,
    colour: str | None,
    report_problem: ReportProblem = log_problem,
) -> Pool:
    """Read the images of a listing in one shape, from the cache if their bytes were read before.

    A file is hashed unless its path, size and time are known. Unreadable files are reported and
    skipped.

    Args:
        listing: the files.
        image_size: the side of a square, or None to let `shapes.choose` decide.
        colour: `grey`, `rgb`, or None for grey if all images are.
        report_problem: receives problems of the listing and of the files; a refusal if more than
            half of them cannot be read.

    Raises:
        DataError: none of the files can be read, or the images would take too much memory.
    """
    for problem in listing.problems:
        report_problem(problem)
    items = listing.items
    with file_digests.cached() as sha256:
        contents = _map_images("hashing images", partial(_content_line, sha256), items)
    key = digest(contents, VERSION, image_size, colour)
    if (arrays := cache.read_arrays(key)) is None:
        arrays = _decode(listing, image_size, colour)
        _cache(key, arrays)
    inputs, ids = arrays["inputs"], arrays["ids"]
    locations = tuple(items[k].name for k in ids)
    ranges = _ranges(arrays)
    for problem in (
        *_unreadable(listing, arrays),
        *shapes.resizing_problems(arrays["sizes"], locations, shapes.shape_of(inputs), image_size),
        *_reductions(locations, arrays),
        *_depths(listing, arrays, ranges),
    ):
        report_problem(problem)
    return Pool(
        inputs=inputs,
        labels=tuple(items[k].label for k in ids),
        splits=tuple(items[k].split for k in ids),
        groups=tuple(items[k].group for k in ids),
        ids=ids,
        fingerprint=digest(contents, inputs.shape[1:]),
        locations=locations,
        value_ranges=ranges,
    )


def _content_line(sha256: file_digests.Sha256, item: Item) -> str:
    return "\0".join((item.name, item.label, item.split, sha256(item.path)))


def _decode(listing: Listing, image_size: int | None, colour: str | None) -> Arrays:
    """The arrays that are cached, of n readable and m unreadable items.

    `inputs` (n, H, W) or (n, H, W, 3) uint8; `ids` (n,) positions among the items; `sizes` (n, 2)
    before resizing; `animated` and `transparent` (n,) bool; `depth` (n,) texts and `capacity` (n,)
    as in `Header`; `extents` (n, 2), smallest and largest value with more than 8 bits per channel;
    `bad` (m,) positions of the unreadable ones and `reasons` (m,) texts.
    """
    items = listing.items
    with image_files.without_warnings():
        results = _map_images(
            "reading image headers", partial(_attempt, image_files.read_header), items
        )
        headers = {k: result for k, result in enumerate(results) if isinstance(result, Header)}
        reasons = {k: result for k, result in enumerate(results) if isinstance(result, str)}
        extents = _extents(items, headers, reasons)
        _check_any(listing, len(headers), reasons)
        arrays = _described(headers, extents)
        grey = all(header.grey for header in headers.values())
        shape = shapes.choose(arrays["sizes"], grey, image_size, colour)
        inputs = np.empty((len(headers), *shapes.array_shape(shape)), np.uint8)
        ranges = _ranges(arrays)

        def decode(row: tuple[int, int]) -> str:
            pixels = _attempt(
                lambda path: image_files.read_image(path, shape, ranges), items[row[1]]
            )
            if isinstance(pixels, str):
                return pixels
            inputs[row[0]] = pixels
            return ""

        faults = _map_images("decoding images", decode, list(enumerate(headers)))
    readable = np.array([not fault for fault in faults])
    reasons |= {k: fault for k, fault in zip(headers, faults, strict=True) if fault}
    _check_any(listing, int(readable.sum()), reasons)
    return {name: values[readable] for name, values in arrays.items()} | {
        "inputs": inputs if readable.all() else inputs[readable],
        "bad": np.array(sorted(reasons), np.int64),
        "reasons": np.array([reasons[k] for k in sorted(reasons)], dtype=str),
    }


def _extents(
    items: Sequence[Item], headers: dict[int, Header], reasons: dict[int, str]
) -> dict[int, value_range.Range]:
    """Position -> extent of the images of more than 8 bits per channel.

    Those that cannot be read are moved from `headers` to `reasons`.
    """
    deep = [k for k, header in headers.items() if header.depth]
    if not deep:
        return {}
    read = partial(_attempt, image_files.read_extent)
    results = _map_images("reading value ranges", read, [items[k] for k in deep])
    extents = {}
    for k, result in zip(deep, results, strict=True):
        if isinstance(result, str):
            reasons[k] = result
            del headers[k]
        else:
            extents[k] = result
    return extents


def _described(headers: dict[int, Header], extents: dict[int, value_range.Range]) -> Arrays:
    """What is known of images before they are decoded, by name; see `_decode`."""
    found = list(headers.values())
    return {name: np.array([getattr(header, name) for header in found]) for name in REDUCTIONS} | {
        "ids": np.array(list(headers), np.int64),
        "sizes": np.array([(one.width, one.height) for one in found]).reshape(-1, 2),
        "depth": np.array([header.depth for header in found], dtype=str),
        "capacity": np.array([header.capacity for header in found], np.int64),
        "extents": np.array([extents.get(k, (0, 255)) for k in headers], np.float64),
    }


def _ranges(arrays: Arrays) -> ValueRanges:
    """The range of each kind of values that the images have."""
    ranges = {}
    for kind in (value_range.INTEGERS, value_range.FLOATS):
        if len(extents := arrays["extents"][arrays["depth"] == kind]):
            ranges[kind] = value_range.choose(extents[:, 0].min(), extents[:, 1].max(), kind)
    return ranges


def _attempt(read: Callable[[Path], R], item: Item) -> R | str:
    """What is read of a file, or the reason why it cannot be read."""
    try:
        if item.path.exists() and not item.path.is_file():  # reading a pipe would block
            return "not a file"
        return read(item.path)
    except OSError as error:  # the name is too long
        return error.strerror or type(error).__name__
    except DataError as error:
        return error.reason


def _check_any(listing: Listing, n: int, reasons: dict[int, str]) -> None:
    if not n:
        faults = [f"{listing.items[k].name} ({reason})" for k, reason in reasons.items()]
        hint = _hint([listing.items[k].path for k in reasons])
        raise DataError(f"none of the images can be read: {first_few(faults)}", hint, listing.root)


def _hint(unreadable: Sequence[Path]) -> str:
    """What to do about files that cannot be read: they are damaged, or missing."""
    return HINT if any(path.exists() for path in unreadable) else MISSING_HINT


def _unreadable(listing: Listing, arrays: Arrays) -> list[Problem]:
    """The problems of the files that cannot be read."""
    items, positions = listing.items, arrays["bad"].tolist()
    if not positions:
        return []
    faults = [
        f"{items[k].name} ({reason})"
        for k, reason in zip(positions, arrays["reasons"].tolist(), strict=True)
    ]
    count = f"{len(faults):,} of {counted(len(items), 'images')} cannot be read"
    if 2 * len(faults) > len(items):
        text = f"{listing.root}: {count}: {first_few(faults)}"
        hint = _hint([items[k].path for k in positions])
        return [Problem("unreadable", REFUSAL, text, hint, ungrouped(faults))]
    text = f"{count} and are left out: {first_few(faults)}"
    return [
        Problem("unreadable", WARNING, text, locations=ungrouped(faults)),
        *_unreadable_classes(listing, arrays["ids"].tolist()),
    ]


def _unreadable_classes(listing: Listing, readable: list[int]) -> list[Problem]:
    """The problems of classes of which no image can be read."""
    items = listing.items
    before = {(item.split, item.label) for item in items}
    after = {(items[k].split, items[k].label) for k in readable}
    n_classes = len({label for split, label in after if split == "train"})
    problems = []
    for split, label in sorted(before - after):
        text = f"none of the {split} images of the class {label!r} can be read"
        if split == "train" and n_classes == 1:
            text, hint = f"{listing.root}: {text}", "replace them, or remove the class"
            problems.append(Problem("unreadable-class", REFUSAL, text, hint, ((label,),)))
        else:
            problems.append(Problem("unreadable-class", WARNING, text, locations=((label,),)))
    return problems


def _reductions(locations: Sequence[str], arrays: Arrays) -> list[Problem]:
    """The notes on files that contain more than is read of them."""
    notes = []
    for kind, what in REDUCTIONS.items():
        if names := [locations[k] for k in np.flatnonzero(arrays[kind]).tolist()]:
            text = f"{counted(len(names), 'images')} {what}: {first_few(names)}"
            notes.append(Problem(kind, NOTE, text, locations=ungrouped(names)))
    return notes


def _depths(listing: Listing, arrays: Arrays, ranges: ValueRanges) -> list[Problem]:
    """The notes on images of more than 8 bits per channel, and what is doubtful about them."""
    problems = []
    items, ids = listing.items, arrays["ids"].tolist()
    for kind, chosen in ranges.items():
        positions = np.flatnonzero(arrays["depth"] == kind)
        names = [items[ids[k]].name for k in positions]
        splits = [items[ids[k]].split for k in positions]
        extents = arrays["extents"][positions]
        text = value_range.described(
            extents[:, 0].min(), extents[:, 1].max(), chosen, arrays["capacity"][positions].min()
        )
        what = f"{counted(len(names), 'images')} with more than 8 bits per channel"
        text = f"{what}: {text}: {first_few(names)}"
        problems.append(Problem("deep", NOTE, text, locations=ungrouped(names)))
        highs = np.abs(extents).max(axis=1)
        problems += value_range.differing_splits(str(listing.root), splits, highs, kind)
    kinds = [len(arrays["depth"]) - np.count_nonzero(arrays["depth"]), *ranges.values()]
    if ranges and (kinds[0] or len(ranges) > 1):
        n = [f"{np.count_nonzero(arrays['depth'] == kind):,} {kind}" for kind in ranges]
        n += [f"{kinds[0]:,} images of 8 bits"] * bool(kinds[0])
        text = f"images of several types of values ({', '.join(n)}), each scaled by its own range"
        problems.append(Problem("mixed-depths", WARNING, text))
    return problems


def _cache(key: str, arrays: Arrays) -> None:
    try:
        cache.write_arrays(key, arrays)
    except StorageError as error:  # the next load is slower, but no less correct
        progress.log(f"decoded images are not cached: {error.message}")


def _map_images(title: str, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The function of every item, in order, in threads: Pillow and SHA-256 release the GIL."""
    results = []
    with (
        ThreadPoolExecutor(parallel.n_threads()) as pool,
        progress.stage(title, len(items), "images") as advance,
    ):
        for result in pool.map(function, items):
            results.append(result)
            advance()
    return results
