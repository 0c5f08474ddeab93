"""Near-duplicate images: candidates by perceptual hash, confirmed by correlation.

The hash is the difference hash of N. Krawetz ("Kind of like that", hackerfactor.com, 2013): whether
each cell of a coarse grid is brighter than its left neighbour; and the same for upper neighbours.
Hashes that differ in a few bits are found by multi-index hashing (M. Norouzi, A. Punjani and D.
Fleet, "Fast search in Hamming space with multi-index hashing", CVPR 2012): if two hashes are cut
into more bands than the number of bits in which they differ, one band is equal in both.
"""

from collections.abc import Iterator

import numpy as np

from glassnet.data.problems.duplicates import DisjointSets

GRID = 8
"""Rows and columns of the grid; one more along an axis gives a hash of 64 differences."""

MAX_BITS = 5
"""Maximum number of bits in which either hash of near duplicates differs."""

BANDS = MAX_BITS + 1

MIN_CORRELATION = 0.99
"""Minimum correlation of the thumbnails of near duplicates."""

THUMBNAIL = 16
"""Maximum side of the thumbnails that are compared, in pixels."""

MIN_CONTRAST = 8.0
"""Minimum range of the grey levels of a grid, 0 to 255; flatter images are not compared."""

MAX_COMPARED = 500_000_000
"""Maximum number of pairs of hashes that are compared."""

MAX_CANDIDATES = 12_000_000
"""Maximum number of pairs of similar hashes whose thumbnails are compared."""

BLOCK_SIZE = 1 << 19
"""Number of values that are processed at a time."""


def find_groups(inputs: np.ndarray) -> tuple[list[list[int]], int]:
    """Find groups of near duplicates among images.

    Images of almost a single colour are not compared: nothing distinguishes them.

    Args:
        inputs: (n, H, W) or (n, H, W, 3) uint8.

    Returns:
        The sorted positions of each group, in the order of their first; and the number of images
        that were not compared with all others, because too many have similar hashes.

    Example:
        >>> image = np.random.default_rng(0).integers(0, 256, (1, 20, 20)).astype(np.uint8)
        >>> find_groups(np.concatenate([image, image[:, ::-1], image // 2]))
        ([[0, 2]], 0)
    """
    if len(inputs) < 2:
        return [], 0
    hashes, flat = difference_hashes(inputs)
    pairs, n_missed = similar_hashes(hashes, np.flatnonzero(~flat))
    sets = DisjointSets()
    for one, other in pairs[_correlate(inputs, pairs)].tolist():
        sets.merge(one, other)
    return sets.groups(), n_missed


def difference_hashes(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The difference hashes of images, and which of them are too flat to have any.

    Args:
        inputs: (n, H, W) or (n, H, W, 3) uint8.

    Returns:
        (n, 2) uint64, the hashes of the horizontal and vertical differences; and (n,) bool.
    """
    hashes = np.empty((len(inputs), 2), np.uint64)
    flat = np.empty(len(inputs), bool)
    for rows in _blocks(len(inputs), inputs[:1].size):
        grey = _luminance(inputs[rows])
        for kind, axis in ((0, 2), (1, 1)):
            grid = _averaged(grey, GRID + (axis == 1), GRID + (axis == 2))
            bits = (np.diff(grid, axis=axis) > 0).reshape(len(grid), -1)
            hashes[rows, kind] = np.packbits(bits, axis=1).view(np.uint64)[:, 0]
        flat[rows] = np.ptp(grid.reshape(len(grid), -1), axis=1) < MIN_CONTRAST
    return hashes, flat


def similar_hashes(hashes: np.ndarray, positions: np.ndarray) -> tuple[np.ndarray, int]:
    """Find all pairs of hashes that differ in at most `MAX_BITS` bits of either kind.

    Args:
        hashes: (n, 2) uint64.
        positions: (k,) the images that are compared.

    Returns:
        Positions (m, 2) of the pairs, sorted; and the number of images that were not compared with
        all others.
    """
    tables = _tables(hashes, positions)
    candidates = [np.empty(0, np.int64)]
    n_compared = n_candidates = 0
    missed: list[np.ndarray] = []
    for length in sorted(tables):
        table = tables[length]
        n_compared += table.size * length // 2
        if n_compared > MAX_COMPARED or n_candidates > MAX_CANDIDATES:
            missed.append(table.ravel())
            continue
        for pairs in _compare(hashes, table):
            candidates.append(pairs.min(axis=1) * len(hashes) + pairs.max(axis=1))
            n_candidates += len(pairs)
    numbers = np.unique(np.concatenate(candidates))
    n_missed = len(np.unique(np.concatenate(missed))) if missed else 0
    return np.stack(np.divmod(numbers, len(hashes)), axis=1), n_missed


def _tables(hashes: np.ndarray, positions: np.ndarray) -> dict[int, np.ndarray]:
    """Length -> (k, length) positions; the hashes of a row are equal in one of the bands.

    The bits are dealt to the bands in turn, the most balanced first, so that all bands are equally
    selective.
    """
    if not len(positions):
        return {}
    bits = np.unpackbits(hashes[positions, 0].view(np.uint8).reshape(-1, 8), axis=1).astype(
        np.int64
    )
    order = np.argsort(np.abs(bits.mean(axis=0) - 0.5), kind="stable")
    rows: dict[int, list[np.ndarray]] = {}
    for band in range(BANDS):
        band_bits = bits[:, order[band::BANDS]]
        keys = band_bits @ (1 << np.arange(band_bits.shape[1]))
        by_key = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.diff(keys[by_key], prepend=-1))
        for row in np.split(positions[by_key], starts[1:]):
            if len(row) > 1:
                rows.setdefault(len(row), []).append(row)
    return {length: np.stack(equal) for length, equal in rows.items()}


def _compare(hashes: np.ndarray, table: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs (m, 2) of positions in the same row of a table (k, length) with similar hashes."""
    length = table.shape[1]
    both = [hashes[table, kind] for kind in (0, 1)]
    for cells in _blocks(table.size, length):
        cell = np.arange(table.size)[cells]
        row, column = np.divmod(cell, length)
        similar = np.arange(length) > column[:, None]
        for kind in both:
            similar &= np.bitwise_count(kind.ravel()[cells, None] ^ kind[row]) <= MAX_BITS
        one, other = np.nonzero(similar)
        yield np.stack([table.ravel()[cell[one]], table[row[one], other]], axis=1)


def _correlate(inputs: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """(m,) bool: whether the thumbnails of (m, 2) pairs correlate enough."""
    if not len(pairs):
        return np.empty(0, bool)
    positions, rows_of = np.unique(pairs, return_inverse=True)
    rows_of = rows_of.reshape(pairs.shape)
    thumbnails = np.concatenate(
        [_thumbnails(inputs[positions[rows]]) for rows in _blocks(len(positions), inputs[:1].size)]
    )
    return np.concatenate(
        [
            np.einsum("ij,ij->i", *thumbnails[rows_of[rows].T]) >= MIN_CORRELATION
            for rows in _blocks(len(pairs), thumbnails.shape[1])
        ]
    )


def _thumbnails(images: np.ndarray) -> np.ndarray:
    """(n, d) float32: downscaled images with all channels, of mean 0 and norm 1."""
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
    """(n, H, W) float32; colours are weighted as in ITU-R 601."""
    if images.ndim == 3:
        return images.astype(np.float32)
    return images.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def _averaged(images: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Images (n, H, W) float32 averaged over the cells of a grid: (n, rows, columns)."""
    return _cells(images.shape[1], rows) @ images @ _cells(images.shape[2], columns).T


def _cells(length: int, cells: int) -> np.ndarray:
    """(cells, length): the weight of each pixel along a side in the mean of each cell.

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
    """Slices of n rows of this size, each of about `BLOCK_SIZE` values."""
    step = max(1, BLOCK_SIZE // size)
    for start in range(0, n, step):
        yield slice(start, start + step)
