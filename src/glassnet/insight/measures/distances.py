"""Squared Euclidean distances between all points, in blocks of rows."""

from collections.abc import Callable

import numpy as np

from glassnet.parallel import map_threads

WORKING_MEMORY = 8
"""MiB of distances that a thread computes at once."""

TIE_TOLERANCE = 1e-12
"""Squared distances that differ by less, as a share of the largest squared norm, are tied."""

WIDE, WIDE_TIE_TOLERANCE = 512, 1e-6
"""Values per point from which 32 bits suffice, and the tolerance then.

Products in 64 bits would take twice as long there. Between few values, points can be far nearer to
each other than to the mean, and 32 bits would not tell which of them is nearest.
"""


Block = Callable[[slice, np.ndarray, float], None]
"""Receives some rows, their squared distances from all points, (rows, n), and the difference up to
which two distances are tied."""


def each_block(points: np.ndarray, function: Block) -> None:
    """Call a function with the squared distances of some points from all, until all had their turn.

    A point's distance from itself is infinite. Distances are in 64 bits, except between 32-bit
    points of at least `WIDE` values. Blocks are computed in `parallel.n_threads()` threads, each in
    one, so that the distances do not depend on the number of threads.

    Args:
        points: (n, dimensions) float.
        function: may change the distances; releases Python's lock for most of its time.

    Example:
        >>> each_block(np.array([[0.0], [1.0]]), lambda rows, near, _: print(rows, near.tolist()))
        slice(0, 2, None) [[inf, 1.0], [1.0, inf]]
    """
    centred = points - points.mean(axis=0, dtype=np.float64)
    centred = centred[:, centred.any(axis=0)]
    tolerance = TIE_TOLERANCE
    if points.dtype == np.float32 and centred.shape[1] >= WIDE:
        centred, tolerance = centred.astype(np.float32), WIDE_TIE_TOLERANCE
    squares = np.einsum("ij,ij->i", centred, centred)
    tie, n = tolerance * float(squares.max()), len(points)

    def block(start: int) -> None:
        rows = slice(start, min(start + height, n))
        distances = -2 * centred[rows] @ centred.T
        distances += squares[rows, None]
        distances += squares
        np.maximum(distances, 0, out=distances)
        own = np.arange(start, rows.stop)
        distances[own - start, own] = np.inf
        function(rows, distances, tie)

    height = max(1, int(WORKING_MEMORY * 2**20 / (n * centred.itemsize)))
    map_threads(block, range(0, n, height))
