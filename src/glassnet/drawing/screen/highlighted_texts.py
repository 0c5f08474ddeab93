"""Highlighted texts on the screen: words with their colours, as real text in the page."""

from typing import Any

from glassnet.drawing.layout import highlighted_text
from glassnet.drawing.screen.css import percent
from glassnet.findings import HighlightedText, HighlightedTexts

MAX_WORDS = 160
"""Texts with more words than this scroll."""


def view(finding: HighlightedTexts) -> dict[str, Any]:
    """Give what a page needs to draw highlighted texts; colour intensities are in per cent."""
    return {
        "low_label": finding.low_label,
        "high_label": finding.high_label,
        "value_label": finding.value_label,
        "has_colours": highlighted_text.has_colours(finding.texts),
        "texts": [_text(highlighted) for highlighted in finding.texts],
    }


def _text(highlighted: HighlightedText) -> dict[str, Any]:
    return {
        "caption": highlighted_text.clean_text(highlighted.caption),
        "note": highlighted_text.clean_text(highlighted.note),
        "direction": highlighted_text.text_direction("".join(highlighted.pieces)),
        "scrolls": len(highlighted.pieces) > MAX_WORDS,
        "words": [_word(word) for word in highlighted_text.split_words(highlighted)],
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
        "intensity": percent(abs(word.weight)),
    }
