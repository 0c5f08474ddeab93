"""Passages on the screen: words with what stands around them, for real text in the page."""

from __future__ import annotations

from typing import Any

from glassnet.drawing.layout import highlighted_text
from glassnet.drawing.screen.css import percent
from glassnet.findings import HighlightedText, HighlightedTexts

LONG = 160
"""Passages of more words than this scroll."""


def view(finding: HighlightedTexts) -> dict[str, Any]:
    """Give what a page needs to draw passages; a word's depth of colour is in per cent."""
    return {
        "low_label": finding.low_label,
        "high_label": finding.high_label,
        "value_label": finding.value_label,
        "coloured": highlighted_text.has_colours(finding.texts),
        "texts": [_passage(passage) for passage in finding.texts],
    }


def _passage(passage: HighlightedText) -> dict[str, Any]:
    return {
        "caption": highlighted_text.clean_text(passage.caption),
        "note": highlighted_text.clean_text(passage.note),
        "direction": highlighted_text.text_direction("".join(passage.pieces)),
        "long": len(passage.pieces) > LONG,
        "words": [_word(word) for word in highlighted_text.split_words(passage)],
    }


def _word(word: highlighted_text.Word) -> dict[str, Any]:
    role = (
        ("high" if word.weight > 0 else "low")
        if abs(word.weight) >= highlighted_text.MIN_WEIGHT
        else ""
    )
    return {
        "before": word.before,
        "text": word.text,
        "after": word.after,
        "value": highlighted_text.format_signed(word.value),
        "role": f"{role} strong" if abs(word.weight) >= highlighted_text.STRONG_WEIGHT else role,
        "depth": percent(abs(word.weight)),
    }
