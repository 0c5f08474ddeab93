"""Highlighted texts on paper: running text, each word on a background coloured by its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from glassnet.drawing import typeset
from glassnet.drawing.layout import highlighted_text
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import HighlightedText, HighlightedTexts

LINE = typeset.TEXT_SIZE * typeset.LEADING
STEP = typeset.TEXT_SIZE * 1.62
"""Distance between two lines, whose backgrounds must not touch."""

GAP = 14.0
"""Space between two texts."""

MAX_LINES, MIN_LINES = 40, 4
"""Largest number of lines of all texts together, and smallest of one."""

SCALE = 72.0
RELATIVE = "each text is coloured relative to its own largest value"


def figure(finding: HighlightedTexts, style: PageStyle) -> Figure:
    """Draw texts below each other; long ones are truncated and say so."""
    inner = style.body_width(style.two_columns)
    max_lines = max(MIN_LINES, MAX_LINES // max(len(finding.texts), 1))
    coloured = highlighted_text.has_colours(finding.texts)
    blocks = [TextBlock(highlighted, inner, max_lines) for highlighted in finding.texts]
    explanation = typeset.wrap(f"{finding.value_label}; {RELATIVE}", inner) if coloured else []
    legend = (1.4 * LINE + typeset.height(explanation) + GAP) if coloured else 0.0
    page = lay_out(
        finding, style, style.two_columns, legend + sum(block.height for block in blocks) - GAP
    )
    if coloured:
        draw_scale(page, finding.low_label, finding.high_label, LINE / 2)
        page.write_lines(0, 1.2 * LINE, explanation, color=LIGHT.muted)
    top = legend
    for block in blocks:
        block.draw(page, top)
        top += block.height
    return page.figure


class TextBlock:
    """One text, broken into lines, with its caption above and its note below.

    Attributes:
        height: its height on the page, in points, including the space to the next one.
    """

    def __init__(self, highlighted: HighlightedText, width: float, max_lines: int) -> None:
        """Break a text into at most `max_lines` lines of `width` points."""
        rows = highlighted_text.break_lines(
            highlighted_text.text_runs(highlighted), width - 2, typeset.width
        )
        self.rows, is_cut = highlighted_text.truncate(rows, max_lines)
        self.base = highlighted_text.text_direction("".join(highlighted.pieces))
        self.width = width
        self.caption = typeset.wrap(
            highlighted_text.clean_text(highlighted.caption), width, bold=True
        )
        note = highlighted_text.clean_text(highlighted.note)
        if is_cut:
            shown = 1 + max(run.word for row in self.rows for run in row)
            truncated = f"the first {shown} of {len(highlighted.pieces)} words"
            note = "; ".join(filter(None, [note, truncated]))
        self.note = typeset.wrap(note, width) if note else []
        self.height = (
            typeset.height(self.caption)
            + len(self.rows) * STEP
            + typeset.height(self.note)
            + 2 * bool(self.note)
            + GAP
        )

    def draw(self, page: Page, top: float) -> None:
        """Draw the text, with the caption's upper edge at `top`."""
        y = page.write_lines(0, top, self.caption, fontweight="bold")
        for row in self.rows:
            self._draw_line(page, row, y + STEP / 2)
            y += STEP
        page.write_lines(0, y + 2, self.note, color=LIGHT.muted)

    def _draw_line(self, page: Page, row: list[highlighted_text.TextRun], y: float) -> None:
        runs = highlighted_text.visual_order(row, self.base)
        space = typeset.width(" ")
        widths = [typeset.width(run.text) for run in runs]
        gaps = [space if run.gap else 0.0 for run in runs]
        x = 1.0 if self.base == "ltr" else self.width - sum(widths) - sum(gaps) - 1
        for run, width, gap in zip(runs, widths, gaps, strict=True):
            x += gap
            if run.weight:
                draw_highlight(page, run.weight, (x, y), width)
            page.write(x, y, run.text)
            x += width


def draw_highlight(page: Page, weight: float, place: tuple[float, float], width: float) -> None:
    """Colour the background of a word; a strong one is also underlined, dotted if negative."""
    x, y = place
    half = typeset.TEXT_SIZE * 0.66
    fill = mix(LIGHT.high if weight > 0 else LIGHT.low, LIGHT.ground, abs(weight))
    page.canvas.add_patch(
        Rectangle((x - 1, y - half), width + 2, 2 * half, facecolor=fill, linewidth=0, zorder=1)
    )
    if abs(weight) >= highlighted_text.STRONG_WEIGHT:
        page.canvas.plot(
            [x, x + width],
            [y + half - 0.6] * 2,
            color=LIGHT.wrong if weight > 0 else LIGHT.accent,
            linewidth=1.0,
            dashes=() if weight > 0 else (1.0, 1.2),
            solid_capstyle="butt",
            dash_capstyle="butt",
            zorder=2,
        )


def draw_scale(page: Page, low: str, high: str, y: float, x: float = 0.0) -> float:
    """Draw the colour scale between the labels of its ends; return its right edge."""
    low, high = (typeset.shorten(name, page.width * 0.3) for name in (low, high))
    page.write(x, y, low)
    x += typeset.width(low) + 6
    steps = 48
    for index, weight in enumerate(np.linspace(-1, 1, steps)):
        fill = mix(LIGHT.high if weight > 0 else LIGHT.low, LIGHT.ground, abs(float(weight)))
        left = x + index * SCALE / steps
        page.canvas.add_patch(
            Rectangle((left, y - 3.5), SCALE / steps + 0.2, 7, facecolor=fill, linewidth=0)
        )
    page.write(x + SCALE + 6, y, high)
    return x + SCALE + 6 + typeset.width(high)
