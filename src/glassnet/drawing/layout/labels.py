"""Where labels go, so that they neither cover each other nor what they name.

Positions and sizes are in one unit, whichever the caller measures in; y may point either way.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import pairwise

import numpy as np


def spread(anchors: np.ndarray, sizes: np.ndarray, extent: tuple[float, float]) -> np.ndarray:
    """Move labels away from each other, each as little as needed, inside a rectangle.

    Args:
        anchors: (n, 2), where each label would best have its centre.
        sizes: (n, 2), width and height of each label.
        extent: width and height of the rectangle, whose corner is the origin.

    Returns:
        (n, 2), the labels' centres; those that had room are where they were.
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
            meets = (overlap > 1e-3).all(axis=1)
            meets[first] = False
            for second in np.flatnonzero(meets):
                axis = int(overlap[second].argmin())
                away = np.sign(gap[second, axis]) or (1.0 if second > first else -1.0)
                step[first, axis] -= away * overlap[second, axis] / 2
        if not step.any():
            break
        centres += step * 0.6
    return np.clip(centres, low, high)


def stack(wanted: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Move one-line labels of one height up or down until none covers another.

    Args:
        wanted: where each label would best have its middle.
        height: the least distance between two middles.
        low, high: where the middles have to stay.

    Example:
        >>> stack([0.0, 0.0], 2.0, -5.0, 5.0)
        [-1.0, 1.0]
    """
    groups: list[list[int]] = []
    lows: list[float] = []
    for index in np.argsort(wanted, kind="stable"):
        groups.append([int(index)])
        lows.append(_lowest(groups[-1], wanted, height, low, high))
        while len(groups) > 1 and lows[-1] - lows[-2] < height * len(groups[-2]) - 1e-9:
            groups[-2:] = [groups[-2] + groups[-1]]
            lows[-2:] = [_lowest(groups[-1], wanted, height, low, high)]
    places = [0.0] * len(wanted)
    for group, start in zip(groups, lows, strict=True):
        for rank, index in enumerate(group):
            places[index] = start + rank * height
    return places


def _lowest(
    group: list[int], wanted: Sequence[float], height: float, low: float, high: float
) -> float:
    """Give the middle of the lowest label of a group that touches, kept within low and high."""
    span = height * (len(group) - 1)
    return max(min(float(np.mean([wanted[i] for i in group])) - span / 2, high - span), low)


def every_nth(middles: Sequence[float], sizes: Sequence[float]) -> range:
    """Choose every label of a row, or every second, third, ..., so that none touches the next.

    The last one is kept with the first where a slightly longer step allows it.

    Example:
        >>> list(every_nth([0, 1, 2, 3, 4], [2, 2, 2, 2, 2]))
        [0, 2, 4]
    """

    def fits(step: int) -> bool:
        kept = range(0, len(middles), step)
        return all(
            middles[two] - middles[one] >= (sizes[one] + sizes[two]) / 2
            for one, two in pairwise(kept)
        )

    step = next(step for step in range(1, len(middles) + 2) if fits(step))
    even = [longer for longer in range(step, 2 * step) if (len(middles) - 1) % longer == 0]
    return range(0, len(middles), even[0] if even else step)


def fitting_names(
    names: Sequence[str], middles: Sequence[float], sizes: Sequence[float]
) -> dict[int, str]:
    """Choose the names that there is room for: position -> name.

    Args:
        names: what could be written; empty ones are left out.
        middles: where each name would stand, in the unit of `sizes`.
        sizes: how much room each takes, with what keeps it apart from the next.
    """
    named = [index for index, name in enumerate(names) if name]
    kept = every_nth([middles[i] for i in named], [sizes[i] for i in named])
    return {named[i]: names[named[i]] for i in kept}


def most_important(
    weights: Sequence[float], middles: Sequence[float], sizes: Sequence[float]
) -> list[int]:
    """Choose the labels of a row that there is room for, those that matter most first.

    Args:
        weights: how much each label matters; of equals the first is chosen.
        middles: where each would stand.
        sizes: how much room each takes.

    Returns:
        Their positions, rising.

    Example:
        >>> most_important([1, 3, 2], [0, 1, 2], [2, 2, 2])
        [1]
    """
    kept: list[int] = []
    for index in np.argsort(-np.asarray(weights, float), kind="stable"):
        place = bisect(kept, int(index))
        if all(
            abs(middles[index] - middles[other]) >= (sizes[index] + sizes[other]) / 2
            for other in kept[max(place - 1, 0) : place + 1]
        ):
            kept.insert(place, int(index))
    return kept


def clearest_position(
    point: tuple[float, float],
    size: tuple[float, float],
    obstacles: np.ndarray,
    extent: tuple[float, float],
    line: float,
) -> tuple[float, float]:
    """Find the place near a point where a label covers little.

    Args:
        point: what the label names; the label never covers it.
        size: width and height of the label.
        obstacles: (n, 2), points that are better left in view.
        extent: width and height of the rectangle that the label stays in.
        line: height of a line of text; sets how far is far.

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
    """Give the spot on a label's border that is nearest to a point outside it."""
    half_width, half_height = size[0] / 2, size[1] / 2
    return (
        min(max(point[0], centre[0] - half_width), centre[0] + half_width),
        min(max(point[1], centre[1] - half_height), centre[1] + half_height),
    )
