"""Findings in other words, for tests that nothing is read from words."""

from __future__ import annotations

import dataclasses
import string
from typing import Any

from glassnet.findings import Claim

WORDS = {
    *("title", "summary", "note", "caption", "captions", "formatted", "drift_note", "kind", "unit"),
    *("columns", "rows", "label", "x_label", "y_label", "row_label", "column_label"),
    *("frame_label", "reference_label", "muted_label", "low_label", "high_label", "value_label"),
}
"""Fields that hold words for people; all others hold data."""

LETTERS = str.maketrans(
    {letter: chr(ord("а") + place % 32) for place, letter in enumerate(string.ascii_letters)}
)


def translated(value: Any, field: str = "") -> Any:
    """The same finding with every letter of its words replaced by a Cyrillic one."""
    if isinstance(value, str):
        return value.translate(LETTERS) if field in WORDS else value
    if isinstance(value, tuple):
        return tuple(translated(each, field) for each in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changes = {
        each.name: translated(getattr(value, each.name), each.name)
        for each in dataclasses.fields(value)
    }
    if isinstance(value, Claim):
        changes["name"] = value.name.translate(LETTERS)
    return dataclasses.replace(value, **changes)
