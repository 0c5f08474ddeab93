"""Layout of line charts: axis ranges, ticks and label positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from glassnet.drawing.layout import labels
from glassnet.findings import CurvePanel, Mark


@dataclass(frozen=True)
class PanelLayout:
    """A panel's axes in data units, and its labels in fractions of its width and height.

    Attributes:
        x_range, y_range: limits of the axes.
        x_ticks, y_ticks: value and label of each tick.
        ends: y of each label, as a fraction from the bottom, in the order of the labelled curves.
        mark: centre of the mark's label, as fractions from the bottom left, or None.
    """

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    ends: tuple[float, ...]
    mark: tuple[float, float] | None

    def to_fractions(self, x: np.ndarray | float, y: np.ndarray | float) -> np.ndarray:
        """Convert data to fractions of the panel, from the bottom left: (..., 2) in [0, 1]."""
        across = (np.asarray(x, float) - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        up = (np.asarray(y, float) - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        return np.stack([across, up], axis=-1)


def panel_layout(
    panel: CurvePanel,
    size: tuple[float, float],
    mark_size: tuple[float, float],
    line_height: float,
    *,
    n_names: int = 0,
    diagonal: bool = False,
) -> PanelLayout:
    """Lay out a panel of `size` (width, height).

    Args:
        panel: the curves.
        size: width and height of the plot.
        mark_size: width and height of the mark's label.
        line_height: height of a line of text; all lengths share one unit.
        n_names: number of names that stand at x = 0, 1, 2, ... in place of ticks.
        diagonal: both axes span the same range.
    """
    xs = np.concatenate([series.x for series in panel.series] or [np.zeros(1)])
    ys = np.concatenate(
        [y for s in panel.series for y in (s.y, s.low, s.high) if y is not None] or [np.zeros(1)]
    )
    x_range, y_range = _x_range(xs), _y_range(ys)
    if n_names:
        x_range = -0.5, n_names - 0.5
    if diagonal:
        x_range = y_range = _common_range(np.concatenate([xs, ys]))
    empty = PanelLayout(x_range, y_range, (), (), (), None)
    ends = [float(empty.to_fractions(s.x[-1], s.y[-1])[1]) for s in panel.series if s.is_labelled]
    share = line_height / size[1]
    y_ticks = ticks(y_range, max(2, int(size[1] / (2.0 * line_height))))
    x_ticks = (
        y_ticks if diagonal else _x_ticks(xs, x_range, max(2, int(size[0] / (2.4 * line_height))))
    )
    return PanelLayout(
        x_range,
        y_range,
        () if n_names else x_ticks,
        y_ticks,
        tuple(labels.stack(ends, share, share / 2, 1 - share / 2)),
        _place_mark(panel, panel.mark, empty, size, mark_size, line_height) if panel.mark else None,
    )


def changes(panel: CurvePanel, count: int) -> np.ndarray:
    """Compute how much a panel's curves change at each of `count` names: (count,).

    The change at a name is the largest absolute difference of any curve to the name before it.
    """
    change = np.zeros(count)
    for series in panel.series:
        steps = np.abs(np.diff(np.asarray(series.y, float), prepend=series.y[:1]))
        places = np.rint(series.x).astype(int)
        inside = (places >= 0) & (places < count) & np.isfinite(steps)
        np.maximum.at(change, places[inside], steps[inside])
    return change


def _place_mark(
    panel: CurvePanel,
    mark: Mark,
    layout: PanelLayout,
    size: tuple[float, float],
    mark_size: tuple[float, float],
    line_height: float,
) -> tuple[float, float]:
    """Find a free position for the mark's label, in fractions of the panel."""
    step = line_height * 0.3
    lines = np.concatenate(
        [_interpolate(layout.to_fractions(s.x, s.y) * size, step) for s in panel.series]
    )
    point = layout.to_fractions(mark.x, mark.y) * size
    x, y = labels.clearest_position((point[0], point[1]), mark_size, lines, size, line_height)
    return x / size[0], y / size[1]


def _interpolate(points: np.ndarray, step: float) -> np.ndarray:
    """Add points to a polyline so that neighbours are about one step apart."""
    pieces = [points]
    for one, two in pairwise(points):
        count = max(2, int(np.hypot(*(two - one)) / step))
        pieces.append(one + (two - one) * np.linspace(0, 1, count, endpoint=False)[:, None])
    return np.concatenate(pieces)


def _x_range(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if low == high:
        return low - 0.5, high + 0.5
    room = (high - low) * 0.02
    return low - room, high + room


def _y_range(values: np.ndarray) -> tuple[float, float]:
    """Span the values with some margin; start at zero if that is near."""
    low, high = float(values.min()), float(values.max())
    span = (high - low) or abs(high) * 0.1 or 1.0
    base = 0.0 if 0 <= low < span * 0.35 else low - span * 0.06
    return base, high + span * 0.06


def _common_range(values: np.ndarray) -> tuple[float, float]:
    """Span the range of both axes beside a diagonal; fractions span 0 to 1."""
    low, high = float(values.min()), float(values.max())
    if low >= 0 and 0.5 < high <= 1:
        return (0.0, 1.0) if low < 0.35 else (low - 0.02, 1.0)
    return _x_range(values)


def _x_ticks(
    values: np.ndarray, span: tuple[float, float], max_ticks: int
) -> tuple[tuple[float, str], ...]:
    """Choose ticks; integers, such as epochs, get the first, the last and round ones between."""
    if np.any(values != np.round(values)):
        return ticks(span, max_ticks)
    low, high = int(values.min()), int(values.max())
    step = next(
        scale * digit
        for scale in (10**power for power in range(20))
        for digit in (1, 2, 5)
        if (high - low) / (scale * digit) <= max_ticks - 1
    )
    between = range(-(-low // step) * step, high, step)
    room = step / 2
    between_ticks = [value for value in between if low + room <= value <= high - room]
    return tuple((float(value), str(value)) for value in sorted({low, *between_ticks, high}))


def ticks(span: tuple[float, float], max_ticks: int) -> tuple[tuple[float, str], ...]:
    """Choose at most `max_ticks` round values inside a range, with their labels."""
    locator = MaxNLocator(nbins=min(max_ticks, 8), steps=[1, 2, 2.5, 5, 10], min_n_ticks=1)
    inside = [float(v) for v in locator.tick_values(*span) if span[0] <= v <= span[1]]
    return tuple(zip(inside, format_ticks(inside), strict=True))


def format_ticks(values: Sequence[float]) -> list[str]:
    """Format tick values with as many digits as distinguish them.

    Example:
        >>> format_ticks([0.0, 0.5])
        ['0.0', '0.5']
    """
    formatter = ScalarFormatter(useOffset=False, useMathText=False)
    formatter.create_dummy_axis()
    formatter.set_scientific(False)
    return list(formatter.format_ticks(list(values)))
