"""Films of points on paper: a row of frames for each layer, all in one frame of reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glassnet.drawing import typeset
from glassnet.drawing.layout import animation, scatter
from glassnet.drawing.palette import LIGHT, class_styles
from glassnet.drawing.paper import projection_quality
from glassnet.drawing.paper.page import TWO_COLUMNS, Page, body_width, lay_out
from glassnet.drawing.paper.scatter import draw_key, draw_names, draw_points, has_key, key_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.drawing.palette import ClassStyle
    from glassnet.findings import Animation, AnimationTrack

LINE = typeset.TEXT_SIZE * typeset.LEADING
GAP = 8.0
LARGEST = 150.0
"""Side of a frame, in points, at most."""

USUAL = 160.0
"""Side of a panel of three; the points of a smaller frame are smaller."""


def figure(finding: Animation) -> Figure:
    """Draw a few frames of each layer under one projection, the class names in the last ones."""
    rows, columns = animation.film_strip(finding)
    inner = body_width(TWO_COLUMNS)
    side = min((inner - GAP * (len(columns) - 1)) / len(columns), LARGEST)
    styles = class_styles(len(finding.class_names))
    keyed = has_key(styles)
    key = key_rows(finding.class_names, inner) if keyed else []
    key_height = len(key) * LINE * 1.1 + (5 if key else 0)
    scores = max(len(panel.quality_scores) for row in rows for panel in finding.tracks[row].panels)
    height = LINE * (3.8 + scores) + side
    whole = key_height + len(rows) * (height + GAP) - GAP
    dimmed = animation.has_distorted_points(finding)
    page = lay_out(finding, TWO_COLUMNS, whole + dimmed * LINE * 1.4)
    draw_key(page, key, styles)
    if dimmed:
        projection_quality.draw_dimmed_dot(page, 2, whole + LINE)
        page.write(
            projection_quality.DOT_WIDTH, whole + LINE, animation.DIMMED_LABEL, color=LIGHT.muted
        )
    for place, row in enumerate(rows):
        top = key_height + place * (height + GAP)
        _write_head(page, finding.tracks[row], top + LINE / 2)
        for across, column in enumerate(columns):
            corner = across * (side + GAP), top + LINE * 1.2
            _draw_frame(page, finding, (row, column), styles, (*corner, side))
    return page.figure


def _write_head(page: Page, track: AnimationTrack, y: float) -> None:
    """Name a row, and say what in it is no learning."""
    name = typeset.shorten(f"{track.method} of {track.layer}", page.width, bold=True)
    page.write(0, y, name, fontweight="bold")
    start = typeset.width(name, bold=True) + 8
    note = typeset.shorten(track.drift_note, page.width - start)
    page.write(start, y, note, color=LIGHT.muted)


def _draw_frame(
    page: Page,
    finding: Animation,
    which: tuple[int, int],
    styles: tuple[ClassStyle, ...],
    place: tuple[float, float, float],
) -> None:
    """Draw one frame on a ground of its own, its name above it and its numbers below."""
    left, top, side = place
    track, column = finding.tracks[which[0]], which[1]
    page.write(left, top + LINE / 2, finding.frame_names[column], color=LIGHT.muted)
    axes = page.axes(left, top + LINE * 1.2, side, side)
    axes.set(xticks=[], yticks=[], facecolor=LIGHT.raised)
    axes.spines[:].set_visible(False)
    square = animation.bounding_square(finding, track)
    axes.set_xlim(square[0], square[0] + square[2])
    axes.set_ylim(square[1], square[1] + square[2])
    panel = track.panels[column]
    smaller = (side / USUAL) ** 2
    back = scatter.distorted_mask(panel)
    draw_points(axes, panel.points, finding.labels, styles, smaller, back)
    y = top + LINE * 1.2 + side + LINE * 0.7
    caption = typeset.shorten(track.captions[column], side)
    page.write(left, y, caption, color=LIGHT.muted)
    for index, gauge in enumerate(panel.quality_scores, 1):
        page.write(left, y + index * LINE, gauge.short_label, color=LIGHT.muted)
        page.write(left + side, y + index * LINE, gauge.formatted, color=LIGHT.muted, ha="right")
    last = column == len(track.panels) - 1
    if last and _room_for_names(finding, side):
        raised = _raised(panel.points, finding.labels, 0.6 * LINE / side * square[2])
        names = scatter.class_labels(
            raised, finding.labels, finding.class_names, side, typeset.width, LINE, square
        )
        draw_names(axes, names)


def _raised(points: np.ndarray, labels: np.ndarray, gap: float) -> np.ndarray:
    """Move each class up, so that what stands at its middle stands above its points."""
    raised = points.astype(float)
    for number in np.unique(labels):
        heights = points[labels == number, 1]
        raised[labels == number, 1] += np.quantile(heights, 0.9) - np.median(heights) + gap
    return raised


def _room_for_names(finding: Animation, side: float) -> bool:
    """Say whether the names can stand in a frame side by side without filling it."""
    widths = [typeset.width(name, bold=True) * 1.12 + 4 for name in finding.class_names]
    return max(widths) <= side and sum(widths) * LINE <= 0.2 * side**2
