"""A printed page: title on top, summary below, and space for the drawing between them.

All lengths are in points (1/72 inch); y runs downwards from the top of the body.
"""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from glassnet.drawing import typeset
from glassnet.drawing.palette import LIGHT
from glassnet.drawing.paper.encoding import FindingFigure
from glassnet.drawing.paper.style import PageStyle
from glassnet.findings import Finding

GAP = 7.0


@dataclass(frozen=True)
class Page:
    """A figure with its title and caption, and a body to draw in.

    Attributes:
        figure: the matplotlib figure.
        canvas: frameless axes whose units are the body's points, y downwards.
        width, height: the body's size.
        pad: space around it.
    """

    figure: FindingFigure
    canvas: Axes
    width: float
    height: float
    pad: float

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes at a position in the body, in points."""
        full_width, full_height = (inches * 72 for inches in self.figure.get_size_inches())
        return self.figure.add_axes(
            (
                (self.pad + left) / full_width,
                self.canvas.get_position().y1 - (top + height) / full_height,
                width / full_width,
                height / full_height,
            )
        )

    def write(self, x: float, y: float, text: str, **style: Any) -> None:
        """Write a line of text, vertically centred at y, starting at x unless `ha` is given."""
        defaults: dict[str, Any] = {"va": "center", "ha": "left", "color": LIGHT.ink}
        defaults |= {"fontsize": typeset.TEXT_SIZE}
        self.canvas.text(x, y, text, **(defaults | style))

    def write_lines(self, x: float, y: float, lines: list[str], **style: Any) -> float:
        """Write lines below each other, the first one's top at y; return the y below them."""
        step = style.get("fontsize", typeset.TEXT_SIZE) * typeset.LEADING
        for index, line in enumerate(lines):
            self.write(x, y + (index + 0.5) * step, line, **style)
        return y + len(lines) * step


def lay_out(finding: Finding, style: PageStyle, columns: float, height: float) -> Page:
    """Write a finding's title and summary around an empty body of the given height.

    `columns` is the style's `one_column` or `two_columns`. Without a caption there is the body
    alone.
    """
    inner, pad = style.body_width(columns), style.pad
    title = typeset.wrap(finding.title, inner, typeset.TITLE_SIZE, bold=True)
    summary = typeset.wrap(finding.summary, inner)
    above = (typeset.height(title, typeset.TITLE_SIZE) + GAP) * style.caption
    below = (typeset.height(summary) + GAP) * style.caption
    total = 2 * pad + above + height + below
    figure = FindingFigure(figsize=(columns / 72, total / 72), dpi=150, facecolor=LIGHT.ground)
    figure.title = finding.title
    canvas = figure.add_axes(
        (pad / columns, (pad + below) / total, inner / columns, height / total), zorder=-1
    )
    canvas.set_axis_off()
    canvas.set_xlim(0, inner)
    canvas.set_ylim(height, 0)
    page = Page(figure, canvas, inner, height, pad)
    if style.caption:
        page.write_lines(0, -above, title, fontsize=typeset.TITLE_SIZE, fontweight="bold")
        page.write_lines(0, height + GAP, summary)
    return page
