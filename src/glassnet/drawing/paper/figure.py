"""Findings as matplotlib figures, PNG files and SVG files.

A figure is one or two text columns wide (3.5 or 7.1 inches); its title is the finding's and its
caption the finding's summary. Equal findings give equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import atomic, findings, progress
from glassnet.drawing.kinds import drawing_module
from glassnet.visible import all_visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 300
"""Resolution of the PNG, and of the points inside the SVG, in dots per inch."""

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
    "savefig.bbox": None,
    "savefig.facecolor": "auto",
}


def figure(finding: findings.Finding) -> Figure:
    """Draw a finding as a matplotlib figure, on a white background.

    The figure stands alone: it belongs to no window and changes no global setting of matplotlib.

    Raises:
        UsageError: there is no drawing for this kind of finding.
    """
    import matplotlib

    from glassnet.drawing import typeset

    finding = all_visible(finding)
    if missing := typeset.cover("".join(_texts(finding))):
        finding = replace(finding, summary=f"{finding.summary} {_boxes(missing)}")
    with matplotlib.rc_context(settings()):
        drawing: Figure = drawing_module("paper", finding).figure(finding)
    return drawing


def draw(finding: findings.Record, folder: Path) -> list[Path]:
    """Write a finding into a folder as `NAME.png` (300 dpi) and `NAME.svg` (text as text).

    `Examples` are shown by other figures and have no file of their own.

    Returns:
        The paths of the files.

    Raises:
        UsageError: there is no drawing for this kind of finding.
        StorageError: the folder cannot be written to.
    """
    if isinstance(finding, findings.Examples):
        return []
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    metadata = all_visible({"Title": finding.title, "Description": _provenance(finding)})
    drawing = figure(finding)
    paths = []
    with matplotlib.rc_context(settings()):
        for canvas, extension, options in (
            (
                FigureCanvasAgg(drawing),
                "png",
                PNG_OPTIONS | {"metadata": metadata | {"Software": None}},
            ),
            (FigureCanvasSVG(drawing), "svg", {"metadata": metadata | {"Date": None}}),
        ):
            buffer = io.BytesIO()
            canvas.print_figure(buffer, format=extension, dpi=DPI, **options)
            paths.append(atomic.write(folder / f"{finding.name}.{extension}", buffer.getvalue()))
    return paths


def settings() -> dict[Any, Any]:
    """Give the matplotlib settings under which figures are made and saved.

    Without hinting, text is as wide as it was measured, at any resolution.
    """
    from glassnet.drawing import typeset

    return _SETTINGS | {"font.family": list(typeset.font_families())}


def _texts(value: object) -> Iterator[str]:
    """All texts in a finding that figures may show."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value) and not isinstance(value, findings.Provenance):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))


@lru_cache
def _boxes(missing: tuple[str, ...]) -> str:
    """The note on scripts without a font, which is logged once as well."""
    names = " and ".join(missing)
    progress.log(
        f"no installed font has the letters of figures in {names}: they are drawn as boxes; "
        f"install a font, such as Noto Sans"
    )
    return f"No installed font has {names}: drawn as boxes."


def _provenance(finding: findings.Finding) -> str:
    provenance = finding.provenance
    parts = [
        provenance.run,
        provenance.checkpoint,
        provenance.split and f"{provenance.n} {provenance.split}",
    ]
    return "; ".join([*filter(None, parts), provenance.command])
