"""Words on paper: how wide they are, and where their lines break.

Widths are measured in the font that figures use, in points (1/72 inch), so that nothing is clipped
and nothing overlaps.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache

from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.textpath import text_to_path

TITLE_SIZE = 9.0
TEXT_SIZE = 8.0
LEADING = 1.28
"""Distance between two lines, as a multiple of the size."""


OTHER_SCRIPTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Malgun Gothic",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Nirmala UI",
    "Leelawadee UI",
)
"""Fonts for scripts that DejaVu Sans does not have, where they are installed."""

LAST_RESORT = "Last Resort High-Efficiency"
"""A font that comes with matplotlib: of any letter it draws a box with the script's name."""


@lru_cache(maxsize=1)
def font_families() -> tuple[str, ...]:
    """Name the fonts that a figure takes its letters from, each for what those before it lack."""
    installed = {font.name for font in fontManager.ttflist}
    others = [name for name in (*OTHER_SCRIPTS, LAST_RESORT) if name in installed]
    logging.getLogger("matplotlib.font_manager").addFilter(
        lambda record: not any(name in record.getMessage() for name in others)
    )  # that such a font has no bold letters is no news to anyone
    return "sans-serif", *others


@lru_cache(maxsize=16384)
def width(text: str, size: float = TEXT_SIZE, *, bold: bool = False) -> float:
    """Measure one line of text, in points.

    Example:
        >>> width("mm") > width("ii")
        True
    """
    named = ["DejaVu Sans", *font_families()[1:]]
    font = FontProperties(family=named, weight="bold" if bold else "normal", size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def wrap(text: str, limit: float, size: float = TEXT_SIZE, *, bold: bool = False) -> list[str]:
    """Break text into lines of at most `limit` points; a word that is too long is broken too.

    A number stays with its per cent sign or its nats.

    Example:
        >>> wrap("one two", width("one t"))
        ['one', 'two']
    """
    lines = [""]
    glued = re.sub(r"(?<=\d) (?=%|nats?\b)", "\N{NO-BREAK SPACE}", text.strip())
    for word in re.split(r"[ \t\n]+", glued):
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size, bold=bold) <= limit:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and width(lines[-1] + letter, size, bold=bold) > limit:
                lines.append("")
            lines[-1] += letter
    return lines


def shorten(text: str, limit: float, size: float = TEXT_SIZE, *, bold: bool = False) -> str:
    """Cut a line to at most `limit` points, ending in an ellipsis where something was cut.

    Example:
        >>> shorten("pool1", 100.0)
        'pool1'
    """
    if width(text, size, bold=bold) <= limit:
        return text
    while text and width(f"{text}…", size, bold=bold) > limit:
        text = text[:-1].rstrip()
    return f"{text}…"


def height(lines: list[str], size: float = TEXT_SIZE) -> float:
    """Give the height of a block of lines, in points."""
    return len(lines) * size * LEADING
