"""Width, caption and file formats of printed figures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glassnet.errors import UsageError, suggest

FORMATS = ("png", "svg", "pdf")
"""File formats of figures; the first two are the default."""

DEFAULT_FORMATS = FORMATS[:2]

UNITS = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 72 / 72.27}
"""Unit of length -> points of 1/72 inch, the unit of all layouts. `pt` is TeX's, of which an inch
has 72.27: LaTeX prints \\columnwidth in it."""

MIN_WIDTH, MAX_WIDTH = 2.0, 20.0
"""Width of a figure in inches: text of 8 points needs the first."""


@dataclass(frozen=True)
class PageStyle:
    """How figures are laid out.

    Attributes:
        width: of every figure, in points (1/72 inch); None gives each one or two text columns of
            a paper (3.5 or 7.1 inches), whichever its content needs.
        caption: whether the title stands above the drawing, and the summary below.
    """

    width: float | None = None
    caption: bool = True

    @property
    def one_column(self) -> float:
        """Width of a figure that fits into one column."""
        return self.width or 3.5 * 72

    @property
    def two_columns(self) -> float:
        """Width of a figure that needs two columns."""
        return self.width or 7.1 * 72

    @property
    def pad(self) -> float:
        """Space around the drawing; less without a caption, for the text around it has its own."""
        return 6.0 if self.caption else 2.0

    def body_width(self, columns: float) -> float:
        """Compute the width that is left for drawing, from `one_column` or `two_columns`."""
        return columns - 2 * self.pad


STANDARD = PageStyle()
"""One or two columns, with captions."""


def points(width: str) -> float:
    """Convert a width such as `3.25in`, `8 cm`, `82mm` or `234.9pt` to points (1/72 inch).

    Raises:
        UsageError: it is no length, or too small or large for a figure.

    Example:
        >>> points("3.25in")
        234.0
    """
    match = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*([a-z]*)\s*", width)
    if not match or match[2] not in UNITS:
        raise UsageError(
            f"the width {width!r} is no length",
            f"give a number with its unit ({', '.join(UNITS)}), such as 3.25in",
        )
    result = float(match[1]) * UNITS[match[2]]
    if not MIN_WIDTH * 72 - 0.1 <= result <= MAX_WIDTH * 72 + 0.1:
        raise UsageError(
            f"no figure can be {width} wide", f"give {MIN_WIDTH:g}in to {MAX_WIDTH:g}in"
        )
    return result


def checked_formats(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Return the formats without repetitions.

    Raises:
        UsageError: there is no such format, or none at all.
    """
    for each in formats:
        if each not in FORMATS:
            raise UsageError(f"there is no format {each!r}", suggest(each, FORMATS))
    if not formats:
        raise UsageError("no format is given", f"give some of {', '.join(FORMATS)}")
    return tuple(dict.fromkeys(formats))
