"""Findings as matplotlib figures, and as PNG, SVG and PDF files.

A figure is one or two text columns wide (3.5 or 7.1 inches), or as wide as its `PageStyle` says;
its title is the finding's and its caption the finding's summary. Equal findings give equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import atomic, findings, progress
from glassnet.drawing.kinds import drawing_module
from glassnet.drawing.palette import LIGHT
from glassnet.drawing.paper.encoding import DPI, PNG_OPTIONS, encoded, settings
from glassnet.drawing.paper.style import DEFAULT_FORMATS, STANDARD, PageStyle
from glassnet.visible import all_visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

MOVING_DPI = 144
"""Resolution of a moving image, in dots per inch."""

MOVING_MARGIN = 16
"""Margin of a moving image, in pixels."""

FRAME_DURATION = 1000
"""How long a frame of a moving image is shown, in milliseconds."""

MAX_MOVING_BYTES = 2_000_000
"""Largest size of a moving image."""

SHRINKING = 0.7
"""How much smaller a moving image is made, repeatedly, that is too large with loss."""


def figure(finding: findings.Finding, style: PageStyle = STANDARD) -> Figure:
    """Draw a finding as a matplotlib figure, on a white background.

    The figure stands alone: it belongs to no window and changes no global setting of matplotlib.
    A notebook shows it as a PNG.

    Raises:
        UsageError: there is no drawing for this kind of finding.
    """
    import matplotlib

    from glassnet.drawing import typeset

    finding = all_visible(finding)
    if missing := typeset.cover("".join(_texts(finding))):
        finding = replace(finding, summary=f"{finding.summary} {_boxes(missing)}")
    with matplotlib.rc_context(settings()):
        drawing: Figure = drawing_module("paper", finding).figure(finding, style)
    return drawing


def draw(
    finding: findings.Record,
    folder: Path,
    style: PageStyle = STANDARD,
    formats: Sequence[str] = DEFAULT_FORMATS,
) -> list[Path]:
    """Write a finding into a folder as `NAME.png` (300 dpi), `NAME.svg` and the like.

    SVG and PDF have text as text; a PDF has its fonts within it, as TrueType. `Examples` are shown
    by other figures and have no file of their own.

    Returns:
        The paths of the files.

    Raises:
        UsageError: there is no drawing for this kind of finding.
        StorageError: the folder cannot be written to.
    """
    if isinstance(finding, findings.Examples):
        return []
    drawing = figure(finding, style)
    return [
        atomic.write(
            folder / f"{finding.name}.{extension}",
            encoded(drawing, extension, DPI, **_options(finding, extension)),
        )
        for extension in formats
    ]


def draw_animated(finding: findings.Animation, folder: Path) -> Path:
    """Write the frames of an animation into a folder as `NAME.webp`, a moving image that loops.

    It is 720 pixels wide and shows each frame for a second, the last one for two. It has 2 MB at
    most: where that is too little without loss, it is compressed with loss, and if need be smaller.

    Returns:
        The path of the file.

    Raises:
        StorageError: the folder cannot be written to.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import ImageOps
    from PIL.Image import fromarray

    from glassnet.drawing.paper import animation

    images = []
    with matplotlib.rc_context(settings()):
        for drawing in animation.frames(all_visible(finding)):
            drawing.set_dpi(MOVING_DPI)
            canvas = FigureCanvasAgg(drawing)
            canvas.draw()
            image = fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
            images.append(ImageOps.expand(image, MOVING_MARGIN, LIGHT.ground))
    content = _moving_image(images, lossless=True)
    while len(content) > MAX_MOVING_BYTES and images[0].width > 1:
        content = _moving_image(images, quality=60)
        images = [ImageOps.scale(image, SHRINKING) for image in images]
    return atomic.write(folder / f"{finding.name}.webp", content)


def _moving_image(images: Sequence[Image], **quality: Any) -> bytes:
    """Frames of one size as WebP; `quality` is as for Pillow."""
    durations, buffer = [FRAME_DURATION] * len(images), io.BytesIO()
    durations[-1] *= 2
    images[0].save(
        buffer, "WEBP", save_all=True, append_images=images[1:], duration=durations, **quality
    )
    return buffer.getvalue()


def _options(finding: findings.Finding, extension: str) -> dict[str, Any]:
    """Title and provenance for the file; no date, so that equal findings give equal bytes."""
    title, description = all_visible([finding.title, _provenance(finding)])
    if extension == "pdf":
        return {"metadata": {"Title": title, "Subject": description, "CreationDate": None}}
    metadata = {"Title": title, "Description": description}
    if extension == "png":
        return PNG_OPTIONS | {"metadata": metadata | {"Software": None}}
    return {"metadata": metadata | {"Date": None}}


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
