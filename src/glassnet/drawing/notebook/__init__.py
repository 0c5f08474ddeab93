"""HTML for notebooks, without scripts; importing it makes findings show themselves there."""

from glassnet.drawing.notebook import finding

__all__ = ["finding"]
