"""What a panel of curves needs before anyone draws it: its ranges, its ticks, where words go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from glassnet.drawing.layout import labels
from glassnet.findings import CurvePanel, Mark, Series

DASHES = {
    "train": (4.0, 2.0),
    "valid": (),
    "test": (1.0, 1.6),
    "other": (6.0, 1.5, 1.0, 1.5),
    "first": (),
    "second": (5.0, 1.5),
    "third": (2.0, 1.2),
    "fourth": (6.0, 1.5, 1.0, 1.5),
    "fifth": (1.0, 1.6),
    "sixth": (8.0, 3.0),
}
"""Role -> lengths of dash and gap, in units of the line's width; none is a solid line."""


@dataclass(frozen=True)
class PanelLayout:
    """A panel in its own units and, for words, in shares of its width and height from bottom left.

    Attributes:
        x_range, y_range: what the axes span.
        x_ticks, y_ticks: value and label of each tick.
        ends: y share of each series' label, in the series' order.
        mark: centre of the mark's label, in shares, or None.
    """

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    ends: tuple[float, ...]
    mark: tuple[float, float] | None

    def to_fractions(self, x: np.ndarray | float, y: np.ndarray | float) -> np.ndarray:
        """Turn values into shares of the panel: (..., 2) in [0, 1]."""
        across = (np.asarray(x, float) - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        up = (np.asarray(y, float) - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        return np.stack([across, up], axis=-1)


def panel_layout(
    panel: CurvePanel,
    size: tuple[float, float],
    mark_size: tuple[float, float],
    line: float,
    *,
    names: int = 0,
    diagonal: bool = False,
) -> PanelLayout:
    """Plan a panel of `size` (width, height) whose words have lines of height `line`.

    `mark_size` is the width and height of the mark's label; all four share one unit. So many
    `names` stand at 0, 1, 2, ... in place of ticks on the x axis. Where there is a `diagonal`, both
    axes span the same values.
    """
    xs = np.concatenate([series.x for series in panel.series] or [np.zeros(1)])
    ys = np.concatenate([y for series in panel.series for y in _y_values(series)] or [np.zeros(1)])
    x_range, y_range = _x_range(xs), _y_range(ys)
    if names:
        x_range = -0.5, names - 0.5
    if diagonal:
        x_range = y_range = _common_range(np.concatenate([xs, ys]))
    empty = PanelLayout(x_range, y_range, (), (), (), None)
    ends = [float(empty.to_fractions(s.x[-1], s.y[-1])[1]) for s in panel.series if len(s.x)]
    share = line / size[1]
    y_ticks = ticks(y_range, max(2, int(size[1] / (2.0 * line))))
    x_ticks = y_ticks if diagonal else _x_ticks(xs, x_range, max(2, int(size[0] / (2.4 * line))))
    return PanelLayout(
        x_range,
        y_range,
        () if names else x_ticks,
        y_ticks,
        tuple(labels.stack(ends, share, share / 2, 1 - share / 2)),
        _place_mark(panel, panel.mark, empty, size, mark_size, line) if panel.mark else None,
    )


def changes(panel: CurvePanel, count: int) -> np.ndarray:
    """Say how far a panel's lines go at each of `count` names, from the one before: (count,)."""
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
    line: float,
) -> tuple[float, float]:
    """Find the free spot for the mark's label, as shares."""
    step = line * 0.3
    lines = np.concatenate(
        [_interpolate(layout.to_fractions(s.x, s.y) * size, step) for s in panel.series]
    )
    point = layout.to_fractions(mark.x, mark.y) * size
    x, y = labels.clearest_position((point[0], point[1]), mark_size, lines, size, line)
    return x / size[0], y / size[1]


def _y_values(series: Series) -> list[np.ndarray]:
    """The values of a line, and the ends of its interval where it has one."""
    return [y for y in (series.y, series.low, series.high) if y is not None]


def _interpolate(points: np.ndarray, step: float) -> np.ndarray:
    """Fill the way between the points of a line with points that are one step apart."""
    pieces = [points]
    for one, two in pairwise(points):
        count = max(2, int(np.hypot(*(two - one)) / step))
        pieces.append(one + (two - one) * np.linspace(0, 1, count, endpoint=False)[:, None])
    return np.concatenate(pieces)


def _are_integers(values: np.ndarray) -> bool:
    return bool(np.all(values == np.round(values)))


def _x_range(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    if low == high:
        return low - 0.5, high + 0.5
    room = (high - low) * 0.02
    return low - room, high + room


def _y_range(values: np.ndarray) -> tuple[float, float]:
    """Span the values with a little room; start at nought where that is near."""
    low, high = float(values.min()), float(values.max())
    span = (high - low) or abs(high) * 0.1 or 1.0
    base = 0.0 if 0 <= low < span * 0.35 else low - span * 0.06
    return base, high + span * 0.06


def _common_range(values: np.ndarray) -> tuple[float, float]:
    """Span what both axes of a panel with a diagonal span; shares from nought to one."""
    low, high = float(values.min()), float(values.max())
    if low >= 0 and 0.5 < high <= 1:
        return (0.0, 1.0) if low < 0.35 else (low - 0.02, 1.0)
    return _x_range(values)


def _x_ticks(
    values: np.ndarray, span: tuple[float, float], max_ticks: int
) -> tuple[tuple[float, str], ...]:
    """Whole numbers, as epochs are, get the first, the last, and round ones between."""
    if not _are_integers(values):
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
    """Give at most so many round values inside a span, and how they are written."""
    locator = MaxNLocator(nbins=min(max_ticks, 8), steps=[1, 2, 2.5, 5, 10], min_n_ticks=1)
    inside = [float(v) for v in locator.tick_values(*span) if span[0] <= v <= span[1]]
    return tuple(zip(inside, format_ticks(inside), strict=True))


def format_ticks(values: Sequence[float]) -> list[str]:
    """Write tick values with the digits that tell them apart.

    Example:
        >>> format_ticks([0.0, 0.5])
        ['0.0', '0.5']
    """
    formatter = ScalarFormatter(useOffset=False, useMathText=False)
    formatter.create_dummy_axis()
    formatter.set_scientific(False)
    return list(formatter.format_ticks(list(values)))
