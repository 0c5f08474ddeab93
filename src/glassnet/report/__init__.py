"""Report on runs: one self-contained HTML file, drawn from findings alone."""

from glassnet.report.page import render, write
from glassnet.report.sections import RunView

__all__ = ["RunView", "render", "write"]
