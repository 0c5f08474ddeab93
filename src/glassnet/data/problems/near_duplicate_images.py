"""Near-duplicate images: pairs of small thumbnails that correlate, at any shift by a pixel.

Unit vectors that correlate to 1 - e are sqrt(2 e) apart, so near duplicates are neighbours within a
small radius, which a k-d tree finds among few principal components without comparing all pairs. The
components can only bring points nearer to each other: no pair is lost.
"""

from collections.abc import Iterator

import numpy as np
from scipy.spatial import KDTree

from glassnet import progress
from glassnet.data.problems.duplicates import DisjointSets

CELLS = 10
"""Cells along a side of a thumbnail."""

BLUR = 0.5
"""Standard deviation of the thumbnails' blur, in cells: it takes out what noise and
compression change, and leaves what tells two images apart."""

MIN_CORRELATION = 0.9985
"""Minimum correlation of the thumbnails of near duplicates, from `benchmarks/near_copies.py`."""

CORNERS = ((1, 1), (0, 0), (0, 1), (0, 2), (1, 0))
"""Corners of the windows in which an image is compared with the window (1, 1) of others: no shift,
and one of each two opposite shifts by a pixel, since both images of a pair are searched for."""

MIN_SHIFTED_SIDE = 16
"""Smaller images are not shifted: a window would lack much of them."""

RADIUS = float(np.sqrt(2 - 2 * MIN_CORRELATION))

COMPONENTS = 8
"""Principal components that the tree compares."""

MIN_CONTRAST = 8.0
"""Minimum range of the grey levels of a thumbnail, 0 to 255; flatter images are not compared."""

MAX_PAIRS = 10_000_000
"""Pairs of a search that are compared exactly; more than that are given up."""

N_QUERIES = 5000
"""Images searched for at a time."""

BLOCK_SIZE = 1 << 22
"""Number of values that are processed at a time."""


def find_groups(inputs: np.ndarray) -> tuple[list[list[int]], int]:
    """Find groups of near duplicates among images.

    Images of almost a single colour are not compared: nothing distinguishes them.

    Args:
        inputs: (n, H, W) or (n, H, W, 3) uint8.

    Returns:
        The sorted positions of each group, in the order of their first; and the number of images
        that were not compared with all others, because too many are similar.

    Example:
        >>> image = np.random.default_rng(0).integers(0, 256, (1, 20, 20)).astype(np.uint8)
        >>> find_groups(np.concatenate([image, image[:, ::-1], image // 2]))
        ([[0, 2]], 0)
    """
    pairs, n_missed = find_pairs(inputs)
    sets = DisjointSets()
    for one, other in pairs.tolist():
        sets.merge(one, other)
    return sets.groups(), n_missed


def find_pairs(inputs: np.ndarray) -> tuple[np.ndarray, int]:
    """Find pairs of near duplicates among images, see `find_groups`.

    Returns:
        (m, 2) int64 positions, sorted, the smaller of a pair first; and the number of images that
        were not compared with all others.
    """
    if len(inputs) < 2:
        return np.empty((0, 2), np.int64), 0
    can_shift = min(inputs.shape[1:3]) >= MIN_SHIFTED_SIDE
    margin = 2 if can_shift else 0
    corners = CORNERS if can_shift else ((0, 0),)
    reference, has_contrast = thumbnails(inputs, corners[0], margin)
    positions = np.flatnonzero(has_contrast)
    if len(positions) < 2:
        return np.empty((0, 2), np.int64), 0
    axes = _principal_axes(reference[positions])
    tree = KDTree(reference[positions] @ axes)
    searched, numbers = list[np.ndarray](), [np.empty(0, np.int64)]
    steps = len(positions) * (1 + len(corners))
    with progress.stage("searching for near duplicates", steps) as advance:
        for chunk in (positions[k : k + N_QUERIES] for k in range(0, len(positions), N_QUERIES)):
            searched += [chunk] * (_n_near(tree, reference[chunk] @ axes) <= MAX_PAIRS)
            advance(len(chunk))
        for corner in corners:
            shifted = reference
            if corner != corners[0]:
                shifted, _ = thumbnails(inputs, corner, margin)
            for chunk in searched:
                near = KDTree(shifted[chunk] @ axes).sparse_distance_matrix(
                    tree, RADIUS, output_type="ndarray"
                )
                pairs = np.stack([chunk[near["i"]], positions[near["j"]]], axis=1)
                pairs = pairs[pairs[:, 0] != pairs[:, 1]]
                pairs = pairs[_correlations(shifted, reference, pairs) >= MIN_CORRELATION]
                numbers.append(pairs.min(axis=1) * len(inputs) + pairs.max(axis=1))
                advance(len(chunk))
    found = np.unique(np.concatenate(numbers))
    return np.stack(np.divmod(found, len(inputs)), axis=1), len(positions) - sum(map(len, searched))


def thumbnails(
    images: np.ndarray, corner: tuple[int, int] = (0, 0), margin: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Downscale windows of images, with all channels: (n, d) float32 of mean 0 and norm 1.

    Args:
        images: (n, H, W) or (n, H, W, 3) uint8.
        corner: row and column of the window's corner, which is smaller by `margin` than the image.

    Returns:
        The thumbnails, and (n,) bool, which of them have a range of at least `MIN_CONTRAST`.
    """
    (height, width), (top, left) = (side - margin for side in images.shape[1:3]), corner
    down, across = (_cells(side, min(CELLS, side), BLUR) for side in (height, width))
    parts, contrast = [], []
    for rows in _blocks(len(images), images[:1].size):
        window = images[rows, top : top + height, left : left + width]
        window = window.reshape(*window.shape[:3], -1)
        channels = [
            down @ window[..., k].astype(np.float32) @ across.T for k in range(window.shape[3])
        ]
        small = np.stack(channels, axis=1).reshape(len(window), -1)
        contrast.append(np.ptp(small, axis=1) >= MIN_CONTRAST)
        small -= small.mean(axis=1, keepdims=True)
        parts.append(small / np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1e-6))
    return np.concatenate(parts), np.concatenate(contrast)


def _principal_axes(points: np.ndarray) -> np.ndarray:
    """(d, `COMPONENTS`) orthonormal: the directions in which points (n, d) vary most."""
    centred = points - points.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return axes[:, ::-1][:, :COMPONENTS].astype(np.float32)


def _n_near(tree: KDTree, points: np.ndarray) -> int:
    """The number of pairs of a point and a neighbour of it in the tree."""
    return int(KDTree(points).count_neighbors(tree, RADIUS))


def _correlations(one: np.ndarray, other: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """(m,) float32: the correlations of the thumbnails of pairs (m, 2)."""
    parts = [
        np.einsum("ij,ij->i", one[pairs[rows, 0]], other[pairs[rows, 1]])
        for rows in _blocks(len(pairs), one.shape[1])
    ]
    return np.concatenate([np.empty(0, np.float32), *parts])


def _cells(length: int, cells: int, blur: float = 0.0) -> np.ndarray:
    """(cells, length): the weight of each pixel along a side in the mean of each cell.

    Example:
        >>> _cells(3, 2) * 3
        array([[2., 1., 0.],
               [0., 1., 2.]], dtype=float32)
    """
    edges = np.arange(cells + 1) * length / cells
    pixels = np.arange(length)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    weights = covered.clip(0) * cells / length
    if blur:
        deviation = blur * length / cells
        kernel = np.exp(-np.square(pixels[:, None] - pixels) / (2 * deviation**2))
        weights = weights @ (kernel / kernel.sum(axis=1, keepdims=True))
    return weights.astype(np.float32)


def _blocks(n: int, size: int) -> Iterator[slice]:
    """Slices of n rows of this size, each of about `BLOCK_SIZE` values."""
    step = max(1, BLOCK_SIZE // size)
    for start in range(0, n, step):
        yield slice(start, start + step)
