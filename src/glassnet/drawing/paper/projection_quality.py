"""What stands under a panel of points on paper: its gauges, what is dimmed, and its note."""

from __future__ import annotations

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from glassnet.drawing import typeset
from glassnet.drawing.layout import scatter
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.page import Page
from glassnet.findings import QualityScore, ScatterPanel

LINE = typeset.TEXT_SIZE * typeset.LEADING
STEP = 1.15 * LINE
"""From one gauge to the next."""

BAR = 4.0
DOT_WIDTH = 8.0
"""Thickness of a bar, and the room that the sample of a dimmed point takes."""


class PanelCaption:
    """The lines under one panel, set to a width; all measures in points.

    Attributes:
        height: what they take.
    """

    def __init__(self, panel: ScatterPanel, width: float) -> None:
        self.quality_scores, self.width = panel.quality_scores, width
        self.legend = typeset.wrap(panel.distorted_label, width - DOT_WIDTH)
        self.note = typeset.wrap(scatter.short_note(panel), width)
        if not panel.distorted_label:
            self.legend = []
        self.bars = len(self.quality_scores) * STEP + 3 * bool(self.quality_scores)
        lines = (self.bars, typeset.height(self.legend), typeset.height(self.note))
        self.height = sum(lines) + 3 * bool(self.legend)

    def draw(self, page: Page, left: float, top: float) -> None:
        """Set them from a place on the sheet downwards."""
        for index, gauge in enumerate(self.quality_scores):
            self._draw_gauge(page, gauge, left, top + (index + 0.5) * STEP)
        y = top + self.bars
        if self.legend:
            draw_dimmed_dot(page, left + 2, y + LINE / 2)
            y = page.block(left + DOT_WIDTH, y, self.legend, color=LIGHT.muted) + 3
        page.block(left, y, self.note, color=LIGHT.muted)

    def _draw_gauge(self, page: Page, gauge: QualityScore, left: float, y: float) -> None:
        start = left + 4 + max(typeset.width(each.label) for each in self.quality_scores)
        end = (
            left
            + self.width
            - 5
            - max(typeset.width(each.formatted) for each in self.quality_scores)
        )
        page.write(left, y, gauge.label)
        page.write(left + self.width, y, gauge.formatted, ha="right")
        for colour, share in ((LIGHT.rule, 1.0), (LIGHT.accent, gauge.value)):
            page.canvas.add_patch(_bar(start, y, (end - start) * share, colour))
        ends = [start + (end - start) * share for share in (gauge.low, gauge.high)]
        page.canvas.add_line(Line2D(ends, [y, y], color=LIGHT.ink, linewidth=1.0))


def draw_dimmed_dot(page: Page, x: float, y: float) -> None:
    """Draw the sample of a dimmed point."""
    pale = mix(LIGHT.ink, LIGHT.ground, 0.3)
    dot = Line2D([x], [y], marker="o", markersize=3.4, markerfacecolor=pale, markeredgewidth=0)
    page.canvas.add_line(dot)


def _bar(left: float, middle: float, width: float, colour: str) -> Rectangle:
    return Rectangle((left, middle - BAR / 2), width, BAR, facecolor=colour, linewidth=0)
