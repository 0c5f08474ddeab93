"""Passages on paper: running text, each word on a ground whose colour is its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle

from glassnet.drawing import typeset
from glassnet.drawing.layout import highlighted_text
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.page import TWO_COLUMNS, Page, body_width, lay_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import HighlightedText, HighlightedTexts

LINE = typeset.TEXT_SIZE * typeset.LEADING
STEP = typeset.TEXT_SIZE * 1.62
"""Distance between two lines of a passage, whose grounds must not meet."""

GAP = 14.0
"""Room between two passages."""

MOST_LINES, LEAST_LINES = 40, 4
"""How many lines all passages together may have, and one at least."""

SCALE = 72.0
SHARE = "each text is coloured relative to its own largest value"


def figure(finding: HighlightedTexts) -> Figure:
    """Draw passages below each other; of long ones the beginning, with a word on how much it is."""
    inner = body_width(TWO_COLUMNS)
    most = max(LEAST_LINES, MOST_LINES // max(len(finding.texts), 1))
    coloured = highlighted_text.has_colours(finding.texts)
    blocks = [Block(passage, inner, most) for passage in finding.texts]
    meaning = typeset.wrap(f"{finding.value_label}; {SHARE}", inner) if coloured else []
    key = (1.4 * LINE + typeset.height(meaning) + GAP) if coloured else 0.0
    page = lay_out(finding, TWO_COLUMNS, key + sum(block.height for block in blocks) - GAP)
    if coloured:
        draw_scale(page, finding.low_label, finding.high_label, LINE / 2)
        page.block(0, 1.2 * LINE, meaning, color=LIGHT.muted)
    top = key
    for block in blocks:
        block.draw(page, top)
        top += block.height
    return page.figure


class Block:
    """One passage, set in lines, with its caption above and its note below.

    Attributes:
        height: what it takes of the sheet, in points, the room to the next one included.
    """

    def __init__(self, passage: HighlightedText, width: float, most: int) -> None:
        """Set a passage in lines of `width` points, at most so many."""
        rows = highlighted_text.break_lines(
            highlighted_text.text_runs(passage), width - 2, typeset.width
        )
        self.rows, is_cut = highlighted_text.truncate(rows, most)
        self.base = highlighted_text.text_direction("".join(passage.pieces))
        self.width = width
        self.caption = typeset.wrap(highlighted_text.clean_text(passage.caption), width, bold=True)
        note = highlighted_text.clean_text(passage.note)
        if is_cut:
            shown = 1 + max(run.word for row in self.rows for run in row)
            whole = f"the first {shown} of {len(passage.pieces)} words"
            note = "; ".join(filter(None, [note, whole]))
        self.note = typeset.wrap(note, width) if note else []
        self.height = (
            typeset.height(self.caption)
            + len(self.rows) * STEP
            + typeset.height(self.note)
            + 2 * bool(self.note)
            + GAP
        )

    def draw(self, page: Page, top: float) -> None:
        """Draw the passage, its caption's upper edge at `top`."""
        y = page.block(0, top, self.caption, fontweight="bold")
        for row in self.rows:
            self._draw_line(page, row, y + STEP / 2)
            y += STEP
        page.block(0, y + 2, self.note, color=LIGHT.muted)

    def _draw_line(self, page: Page, row: list[highlighted_text.TextRun], y: float) -> None:
        placed = highlighted_text.visual_order(row, self.base)
        space = typeset.width(" ")
        widths = [typeset.width(run.text) for run in placed]
        gaps = [space if run.gap else 0.0 for run in placed]
        x = 1.0 if self.base == "ltr" else self.width - sum(widths) - sum(gaps) - 1
        for run, width, gap in zip(placed, widths, gaps, strict=True):
            x += gap
            if run.weight:
                draw_ground(page, run.weight, (x, y), width)
            page.write(x, y, run.text)
            x += width


def draw_ground(page: Page, weight: float, place: tuple[float, float], width: float) -> None:
    """Colour the ground of a word; a strong one is underlined too, dotted where it is negative."""
    x, y = place
    half = typeset.TEXT_SIZE * 0.66
    tone = LIGHT.high if weight > 0 else LIGHT.low
    fill = mix(tone, LIGHT.ground, abs(weight))
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
    """Draw the two colours from deep to deep between the words for either end; gives the end."""
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
