"""Passages on the screen: words with what stands around them, for real text in the page."""

from __future__ import annotations

from typing import Any

from glassnet.drawing import passages
from glassnet.drawing.css import percent
from glassnet.findings import Passage, TokenStrip

LONG = 160
"""Passages of more words than this scroll."""


def view(finding: TokenStrip) -> dict[str, Any]:
    """Give what a page needs to draw passages; a word's depth of colour is in per cent."""
    return {
        "low_label": finding.low_label,
        "high_label": finding.high_label,
        "value_label": finding.value_label,
        "coloured": passages.is_coloured(finding.passages),
        "passages": [_passage(passage) for passage in finding.passages],
    }


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "caption": passages.clean(passage.caption),
        "note": passages.clean(passage.note),
        "direction": passages.direction("".join(passage.pieces)),
        "long": len(passage.pieces) > LONG,
        "words": [_word(word) for word in passages.words(passage)],
    }


def _word(word: passages.Word) -> dict[str, Any]:
    role = ("high" if word.share > 0 else "low") if abs(word.share) >= passages.LEAST else ""
    return {
        "before": word.before,
        "text": word.text,
        "after": word.after,
        "value": passages.number(word.value),
        "role": f"{role} strong" if abs(word.share) >= passages.STRONG else role,
        "depth": percent(abs(word.share)),
    }
