"""Animated scatter plots: a film strip per layer on paper, and the frames of a moving image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from glassnet.drawing import typeset
from glassnet.drawing.layout import animation, projection_quality as quality_words, scatter
from glassnet.drawing.palette import LIGHT, class_styles
from glassnet.drawing.paper import projection_quality
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.scatter import (
    draw_labels,
    draw_legend,
    draw_points,
    has_legend,
    legend_rows,
)
from glassnet.drawing.paper.style import PageStyle
from glassnet.findings import projection_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.drawing.palette import ClassStyle
    from glassnet.findings import Animation, AnimationTrack

LINE = typeset.TEXT_SIZE * typeset.LEADING
GAP = 8.0
MIN_SIDE, MAX_SIDE = 84.0, 150.0
"""Smallest and largest side of a frame, in points."""

MOVING_WIDTH = 344.0
"""Width of a moving image without its margin, in points."""

MAX_MOVING_FRAMES = 24
"""Largest number of frames of a moving image; of more, some that are evenly spaced."""

REFERENCE_SIDE = 160.0
"""Side of one of three panels, in points; smaller frames have smaller points."""


def figure(finding: Animation, style: PageStyle) -> Figure:
    """Draw a few frames of each layer under one projection, with class labels in the last ones."""
    inner = style.body_width(style.two_columns)
    max_frames = min(animation.MAX_FRAMES, int((inner + GAP) / (MIN_SIDE + GAP)))
    rows, columns = animation.film_strip(finding, max_frames)
    side = min((inner - GAP * (len(columns) - 1)) / len(columns), MAX_SIDE)
    styles = class_styles(len(finding.class_names))

    legend = legend_rows(finding.class_names, inner) if has_legend(styles) else []
    legend_height = len(legend) * LINE * 1.1 + (5 if legend else 0)
    scores = max(len(panel.quality_scores) for row in rows for panel in finding.tracks[row].panels)
    row_titles = [_row_title(finding.tracks[row], inner) for row in rows]
    title_lines = max(map(len, row_titles))
    height = LINE * (2.8 + title_lines + scores) + side
    height_of_rows = legend_height + len(rows) * (height + GAP) - GAP
    dimmed = animation.has_distorted_points(finding)
    page = lay_out(finding, style, style.two_columns, height_of_rows + dimmed * LINE * 1.4)
    draw_legend(page, legend, styles)
    if dimmed:
        _draw_dimmed_legend(page, height_of_rows + LINE)
    for index, row in enumerate(rows):
        top = legend_height + index * (height + GAP)
        _write_row_title(page, finding.tracks[row], row_titles[index], top + LINE / 2)
        for across, column in enumerate(columns):
            corner = across * (side + GAP), top + LINE * (0.2 + title_lines)
            labelled = column == len(finding.epochs) - 1
            _draw_frame(page, finding, (row, column), styles, (*corner, side), labelled)
    return page.figure


def frames(finding: Animation) -> Iterator[Figure]:
    """Draw the track that the title is about, one figure of equal size per frame."""
    style = PageStyle(MOVING_WIDTH, caption=False)
    side = style.body_width(MOVING_WIDTH)
    track = finding.tracks[finding.lead]
    styles = class_styles(len(finding.class_names))
    legend = legend_rows(finding.class_names, side) if has_legend(styles) else []
    top = len(legend) * LINE * 1.1 + (5 if legend else 0)
    title = _row_title(track, side)
    scores = max(len(panel.quality_scores) for panel in track.panels)
    height = top + LINE * (2.8 + len(title) + scores) + side
    dimmed = animation.has_distorted_points(finding)
    count = len(finding.epochs)
    columns = np.linspace(0, count - 1, min(MAX_MOVING_FRAMES, count)).round().astype(int)
    for column in columns.tolist():
        page = lay_out(finding, style, MOVING_WIDTH, height + dimmed * LINE * 1.4)
        draw_legend(page, legend, styles)
        _write_row_title(page, track, title, top + LINE / 2)
        place = (0.0, top + LINE * (0.2 + len(title)), side)
        _draw_frame(page, finding, (finding.lead, column), styles, place, labelled=True)
        if dimmed:
            _draw_dimmed_legend(page, height + LINE)
        yield page.figure


def _draw_dimmed_legend(page: Page, y: float) -> None:
    projection_quality.draw_dimmed_dot(page, 2, y)
    page.write(projection_quality.DOT_WIDTH, y, animation.DIMMED_LABEL, color=LIGHT.muted)


def _row_title(track: AnimationTrack, width: float) -> list[str]:
    """How much of a row's movement is the projection's own, beside its name or, if long, below."""
    name = projection_name(track.method, track.layer)
    if typeset.width(name, bold=True) + 8 + typeset.width(track.drift_note) <= width:
        return [track.drift_note]
    return ["", *typeset.wrap(track.drift_note, width)]


def _write_row_title(page: Page, track: AnimationTrack, notes: list[str], y: float) -> None:
    """Write a row's projection and layer, and the lines of `_row_title`."""
    name = typeset.shorten(projection_name(track.method, track.layer), page.width, bold=True)
    page.write(0, y, name, fontweight="bold")
    page.write(typeset.width(name, bold=True) + 8, y, notes[0], color=LIGHT.muted)
    page.write_lines(0, y + LINE / 2, notes[1:], color=LIGHT.muted)


def _draw_frame(
    page: Page,
    finding: Animation,
    which: tuple[int, int],
    styles: tuple[ClassStyle, ...],
    place: tuple[float, float, float],
    labelled: bool,
) -> None:
    """Draw one frame on a background of its own, its name above it and its numbers below."""
    left, top, side = place
    track, column = finding.tracks[which[0]], which[1]
    page.write(left, top + LINE / 2, animation.frame_names(finding)[column], color=LIGHT.muted)
    axes = page.axes(left, top + LINE * 1.2, side, side)
    axes.set(xticks=[], yticks=[], facecolor=LIGHT.raised)
    axes.spines[:].set_visible(False)
    square = animation.bounding_square(finding, track)
    axes.set_xlim(square[0], square[0] + square[2])
    axes.set_ylim(square[1], square[1] + square[2])
    panel = track.panels[column]
    area_scale = min(1.0, side / REFERENCE_SIDE) ** 2
    dimmed = scatter.distorted_mask(panel)
    draw_points(axes, panel.points, finding.labels, styles, area_scale, dimmed)
    y = top + LINE * 1.2 + side + LINE * 0.7
    page.write(left, y, typeset.shorten(track.captions[column], side), color=LIGHT.muted)
    for index, score in enumerate(panel.quality_scores, 1):
        page.write(left, y + index * LINE, quality_words.short_label(score), color=LIGHT.muted)
        page.write(left + side, y + index * LINE, score.formatted, color=LIGHT.muted, ha="right")
    if labelled and _labels_fit(finding, side):
        shifted = _shift_up(panel.points, finding.labels, 0.6 * LINE / side * square[2])
        names = scatter.class_labels(
            shifted, finding.labels, finding.class_names, side, typeset.width, LINE, square
        )
        draw_labels(axes, names)


def _shift_up(points: np.ndarray, labels: np.ndarray, gap: float) -> np.ndarray:
    """Move each class up, so that a label at its centre stands above its points."""
    shifted = points.astype(float)
    for number in np.unique(labels):
        heights = points[labels == number, 1]
        shifted[labels == number, 1] += np.quantile(heights, 0.9) - np.median(heights) + gap
    return shifted


def _labels_fit(finding: Animation, side: float) -> bool:
    """Check whether the class labels fit side by side into a frame without filling it."""
    widths = [typeset.width(name, bold=True) * 1.12 + 4 for name in finding.class_names]
    return max(widths) <= side and sum(widths) * LINE <= 0.2 * side**2
