"""Scatter plots on paper: small multiples with shared colours, markers and point order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import patheffects
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.transforms import IdentityTransform

from glassnet.drawing import tokens, typeset
from glassnet.drawing.layout import scatter
from glassnet.drawing.palette import LIGHT, ClassStyle, class_styles, mix
from glassnet.drawing.paper import projection_quality
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from glassnet.findings import Scatter, ScatterPanel

LINE = typeset.TEXT_SIZE * typeset.LEADING
GUTTER = 1.3 * LINE
TICK_WIDTH, TICK_HEIGHT = 22.0, 1.1 * LINE
"""Space for the labels of ticks, beside and below a panel."""

MAX_LABEL = 0.45
"""Longest label of a class, as a share of the panel's side."""

PANELS_PER_ROW = {1: 1, 2: 2, 4: 2}
MIN_SIDE, MAX_SIDE = 105.0, 216.0
"""Side of a panel: smallest of several in a row, and largest."""

MIN_LABELLED = 130.0
"""Side from which on the names of many classes fit among the points; smaller panels have the legend
alone."""

MAX_SMALL_LABELS = 4
"""Classes whose names fit into a small panel as well."""


def figure(finding: Scatter, style: PageStyle) -> Figure:
    """Draw a scatter plot without axes, up to three panels in a row."""
    count = len(finding.panels)
    columns = style.one_column if count == 1 else style.two_columns
    inner = style.body_width(columns)
    gap = 10.0
    per_row = min(PANELS_PER_ROW.get(count, 3), max(1, int((inner + gap) / (MIN_SIDE + gap))))
    side = (inner - gap * (per_row - 1)) / per_row
    plot = min(side, MAX_SIDE)
    styles = class_styles(len(finding.class_names))
    legend = legend_rows(finding.class_names, inner) if has_legend(styles) else []
    legend_height = len(legend) * LINE * 1.1 + (5 if legend else 0)
    captions = [projection_quality.PanelCaption(panel, side - 2) for panel in finding.panels]
    has_axis_labels = any(panel.x_label or panel.y_label for panel in finding.panels)
    x_labels = [typeset.wrap(panel.x_label, side - GUTTER) for panel in finding.panels]
    below_axis = has_axis_labels * (0.3 + max(map(len, x_labels))) * LINE
    has_ticks = any(panel.has_ticks for panel in finding.panels)
    plot -= has_axis_labels * GUTTER + has_ticks * TICK_WIDTH
    cell = (
        1.4 * LINE
        + plot
        + below_axis
        + has_ticks * TICK_HEIGHT
        + max(caption.height for caption in captions)
        + 8
    )
    page = lay_out(finding, style, columns, legend_height + -(-count // per_row) * cell)
    draw_legend(page, legend, styles)
    for index, panel in enumerate(finding.panels):
        row, column = divmod(index, per_row)
        left, top = column * (side + gap), legend_height + row * cell
        page.write(left, top + LINE / 2, panel.label, fontweight="bold")
        _draw_panel(page, finding, panel, styles, (left, top + 1.4 * LINE, plot), x_labels[index])
        below = top + 1.4 * LINE + plot + below_axis + has_ticks * TICK_HEIGHT + 3
        captions[index].draw(page, left, below)
    return page.figure


def _draw_panel(
    page: Page,
    finding: Scatter,
    panel: ScatterPanel,
    styles: tuple[ClassStyle, ...],
    place: tuple[float, float, float],
    x_label: list[str],
) -> None:
    left, top, plot = place
    gutter = (GUTTER if panel.y_label else 0.0) + panel.has_ticks * TICK_WIDTH
    axes = page.axes(left + gutter, top, plot, plot)
    axes.set_axis_off()
    points = scatter.positions(panel)
    square = scatter.bounding_square(points)
    axes.set_xlim(square[0], square[0] + square[2])
    axes.set_ylim(square[1], square[1] + square[2])
    draw_points(axes, points, finding.labels, styles, dimmed=scatter.distorted_mask(panel))
    if _labels_fit(styles, plot):
        names = [typeset.shorten(name, MAX_LABEL * plot, bold=True) for name in finding.class_names]
        draw_labels(
            axes,
            scatter.class_labels(points, finding.labels, tuple(names), plot, typeset.width, LINE),
        )
    _write_ticks(page, panel, (left + gutter, top, plot))
    foot = top + plot + LINE * 0.2 + panel.has_ticks * TICK_HEIGHT
    muted: dict[str, Any] = {"color": LIGHT.muted, "ha": "center"}
    page.write_lines(left + gutter + plot / 2, foot, x_label, **muted)
    page.write(left + LINE / 2, top + plot / 2, panel.y_label, rotation=90, **muted)


def _labels_fit(styles: tuple[ClassStyle, ...], side: float) -> bool:
    """Check whether to write the classes' names among the points, too."""
    return side >= MIN_LABELLED or len(styles) <= MAX_SMALL_LABELS or not has_legend(styles)


def _write_ticks(page: Page, panel: ScatterPanel, place: tuple[float, float, float]) -> None:
    left, top, plot = place
    x_ticks, y_ticks = scatter.ticks(panel)
    style: dict[str, Any] = {"color": LIGHT.muted, "linewidth": 0.6}
    for share, label in x_ticks:
        x, y = left + share * plot, top + plot
        page.canvas.plot((x, x), (y, y + 3), **style)
        page.write(x, y + 3 + LINE / 2, label, ha="center")
    for share, label in y_ticks:
        y = top + (1 - share) * plot
        page.canvas.plot((left - 3, left), (y, y), **style)
        page.write(left - 5, y, label, ha="right")
    if panel.has_ticks:
        corners = ((left, left, left + plot), (top, top + plot, top + plot))
        page.canvas.plot(*corners, **style)


def draw_points(
    axes: Axes,
    points: np.ndarray,
    labels: np.ndarray,
    styles: tuple[ClassStyle, ...],
    area_scale: float = 1.0,
    dimmed: np.ndarray | None = None,
) -> None:
    """Draw each class with its colour and marker; `area_scale` is a fraction of the usual area."""
    order = np.random.default_rng(0).permutation(len(points))
    dimmed = np.zeros(len(points), bool) if dimmed is None else dimmed
    area = area_scale * float(np.clip(14000 / max(len(points), 1), 2.6, 14.0))
    passes = [
        (part[dimmed[part] == is_dimmed], is_dimmed)
        for is_dimmed in (True, False)
        for part in np.array_split(order, tokens.POINT_PASSES)
    ]
    for part, is_dimmed in passes:
        for number, style in enumerate(styles):
            chosen = part[labels[part] == number]
            if not len(chosen):
                continue
            marker = MarkerStyle(style.marker)
            # What `axes.scatter` adds, without its masks and limits: those cost more than drawing.
            points_of_class = PathCollection(
                (marker.get_path().transformed(marker.get_transform()),),
                (area,),
                offsets=points[chosen],
                offset_transform=axes.transData,
                facecolors="none" if style.hollow else style.colour,
                edgecolors=mix(style.colour, LIGHT.ink, 0.8),
                linewidths=0.45 if style.hollow else 0.15,
                alpha=tokens.DIMMED_OPACITY if is_dimmed else tokens.POINT_OPACITY,
                rasterized=True,
            )
            points_of_class.set_transform(IdentityTransform())
            axes.add_collection(points_of_class, autolim=False)


def draw_labels(axes: Axes, labels: list[scatter.ClassLabel]) -> None:
    """Write each class's name at its centre; a label that had to move has a leader line."""
    halo = [patheffects.withStroke(linewidth=2.4, foreground=LIGHT.ground)]
    for label in labels:
        if label.moved:
            axes.annotate(
                "",
                label.centre,
                xytext=label.position,
                xycoords="axes fraction",
                arrowprops={"arrowstyle": "-", "linewidth": 0.6, "color": LIGHT.ink},
            )
        axes.text(
            *label.position,
            label.text,
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=typeset.TEXT_SIZE,
            fontweight="bold",
            color=LIGHT.ink,
            path_effects=halo,
            zorder=9,
        )


def has_legend(styles: tuple[ClassStyle, ...]) -> bool:
    """Check whether every class has an appearance of its own."""
    return len({(style.colour, style.marker) for style in styles}) == len(styles)


def legend_rows(names: tuple[str, ...], inner: float) -> list[list[tuple[float, int, str]]]:
    """Break the legend of the classes into rows of (x, class number, name)."""
    rows: list[list[tuple[float, int, str]]] = [[]]
    x = 0.0
    for number, name in enumerate(names):
        shown = typeset.shorten(name, inner - 24)
        step = 9 + typeset.width(shown) + 12
        if x + step - 12 > inner and rows[-1]:
            rows.append([])
            x = 0.0
        rows[-1].append((x, number, shown))
        x += step
    return rows


def draw_legend(
    page: Page, rows: list[list[tuple[float, int, str]]], styles: tuple[ClassStyle, ...]
) -> None:
    """Draw the legend at the top of the page."""
    for index, row in enumerate(rows):
        y = (index + 0.5) * LINE * 1.1
        for x, number, name in row:
            style = styles[number]
            page.canvas.add_line(
                Line2D(
                    [x + 3],
                    [y],
                    marker=style.marker,
                    markersize=4.6,
                    markerfacecolor="none" if style.hollow else style.colour,
                    markeredgecolor=mix(style.colour, LIGHT.ink, 0.8),
                    markeredgewidth=0.8 if style.hollow else 0.3,
                )
            )
            page.write(x + 9, y, name)
