"""Layout of scatter plots: the visible square, dimmed points and class labels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.drawing.layout import curves, labels
from glassnet.findings import ScatterPanel


@dataclass(frozen=True)
class ClassLabel:
    """A class's name in a panel; `centre` and `position` are fractions from the bottom left.

    `moved` is true if the label had to leave the centre so as not to cover another.
    """

    text: str
    class_index: int
    centre: tuple[float, float]
    position: tuple[float, float]
    moved: bool


def bounding_square(points: np.ndarray) -> tuple[float, float, float]:
    """Compute the square (left, bottom, side) that holds all points, with some margin.

    Both axes have one scale, so that distances in the figure are distances in the projection.
    """
    if not len(points):
        return 0.0, 0.0, 1.0
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    side = (float((high - low).max()) or 1.0) * 1.05
    left, bottom = (low + high) / 2 - side / 2
    return float(left), float(bottom), side


def positions(panel: ScatterPanel) -> np.ndarray:
    """The points as they are drawn: (n, 2).

    A projection's are its own, in one scale. Where the axes have ticks, each is a quantity of its
    own and fills the panel: the points are fractions of its range.
    """
    if not panel.has_ticks or not len(panel.points):
        return panel.points
    low, extent = _range(panel)
    return (panel.points - low) / extent


def _range(panel: ScatterPanel) -> tuple[np.ndarray, np.ndarray]:
    """The smallest value and the extent of each axis: (2,) each."""
    low, high = panel.points.min(axis=0).astype(float), panel.points.max(axis=0).astype(float)
    return low, np.where(high > low, high - low, 1.0)


def ticks(panel: ScatterPanel) -> tuple[list[tuple[float, str]], list[tuple[float, str]]]:
    """Ticks of the x and the y axis, as fractions from the bottom left, with their labels."""
    if not panel.has_ticks or not len(panel.points):
        return [], []
    *starts, side = bounding_square(positions(panel))
    x_ticks, y_ticks = (
        [
            (((value - low) / extent - start) / side, label)
            for value, label in curves.ticks((low, low + extent), 5)
        ]
        for start, low, extent in zip(starts, *_range(panel), strict=True)
    )
    return x_ticks, y_ticks


def distorted_mask(panel: ScatterPanel) -> np.ndarray:
    """Mark the points that lost most of their neighbours and are dimmed: (n,) bool."""
    mask = np.zeros(len(panel.points), bool)
    if panel.distorted is not None:
        mask[panel.distorted] = True
    return mask


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
    positions = labels.spread(centres * side, sizes, (side, side)) / side
    return [
        ClassLabel(
            names[number],
            number,
            (float(centre[0]), float(centre[1])),
            (float(position[0]), float(position[1])),
            bool(np.abs((position - centre) * side).max() > line),
        )
        for number, centre, position in zip(present, centres, positions, strict=True)
    ]
