"""Network diagrams on the screen."""

from typing import Any

from glassnet.drawing import typeset
from glassnet.drawing.layout import diagram
from glassnet.findings import Diagram

WIDE_DIAGRAM, NARROW_DIAGRAM = (7, 71.0), (3, 72.0)
"""Columns and cell width, on a wide and on a narrow screen."""


def view(finding: Diagram) -> dict[str, Any]:
    """Give the boxes of the layers for a wide and for a narrow screen."""
    return {
        "layouts": [
            ("wide", diagram.layout(finding, *WIDE_DIAGRAM)),
            ("narrow", diagram.layout(finding, *NARROW_DIAGRAM)),
        ],
        "size": typeset.TEXT_SIZE,
        "line": diagram.LINE,
    }
