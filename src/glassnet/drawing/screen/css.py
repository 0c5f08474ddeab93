"""Text measurement in CSS pixels and positions in per cent."""

from collections.abc import Sequence
from typing import Any

from glassnet.drawing import typeset
from glassnet.drawing.layout import labels

TEXT = 13.0
"""Font size of figures on the screen, in CSS pixels."""

LINE = TEXT * 1.3
PHONE = 328.0
"""Width that the narrowest phone leaves for a figure."""


def width(text: str, *, bold: bool = False) -> float:
    """Measure one line of text, in CSS pixels."""
    return typeset.width(text, TEXT, bold=bold)


def percent(share: float) -> float:
    """Convert a fraction to per cent, rounded to what a page needs.

    Example:
        >>> percent(0.12345)
        12.35
    """
    return round(100 * float(share), 2)


def visible_names(
    texts: Sequence[str],
    middles: Sequence[float],
    sizes: Sequence[float],
    lengths: tuple[float, float],
) -> list[dict[str, Any]]:
    """Choose the names along an axis that fit on a wide screen.

    Args:
        texts: all names; empty ones are skipped.
        middles: each name's middle, as a fraction of the axis.
        sizes: each name's length along the axis, in CSS pixels.
        lengths: length of the axis on a wide screen and on a phone, in CSS pixels.

    Returns:
        Each name's `index`, `text` and `position` in per cent, and whether it is `wide_only`: there
        is no room for it on a phone.
    """
    wide = labels.fitting_names(texts, [middle * lengths[0] for middle in middles], sizes)
    on_wide = [wide.get(index, "") for index in range(len(texts))]
    narrow = labels.fitting_names(on_wide, [middle * lengths[1] for middle in middles], sizes)
    return [
        {
            "index": index,
            "text": text,
            "position": percent(middles[index]),
            "wide_only": index not in narrow,
        }
        for index, text in wide.items()
    ]
