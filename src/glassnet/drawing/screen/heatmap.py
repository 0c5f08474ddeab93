"""Heatmaps on the screen: numbers in cells, or signed values as colours alone."""

from __future__ import annotations

from typing import Any

from glassnet.drawing.layout import heatmap, highlighted_text
from glassnet.drawing.screen.css import percent
from glassnet.findings import Heatmap

DEEP = 0.7
"""From this depth on, a cell's number is written in the ground's colour."""

LETTERS = 30
"""How many letters of the columns' names may stand side by side on a phone."""


def view(finding: Heatmap) -> dict[str, Any]:
    """Give what a page needs to draw a heatmap."""
    names = [highlighted_text.clean_text(name).strip() for name in finding.column_names]
    longest = max(map(len, names), default=0)
    shared = {
        "row_label": finding.row_label,
        "column_label": finding.column_label,
        "columns": names,
        "upright": longest > 2 and longest * len(names) > LETTERS,
        "unit": finding.unit,
        "signed": finding.diverging,
    }
    return shared | (_signed(finding) if finding.diverging else _numbered(finding))


def _signed(finding: Heatmap) -> dict[str, Any]:
    return {
        "by_row": False,
        "ends": heatmap.scale_labels(finding),
        "rows": [
            {
                "name": name,
                "cells": [
                    {
                        "value": highlighted_text.format_signed(float(value)),
                        "sign": "high" if share > 0 else "low",
                        "depth": percent(min(abs(float(share)), 1.0)),
                    }
                    for value, share in zip(values, shares, strict=True)
                ],
            }
            for name, values, shares in zip(
                finding.row_names, finding.values, finding.scale, strict=True
            )
        ],
    }


def _share(finding: Heatmap, row: int, column: int) -> str:
    if finding.span is not None:
        return ""
    return f"{100 * finding.scale[row, column]:.2f}\N{NO-BREAK SPACE}%"


def _numbered(finding: Heatmap) -> dict[str, Any]:
    depths = heatmap.intensities(finding)
    confusion = heatmap.is_confusion(finding)
    return {
        "by_row": heatmap.is_row_share(finding),
        "confusion": confusion,
        "swatches": [
            (word.replace(" ", "\N{NO-BREAK SPACE}"), round(depth, 3))
            for word, depth in heatmap.swatches(finding)
        ],
        "rows": [
            {
                "name": finding.row_names[row],
                "cells": [
                    {
                        "word": word,
                        "depth": round(float(depths[row, column]), 3),
                        "deep": bool(depths[row, column] >= DEEP),
                        "wrong": confusion and row != column,
                        "share": _share(finding, row, column),
                        "zero": bool(finding.values[row, column] == 0),
                    }
                    for column, word in enumerate(words)
                ],
            }
            for row, words in enumerate(heatmap.format_values(finding))
        ],
    }
