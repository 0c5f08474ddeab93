"""Network diagrams on paper: the shared layout, drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon
from matplotlib.path import Path as Outline

from glassnet.drawing.layout import diagram
from glassnet.drawing.palette import LIGHT, mix
from glassnet.drawing.paper.page import TWO_COLUMNS, Page, body_width, lay_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.findings import Diagram

COLUMNS = 7
STYLES: dict[str, dict[str, str]] = {
    "name": {"fontweight": "bold"},
    "kind": {"color": LIGHT.muted},
    "number": {},
}


def figure(finding: Diagram) -> Figure:
    """Draw a network over two columns, with the number of its parameters."""
    plan = diagram.layout(finding, COLUMNS, body_width(TWO_COLUMNS) / COLUMNS)
    page = lay_out(finding, TWO_COLUMNS, plan.height + 1.6 * diagram.LINE)
    for x, y, width, height in plan.bands:
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
    for link in plan.links:
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
    for box in plan.boxes:
        _draw_box(page, box)
    page.write(
        plan.width, plan.height + 0.9 * diagram.LINE, plan.total, ha="right", fontweight="bold"
    )
    return page.figure


def _draw_box(page: Page, box: diagram.Box) -> None:
    fill = LIGHT.families.get(box.family, LIGHT.ground)
    edge = mix(fill, LIGHT.ink, 0.45)
    shades = (fill, mix(fill, LIGHT.ground, 0.55), mix(fill, LIGHT.ink, 0.82))
    for corners, shade in zip(box.faces(), shades, strict=True):
        page.canvas.add_patch(
            Polygon(corners, facecolor=shade, edgecolor=edge, linewidth=0.5, joinstyle="round")
        )
    for index, (role, line) in enumerate(box.lines()):
        y = box.text_top + (index + 0.5) * diagram.LINE
        page.write(box.x + box.lean / 2, y, line, ha="center", **STYLES[role])
