"""Network diagrams on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon
from matplotlib.path import Path as Outline

from glassnet.drawing import tokens
from glassnet.drawing.layout import diagram
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.page import Page, lay_out
from glassnet.drawing.paper.style import PageStyle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Diagram

MAX_COLUMNS, COLUMN = 7, 65.0
"""Largest number of layers beside each other, and the width that each needs."""

STYLES: dict[str, dict[str, str]] = {
    "name": {"fontweight": "bold"},
    "kind": {"color": LIGHT.muted},
    "number": {},
}


def figure(finding: Diagram, style: PageStyle) -> Figure:
    """Draw a network over two columns, with its number of parameters."""
    inner = style.body_width(style.two_columns)
    columns = min(MAX_COLUMNS, int(inner / COLUMN))
    layout = diagram.layout(finding, columns, inner / columns)
    page = lay_out(finding, style, style.two_columns, layout.height + 1.6 * diagram.LINE)
    for x, y, width, height in layout.bands:
        page.canvas.add_patch(
            FancyBboxPatch(
                (x + 3, y + 3),
                width - 6,
                height - 6,
                boxstyle="round,pad=3,rounding_size=4",
                facecolor=LIGHT.raised,
                linewidth=0,
            )
        )
    for link in layout.links:
        page.canvas.add_patch(
            FancyArrowPatch(
                path=Outline(link),
                arrowstyle="-|>,head_length=3,head_width=1.6",
                linewidth=0.7,
                color=LIGHT.muted,
                shrinkA=0,
                shrinkB=0,
                joinstyle="round",
            )
        )
    for box in layout.boxes:
        _draw_box(page, box)
    page.write(
        layout.width,
        layout.height + 0.9 * diagram.LINE,
        layout.total,
        ha="right",
        fontweight="bold",
    )
    return page.figure


def _draw_box(page: Page, box: diagram.Box) -> None:
    fill = LIGHT.families.get(box.family, LIGHT.ground)
    edge = mix(fill, LIGHT.ink, tokens.EDGE_FILL)
    for corners, shade in zip(
        box.faces(),
        (fill, mix(fill, LIGHT.ground, tokens.TOP_FILL), mix(fill, LIGHT.ink, tokens.SIDE_FILL)),
        strict=True,
    ):
        page.canvas.add_patch(
            Polygon(corners, facecolor=shade, edgecolor=edge, linewidth=0.5, joinstyle="round")
        )
    for index, (role, line) in enumerate(box.lines()):
        y = box.text_top + (index + 0.5) * diagram.LINE
        page.write(box.x + box.lean / 2, y, line, ha="center", **STYLES[role])
