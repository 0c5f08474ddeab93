"""Placement of labels, so that they do not cover each other or what they name.

Positions and sizes share one unit, chosen by the caller; y may point either way.
"""

from bisect import bisect
from collections.abc import Sequence
from itertools import pairwise

import numpy as np


def spread(anchors: np.ndarray, sizes: np.ndarray, extent: tuple[float, float]) -> np.ndarray:
    """Move labels apart, each as little as necessary, inside a rectangle.

    Args:
        anchors: (n, 2), the desired centre of each label.
        sizes: (n, 2), width and height of each label.
        extent: width and height of the rectangle, whose corner is the origin.

    Returns:
        (n, 2), the labels' centres; labels that overlap nothing do not move.
    """
    centres = anchors.astype(float).copy()
    low, high = sizes / 2, np.asarray(extent, float) - sizes / 2
    high = np.maximum(low, high)
    for _ in range(400):
        centres = np.clip(centres, low, high)
        step = np.zeros_like(centres)
        for first in range(len(centres)):
            gap = centres - centres[first]
            overlap = (sizes + sizes[first]) / 2 - np.abs(gap)
            overlaps = (overlap > 1e-3).all(axis=1)
            overlaps[first] = False
            for second in np.flatnonzero(overlaps):
                axis = int(overlap[second].argmin())
                direction = np.sign(gap[second, axis]) or (1.0 if second > first else -1.0)
                step[first, axis] -= direction * overlap[second, axis] / 2
        if not step.any():
            break
        centres += step * 0.6
    return np.clip(centres, low, high)


def stack(desired: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Move labels of one height up or down until they do not overlap.

    Args:
        desired: the desired middle of each label.
        height: the smallest distance between two middles.
        low, high: range of the middles.

    Example:
        >>> stack([0.0, 0.0], 2.0, -5.0, 5.0)
        [-1.0, 1.0]
    """
    groups: list[list[int]] = []
    lows: list[float] = []
    for index in np.argsort(desired, kind="stable"):
        groups.append([int(index)])
        lows.append(_lowest(groups[-1], desired, height, low, high))
        while len(groups) > 1 and lows[-1] - lows[-2] < height * len(groups[-2]) - 1e-9:
            groups[-2:] = [groups[-2] + groups[-1]]
            lows[-2:] = [_lowest(groups[-1], desired, height, low, high)]
    positions = [0.0] * len(desired)
    for group, start in zip(groups, lows, strict=True):
        for rank, index in enumerate(group):
            positions[index] = start + rank * height
    return positions


def _lowest(
    group: list[int], desired: Sequence[float], height: float, low: float, high: float
) -> float:
    """Compute the middle of the lowest label of a contiguous group, clipped to low and high."""
    span = height * (len(group) - 1)
    return max(min(float(np.mean([desired[i] for i in group])) - span / 2, high - span), low)


def every_nth(middles: Sequence[float], sizes: Sequence[float]) -> range:
    """Choose all labels of a row, or every second, third, ..., so that they do not overlap.

    The last label is included with the first if a slightly longer step allows it.

    Example:
        >>> list(every_nth([0, 1, 2, 3, 4], [2, 2, 2, 2, 2]))
        [0, 2, 4]
    """

    def fits(step: int) -> bool:
        return all(
            middles[two] - middles[one] >= (sizes[one] + sizes[two]) / 2
            for one, two in pairwise(range(0, len(middles), step))
        )

    step = next(step for step in range(1, len(middles) + 2) if fits(step))
    even = [longer for longer in range(step, 2 * step) if (len(middles) - 1) % longer == 0]
    return range(0, len(middles), even[0] if even else step)


def fitting_names(
    names: Sequence[str], middles: Sequence[float], sizes: Sequence[float]
) -> dict[int, str]:
    """Choose the names that fit along an axis: position -> name.

    Args:
        names: the candidates; empty ones are skipped.
        middles: where each name would be centred, in the unit of `sizes`.
        sizes: the length of each, including its distance to the next.
    """
    named = [index for index, name in enumerate(names) if name]
    chosen = every_nth([middles[i] for i in named], [sizes[i] for i in named])
    return {named[i]: names[named[i]] for i in chosen}


def most_important(
    weights: Sequence[float], middles: Sequence[float], sizes: Sequence[float]
) -> list[int]:
    """Choose the labels that fit along an axis, the most important first.

    Args:
        weights: importance of each label; of equal ones the first is chosen.
        middles: where each would be centred.
        sizes: the length of each.

    Returns:
        Their positions, in ascending order.

    Example:
        >>> most_important([1, 3, 2], [0, 1, 2], [2, 2, 2])
        [1]
    """
    chosen: list[int] = []
    for index in np.argsort(-np.asarray(weights, float), kind="stable"):
        position = bisect(chosen, int(index))
        if all(
            abs(middles[index] - middles[other]) >= (sizes[index] + sizes[other]) / 2
            for other in chosen[max(position - 1, 0) : position + 1]
        ):
            chosen.insert(position, int(index))
    return chosen


def clearest_position(
    point: tuple[float, float],
    size: tuple[float, float],
    obstacles: np.ndarray,
    extent: tuple[float, float],
    line: float,
) -> tuple[float, float]:
    """Find the position near a point where a label covers the least.

    Args:
        point: what the label names; the label never covers it.
        size: width and height of the label.
        obstacles: (n, 2), points that should stay visible.
        extent: width and height of the rectangle that contains the label.
        line: height of a line of text, the unit of distance.

    Returns:
        The label's centre.
    """
    half = np.asarray(size) / 2
    high = np.maximum(half, np.asarray(extent) - half)
    lattice = np.stack(
        np.meshgrid(np.linspace(half[0], high[0], 41), np.linspace(half[1], high[1], 41)), axis=-1
    ).reshape(-1, 2)
    beside = np.asarray(point) + np.array([(0, 1), (0, -1), (1, 0), (-1, 0)]) * (half + line * 0.7)
    places = np.concatenate([np.clip(beside, half, high), lattice])
    room = half + line * 0.35
    covered = (np.abs(obstacles - places[:, None]) < room).all(axis=2).sum(axis=1)
    hidden = (np.abs(places - point) < half + line * 0.5).all(axis=1)
    away = np.hypot(*(np.maximum(np.abs(places - point) - half, 0) / line).T)
    best = places[np.argmin(covered + away + 1e6 * hidden)]
    return float(best[0]), float(best[1])


def nearest_edge_point(
    point: tuple[float, float], centre: tuple[float, float], size: tuple[float, float]
) -> tuple[float, float]:
    """Find the point on a label's border that is nearest to a point outside it."""
    half_width, half_height = size[0] / 2, size[1] / 2
    return (
        min(max(point[0], centre[0] - half_width), centre[0] + half_width),
        min(max(point[1], centre[1] - half_height), centre[1] + half_height),
    )
