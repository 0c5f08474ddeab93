"""What paper and screen share of a scatter: its frame, and where the classes' names go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.drawing.layout import labels
from glassnet.findings import ScatterPanel

DIMMED, PLAIN = 0.2, 0.85
"""How much of a point's colour lies over the ground, if it stands back and if not."""


@dataclass(frozen=True)
class ClassLabel:
    """A class's name in a panel: `centre` and `place` are shares from the bottom left.

    `moved` says that the name had to leave the centre so as not to cover another.
    """

    text: str
    number: int
    centre: tuple[float, float]
    place: tuple[float, float]
    moved: bool


def bounding_square(points: np.ndarray) -> tuple[float, float, float]:
    """Give the square (left, bottom, side) that holds all points, with a little room.

    Both axes have one scale, so that distances in the picture are distances in the projection.
    """
    if not len(points):
        return 0.0, 0.0, 1.0
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    side = (float((high - low).max()) or 1.0) * 1.05
    left, bottom = (low + high) / 2 - side / 2
    return float(left), float(bottom), side


def distorted_mask(panel: ScatterPanel) -> np.ndarray:
    """Say of every point whether it stands back: (n,) bool."""
    back = np.zeros(len(panel.points), bool)
    if panel.distorted is not None:
        back[panel.distorted] = True
    return back


def short_note(panel: ScatterPanel) -> str:
    """Give a panel's note without what its gauges and the legend of dimmed points say already."""
    drawn = [*(gauge.phrase for gauge in panel.quality_scores), panel.distorted_label]
    return panel.note.removesuffix("; ".join(filter(None, drawn))).removesuffix("; ")


def class_labels(
    points: np.ndarray,
    numbers: np.ndarray,
    names: tuple[str, ...],
    side: float,
    width: Callable[[str], float],
    line: float,
    within: tuple[float, float, float] | None = None,
) -> list[ClassLabel]:
    """Place each class's name at the median of its points, apart from the others.

    Args:
        points: (n, 2).
        numbers: (n,), the points' classes.
        names: the classes' names.
        side: the panel's side, in the unit of `width` and `line`.
        width: measures a name.
        line: a line's height.
        within: the square (left, bottom, side) that the panel shows; by default the points' own.
    """
    present = [number for number in range(len(names)) if (numbers == number).any()]
    if not present:
        return []
    left, bottom, span = within or bounding_square(points)
    centres = np.array([np.median(points[numbers == number], axis=0) for number in present])
    centres = (centres - (left, bottom)) / span
    sizes = np.array([(width(names[number]) * 1.12 + 4, line) for number in present])
    places = labels.spread(centres * side, sizes, (side, side)) / side
    return [
        ClassLabel(
            names[number],
            number,
            (float(centre[0]), float(centre[1])),
            (float(place[0]), float(place[1])),
            bool(np.abs((place - centre) * side).max() > line),
        )
        for number, centre, place in zip(present, centres, places, strict=True)
    ]
