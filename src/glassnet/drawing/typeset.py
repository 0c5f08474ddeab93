"""Text measurement on paper: widths, line breaks and truncation.

Widths are measured in the font of the figures, in points (1/72 inch), so that no text is clipped or
overlaps another.
"""

import logging
import re
from functools import lru_cache

from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.textpath import text_to_path

from glassnet.drawing import fonts

TITLE_SIZE = 9.0
TEXT_SIZE = 8.0
LEADING = 1.28
"""Distance between two lines, as a multiple of the font size."""


FALLBACK_FONTS = (
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
"""Fonts for scripts that DejaVu Sans lacks, used where they are installed."""

LAST_RESORT = "Last Resort High-Efficiency"
"""A font that comes with matplotlib: it draws any character as a box with its script's name."""


_found: list[str] = []
"""Further families, which `cover` has found."""


def cover(text: str) -> tuple[str, ...]:
    """Use installed fonts for the letters of a text that DejaVu Sans lacks.

    Returns:
        The names of scripts that no installed font has; they are drawn as boxes.
    """
    families, missing = fonts.covering(text)
    if new := [family for family in families if family not in font_families()]:
        _found.extend(new)
        font_families.cache_clear()
        width.cache_clear()
    return missing


@lru_cache(maxsize=1)
def font_families() -> tuple[str, ...]:
    """List the font families of figures; each supplies the characters that those before it lack."""
    installed = {font.name for font in fontManager.ttflist}
    known = (*FALLBACK_FONTS, *_found, LAST_RESORT)
    fallbacks = [name for name in known if name in installed]
    logging.getLogger("matplotlib.font_manager").addFilter(_concerns_no_fallback)
    return "sans-serif", *fallbacks


def _concerns_no_fallback(record: logging.LogRecord) -> bool:
    """Whether to log a message of matplotlib: fallback fonts without a bold face are normal."""
    message = record.getMessage()
    return not any(name in message for name in (*FALLBACK_FONTS, *_found, LAST_RESORT))


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


def wrap(text: str, max_width: float, size: float = TEXT_SIZE, *, bold: bool = False) -> list[str]:
    """Break text into lines of at most `max_width` points; words that are too long are broken, too.

    A number stays on one line with its unit, `%` or `nats`.

    Example:
        >>> wrap("one two", width("one t"))
        ['one', 'two']
    """
    lines = [""]
    unbreakable = re.sub(r"(?<=\d) (?=%|nats?\b)", "\N{NO-BREAK SPACE}", text.strip())
    for word in re.split(r"[ \t\n]+", unbreakable):
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size, bold=bold) <= max_width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and width(lines[-1] + letter, size, bold=bold) > max_width:
                lines.append("")
            lines[-1] += letter
    return lines


def shorten(text: str, max_width: float, size: float = TEXT_SIZE, *, bold: bool = False) -> str:
    """Truncate a line to at most `max_width` points, with an ellipsis if anything was removed.

    Example:
        >>> shorten("pool1", 100.0)
        'pool1'
    """
    if width(text, size, bold=bold) <= max_width:
        return text
    while text and width(f"{text}…", size, bold=bold) > max_width:
        text = text[:-1].rstrip()
    return f"{text}…"


def height(lines: list[str], size: float = TEXT_SIZE) -> float:
    """Compute the height of a block of lines, in points."""
    return len(lines) * size * LEADING
