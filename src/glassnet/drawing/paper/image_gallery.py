"""Image galleries on paper: unsmoothed images with captions and their most probable classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from glassnet.drawing import tokens, typeset
from glassnet.drawing.layout import image_gallery
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import ImageGallery

LINE = typeset.TEXT_SIZE * typeset.LEADING
GAP = 12.0
MIN_CELL, MIN_WIDE_CELL = 60.0, 95.0
"""Smallest widths of an image's place, and of one with the names of classes below."""

MAX_ROWS = 6
"""Rows of images that fit on a page; the report has all of them."""

VALUE = "100 %"
BAR_COLOURS = {
    "true": LIGHT.accent,
    "predicted": LIGHT.wrong,
    "": mix(LIGHT.muted, LIGHT.ground, tokens.MUTED_FILL),
}


def figure(finding: ImageGallery, style: PageStyle) -> Figure:
    """Draw an image gallery over two columns, four to six images in a row."""
    inner = style.body_width(style.two_columns)
    count = len(finding.captions)
    names = max(map(typeset.width, finding.class_names), default=0.0)
    wide = finding.probabilities is not None and names > 24
    fitting = int((inner + GAP) / ((MIN_WIDE_CELL if wide else MIN_CELL) + GAP))
    per_row = max(1, min(count, fitting, 4 if wide else 6))
    cell = (inner - GAP * (per_row - 1)) / per_row
    if count < 4:
        cell = min(cell, max((inner - 3 * GAP) / 4, MIN_WIDE_CELL))
    captions = [typeset.wrap(caption, cell) for caption in finding.captions]
    shown = min(count, MAX_ROWS * per_row)
    omitted = [f"the first {shown} of {count} images"] if shown < count else []
    rows = [range(start, min(start + per_row, shown)) for start in range(0, shown, per_row)]
    image_height = min(cell, 76.0) * min(1.0, finding.images.shape[1] / finding.images.shape[2])
    heights = [
        image_height
        + 4
        + max(typeset.height(captions[i]) for i in row)
        + _bars_height(finding)
        + GAP
        for row in rows
    ]
    has_legend = finding.probabilities is not None and bool(heights)
    images_height = sum(heights) - GAP if heights else 0.0
    legend_height = 1.6 * LINE * has_legend
    note_height = 1.4 * LINE * bool(omitted)
    page = lay_out(finding, style, style.two_columns, images_height + legend_height + note_height)
    if has_legend:
        _draw_legend(page, images_height + 1.1 * LINE)
    page.write_lines(0, images_height + legend_height + 0.4 * LINE, omitted, color=LIGHT.muted)
    top = 0.0
    for row, height in zip(rows, heights, strict=True):
        caption_height = max(typeset.height(captions[i]) for i in row)
        for column, index in enumerate(row):
            left = column * (cell + GAP)
            _draw_image(page, finding, index, (left, top, image_height))
            page.write_lines(left, top + image_height + 4, captions[index])
            _draw_bars(page, finding, index, (left, top + image_height + 6 + caption_height, cell))
        top += height
    return page.figure


def _draw_legend(page: Page, y: float) -> None:
    x = 0.0
    for role in ("predicted", "true"):
        page.canvas.add_patch(
            Rectangle((x, y - 3.5), 7, 7, facecolor=BAR_COLOURS[role], linewidth=0)
        )
        label = f"{role} class"
        page.write(x + 11, y, label, color=LIGHT.muted)
        x += 11 + typeset.width(label) + 14


def _draw_image(
    page: Page, finding: ImageGallery, index: int, place: tuple[float, float, float]
) -> None:
    left, top, height = place
    image = finding.images[index]
    axes = page.axes(left, top, height * image.shape[1] / image.shape[0], height)
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest", aspect="equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(LIGHT.rule)


def _bars_height(finding: ImageGallery) -> float:
    if finding.probabilities is None:
        return 0.0
    return 4 + LINE * min(image_gallery.N_CLASSES, finding.probabilities.shape[1])


def _draw_bars(
    page: Page, finding: ImageGallery, index: int, place: tuple[float, float, float]
) -> None:
    left, top, cell = place
    bars = image_gallery.top_classes(finding, index)
    room = cell - typeset.width(VALUE) - 6
    names = [typeset.shorten(bar.name, room * 0.62, bold=True) for bar in bars]
    start = max((typeset.width(name, bold=True) for name in names), default=0.0) + 4
    for rank, (bar, name) in enumerate(zip(bars, names, strict=True)):
        y = top + (rank + 0.5) * LINE
        weight = "bold" if bar.role else "normal"
        colour = BAR_COLOURS[bar.role]
        page.write(left, y, name, fontweight=weight)
        length = max((room - start) * bar.probability, 0.6)
        page.canvas.add_patch(
            Rectangle((left + start, y - 2.6), length, 5.2, facecolor=colour, linewidth=0)
        )
        page.write(left + cell, y, f"{bar.probability:.0%}".replace("%", " %"), ha="right")
