"""Measures of the page: words in CSS pixels, places in per cent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet.drawing import typeset
from glassnet.drawing.layout import labels

TEXT = 13.0
"""Size of a figure's words on the screen, in CSS pixels."""

LINE = TEXT * 1.3
PHONE = 328.0
"""Width that the narrowest phone leaves for a figure."""


def width(text: str, *, bold: bool = False) -> float:
    """Measure one line of text, in CSS pixels."""
    return typeset.width(text, TEXT, bold=bold)


def percent(share: float) -> float:
    """Turn a share into per cent, as exactly as a page needs it.

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
    """Choose the names along an axis that have room on a wide screen.

    Args:
        texts: all names; empty ones are left out.
        middles: where each has its middle, as a share of the axis.
        sizes: how much of the axis each takes, in CSS pixels.
        lengths: the axis on a wide screen and on a phone, in CSS pixels.

    Returns:
        Each name's `index` and `text`, where it is `at` in per cent, and whether it is `spare`: a
        phone has no room for it.
    """
    kept = labels.fitting_names(texts, [middle * lengths[0] for middle in middles], sizes)
    wide = [kept.get(index, "") for index in range(len(texts))]
    narrow = labels.fitting_names(wide, [middle * lengths[1] for middle in middles], sizes)
    return [
        {"index": index, "text": text, "at": percent(middles[index]), "spare": index not in narrow}
        for index, text in kept.items()
    ]
