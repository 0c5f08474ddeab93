"""Matplotlib figures as files and in notebooks, under settings of their own."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from glassnet.drawing import typeset

DPI = 300
"""Resolution of the PNG, and of the points inside SVG and PDF, in dots per inch."""

SCREEN_DPI = 192
"""Resolution of a figure in a notebook, for screens with two pixels per CSS pixel."""

CSS_DPI = 96
"""CSS pixels per inch."""

CANVASES = {"png": "agg", "svg": "svg", "pdf": "pdf"}
"""Format -> the backend of matplotlib that writes it."""

PNG_OPTIONS: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}}
"""Compression that takes a third of the time of the default 6, for files a tenth larger."""

_SETTINGS: dict[Any, Any] = {
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
    "font.size": 8.0,
    "text.parse_math": False,
    "text.hinting": "none",
    "axes.unicode_minus": True,
    "axes.linewidth": 0.6,
    "path.simplify": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "glassnet",
    "pdf.fonttype": 42,
    "savefig.bbox": None,
    "savefig.facecolor": "auto",
}


class FindingFigure(Figure):
    """A figure that a notebook shows, whether or not it has imported pyplot.

    Attributes:
        title: of the finding, the text for readers who cannot see the figure.
    """

    title = ""

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        size = zip(("width", "height"), self.get_size_inches(), strict=True)
        pixels = {name: round(CSS_DPI * float(inches)) for name, inches in size}
        return encoded(self, "png", SCREEN_DPI), pixels | {"alt": f"Figure: {self.title}"}


def encoded(drawing: Figure, extension: str, dpi: int = DPI, **options: Any) -> bytes:
    """Write a figure as `png`, `svg` or `pdf`.

    Args:
        drawing: the figure.
        extension: the format.
        dpi: resolution of a PNG, and of the points inside SVG and PDF.
        options: of matplotlib's `print_figure`.
    """
    module = import_module(f"matplotlib.backends.backend_{CANVASES[extension]}")
    buffer = io.BytesIO()
    with matplotlib.rc_context(settings()):
        module.FigureCanvas(drawing).print_figure(buffer, format=extension, dpi=dpi, **options)
    return buffer.getvalue()


def settings() -> dict[Any, Any]:
    """Give the matplotlib settings under which figures are made and saved.

    Without hinting, text is as wide as it was measured, at any resolution.
    """
    return _SETTINGS | {"font.family": list(typeset.font_families())}
