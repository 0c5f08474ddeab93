"""Near images: pictures that are almost the same, found by a perceptual hash and then compared.

The hash is the difference hash of N. Krawetz ("Kind of like that", hackerfactor.com, 2013): whether
each cell of a coarse grid is brighter than its left neighbour; and the same for upper neighbours.
Hashes that differ in a few bits are found as M. Norouzi, A. Punjani and D. Fleet do it ("Fast
search in Hamming space with multi-index hashing", CVPR 2012): where two hashes are cut into more
bands than they have bits that differ, one band is equal in both.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.data.problems.duplicates import Groups

GRID = 8
"""Rows and columns of a grid; with one more the differences along it are a hash of 64 bits."""

MOST_BITS = 5
"""Hashes of near images, of either kind, differ in at most as many bits."""

BANDS = MOST_BITS + 1

LEAST_ALIKE = 0.99
"""The least correlation of near images' thumbnails."""

THUMBNAIL = 16
"""The longest side of the thumbnails that are compared."""

FLATTEST = 8.0
"""Grey levels between the darkest and the brightest cell of a grid that says anything."""

MOST_COMPARED = 500_000_000
"""Pairs of hashes that are compared at most."""

MOST_FOUND = 12_000_000
"""Pairs of like hashes of which the thumbnails are compared at most."""

AT_ONCE = 1 << 19
"""Values that are worked on at once."""


def groups(inputs: np.ndarray) -> tuple[list[list[int]], int]:
    """Find the groups of images that are nearly or exactly the same.

    Images almost of a single colour are not compared: nothing in them could tell them apart.

    Args:
        inputs: (n, H, W) or (n, H, W, 3) uint8.

    Returns:
        Their positions, rising, the groups by their first; and the number of images that were not
        compared with all others, for there were too many of like hashes.

    Example:
        >>> image = np.random.default_rng(0).integers(0, 256, (1, 20, 20)).astype(np.uint8)
        >>> groups(np.concatenate([image, image[:, ::-1], image // 2]))
        ([[0, 2]], 0)
    """
    if len(inputs) < 2:
        return [], 0
    hashes, flat = difference_hashes(inputs)
    pairs, missed = _near_hashes(hashes, np.flatnonzero(~flat))
    found = Groups()
    for one, other in pairs[_alike(inputs, pairs)].tolist():
        found.join(one, other)
    return found.all(), missed


def difference_hashes(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The difference hashes of each image, and whether it is too flat to have any.

    Args:
        inputs: (n, H, W) or (n, H, W, 3) uint8.

    Returns:
        (n, 2) uint64, the hash of horizontal and the one of vertical differences; and (n,) bool.
    """
    hashes = np.empty((len(inputs), 2), np.uint64)
    flat = np.empty(len(inputs), bool)
    for rows in _blocks(len(inputs), inputs[:1].size):
        grey = _luminance(inputs[rows])
        for kind, axis in ((0, 2), (1, 1)):
            grid = _averaged(grey, GRID + (axis == 1), GRID + (axis == 2))
            bits = (np.diff(grid, axis=axis) > 0).reshape(len(grid), -1)
            hashes[rows, kind] = np.packbits(bits, axis=1).view(np.uint64)[:, 0]
        flat[rows] = np.ptp(grid.reshape(len(grid), -1), axis=1) < FLATTEST
    return hashes, flat


def _near_hashes(hashes: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, int]:
    """Pairs (m, 2) whose hashes differ in `MOST_BITS` at most; and how many images were missed."""
    tables = _tables(hashes, among)
    found = [np.empty(0, np.int64)]
    compared = n_found = 0
    missed: list[np.ndarray] = []
    for length in sorted(tables):
        table = tables[length]
        compared += table.size * length // 2
        if compared > MOST_COMPARED or n_found > MOST_FOUND:
            missed.append(table.ravel())
            continue
        for pairs in _compared(hashes, table):
            found.append(pairs.min(axis=1) * len(hashes) + pairs.max(axis=1))
            n_found += len(pairs)
    numbers = np.unique(np.concatenate(found))
    n_missed = len(np.unique(np.concatenate(missed))) if missed else 0
    return np.stack(np.divmod(numbers, len(hashes)), axis=1), n_missed


def _tables(hashes: np.ndarray, among: np.ndarray) -> dict[int, np.ndarray]:
    """Length -> (k, length) positions; the hashes of a row are equal in one of the bands.

    Bands take turns in the bits, the most even ones first, so that all of them tell images apart
    equally well.
    """
    if not len(among):
        return {}
    bits = np.unpackbits(hashes[among, 0].view(np.uint8).reshape(-1, 8), axis=1).astype(np.int64)
    order = np.argsort(np.abs(bits.mean(axis=0) - 0.5), kind="stable")
    rows: dict[int, list[np.ndarray]] = {}
    for band in range(BANDS):
        chosen = bits[:, order[band::BANDS]]
        keys = chosen @ (1 << np.arange(chosen.shape[1]))
        sequence = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.diff(keys[sequence], prepend=-1))
        for row in np.split(among[sequence], starts[1:]):
            if len(row) > 1:
                rows.setdefault(len(row), []).append(row)
    return {length: np.stack(alike) for length, alike in rows.items()}


def _compared(hashes: np.ndarray, table: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs (m, 2) of positions in the same row of a table (k, length) whose hashes are near."""
    length = table.shape[1]
    held = [hashes[table, kind] for kind in (0, 1)]
    for cells in _blocks(table.size, length):
        places = np.arange(table.size)[cells]
        row, column = np.divmod(places, length)
        near = np.arange(length) > column[:, None]
        for kind in held:
            near &= np.bitwise_count(kind.ravel()[cells, None] ^ kind[row]) <= MOST_BITS
        one, other = np.nonzero(near)
        yield np.stack([table.ravel()[places[one]], table[row[one], other]], axis=1)


def _alike(inputs: np.ndarray, found: np.ndarray) -> np.ndarray:
    """(m,) bool: whether the thumbnails of (m, 2) pairs correlate as near images' do."""
    if not len(found):
        return np.empty(0, bool)
    which, places = np.unique(found, return_inverse=True)
    places = places.reshape(found.shape)
    thumbnails = np.concatenate(
        [_thumbnails(inputs[which[rows]]) for rows in _blocks(len(which), inputs[:1].size)]
    )
    return np.concatenate(
        [
            np.einsum("ij,ij->i", *thumbnails[places[rows].T]) >= LEAST_ALIKE
            for rows in _blocks(len(found), thumbnails.shape[1])
        ]
    )


def _thumbnails(images: np.ndarray) -> np.ndarray:
    """(n, d) float32: small copies, colours included, with the mean 0 and the length 1."""
    channels = images.astype(np.float32).reshape(*images.shape[:3], -1)
    height, width = (min(THUMBNAIL, side) for side in images.shape[1:3])
    small = np.concatenate(
        [
            _averaged(channels[..., k], height, width).reshape(len(images), -1)
            for k in range(channels.shape[3])
        ],
        axis=1,
    )
    small -= small.mean(axis=1, keepdims=True)
    return small / np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1e-6)


def _luminance(images: np.ndarray) -> np.ndarray:
    """(n, H, W) float32, in ITU-R 601's weights where there is colour."""
    if images.ndim == 3:
        return images.astype(np.float32)
    return images.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def _averaged(images: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Images (n, H, W) float32 averaged over a grid of cells, (n, rows, columns)."""
    return _cells(images.shape[1], rows) @ images @ _cells(images.shape[2], columns).T


def _cells(length: int, cells: int) -> np.ndarray:
    """(cells, length): the share of each pixel along a side in each cell's mean.

    Example:
        >>> _cells(3, 2) * 3
        array([[2., 1., 0.],
               [0., 1., 2.]], dtype=float32)
    """
    edges = np.arange(cells + 1) * length / cells
    pixels = np.arange(length)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return (covered.clip(0) * cells / length).astype(np.float32)


def _blocks(n: int, size: int) -> Iterator[slice]:
    """Rows of some size, as many at a time as are worked on at once."""
    step = max(1, AT_ONCE // size)
    for start in range(0, n, step):
        yield slice(start, start + step)
