"""Projection quality on paper: quality scores, legend of dimmed points and note under a panel."""

from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from glassnet.drawing import tokens, typeset
from glassnet.drawing.layout import projection_quality
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.page import Page
from glassnet.findings import QualityScore, ScatterPanel

LINE = typeset.TEXT_SIZE * typeset.LEADING
STEP = 1.15 * LINE
"""Distance from one quality score to the next."""

BAR = 4.0
"""Thickness of a score's bar, and space for the sample of a dimmed point."""
MIN_BAR = 24.0
"""Length below which a bar is left out: the score is there as a number."""

DOT_WIDTH = 8.0
"""Thickness of a bar, and the room that the sample of a dimmed point takes."""


class PanelCaption:
    """The lines under one panel, wrapped to a width; all lengths in points.

    Attributes:
        height: the height of all lines.
    """

    def __init__(self, panel: ScatterPanel, width: float) -> None:
        self.quality_scores, self.width = panel.quality_scores, width
        legend = projection_quality.legend(panel)
        self.legend = typeset.wrap(legend, width - DOT_WIDTH) if legend else []
        self.note = typeset.wrap(panel.note, width)
        self.bars = len(self.quality_scores) * STEP + 3 * bool(self.quality_scores)
        lines = (self.bars, typeset.height(self.legend), typeset.height(self.note))
        self.height = sum(lines) + 3 * bool(self.legend)

    def draw(self, page: Page, left: float, top: float) -> None:
        """Draw the lines downwards from a position on the page."""
        for index, score in enumerate(self.quality_scores):
            self._draw_score(page, score, left, top + (index + 0.5) * STEP)
        y = top + self.bars
        if self.legend:
            draw_dimmed_dot(page, left + 2, y + LINE / 2)
            y = page.write_lines(left + DOT_WIDTH, y, self.legend, color=LIGHT.muted) + 3
        page.write_lines(left, y, self.note, color=LIGHT.muted)

    def _draw_score(self, page: Page, score: QualityScore, left: float, y: float) -> None:
        labels = map(projection_quality.label, self.quality_scores)
        start = left + 4 + max(map(typeset.width, labels))
        end = (
            left
            + self.width
            - 5
            - max(typeset.width(other.formatted) for other in self.quality_scores)
        )
        page.write(left + self.width, y, score.formatted, ha="right")
        if end - start < MIN_BAR:
            page.write(left, y, projection_quality.short_label(score))
            return
        page.write(left, y, projection_quality.label(score))
        for colour, share in ((LIGHT.rule, 1.0), (LIGHT.accent, score.value)):
            corner, width = (start, y - BAR / 2), (end - start) * share
            page.canvas.add_patch(Rectangle(corner, width, BAR, facecolor=colour, linewidth=0))
        ends = [start + (end - start) * share for share in (score.low, score.high)]
        page.canvas.add_line(Line2D(ends, [y, y], color=LIGHT.ink, linewidth=1.0))


def draw_dimmed_dot(page: Page, x: float, y: float) -> None:
    """Draw the sample of a dimmed point."""
    pale = mix(LIGHT.ink, LIGHT.ground, tokens.DIMMED_SAMPLE)
    dot = Line2D([x], [y], marker="o", markersize=3.4, markerfacecolor=pale, markeredgewidth=0)
    page.canvas.add_line(dot)
