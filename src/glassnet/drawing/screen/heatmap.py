"""Heatmaps on the screen: numbers in cells, or colours alone for signed values."""

from typing import Any

from glassnet.drawing.layout import heatmap, highlighted_text
from glassnet.drawing.palette import DARK, LIGHT, luminance, mix
from glassnet.drawing.screen.css import percent
from glassnet.findings import Heatmap

NBSP = "\N{NO-BREAK SPACE}"
DEEP = 0.179
"""Luminance of a cell below which white is more legible on it than black: at least 4.5 to 1."""

MAX_LETTERS = 30
"""Number of letters of column names that fit side by side on a phone."""


def view(finding: Heatmap) -> dict[str, Any]:
    """Give what a page needs to draw a heatmap."""
    names = [highlighted_text.clean_text(name).strip() for name in finding.column_names]
    longest = max(map(len, names), default=0)
    shared = {
        "row_label": finding.row_label,
        "column_label": finding.column_label,
        "columns": names,
        "upright": longest > 2 and longest * len(names) > MAX_LETTERS,
        "unit": finding.unit,
        "signed": finding.diverging,
        "decimals": finding.span is not None,
    }
    return shared | (_signed(finding) if finding.diverging else _numbered(finding))


def _signed(finding: Heatmap) -> dict[str, Any]:
    return {
        "is_row_share": False,
        "is_confusion": False,
        "scale_labels": heatmap.scale_labels(finding),
        "rows": [
            {
                "name": name,
                "cells": [
                    {
                        "value": highlighted_text.format_signed(float(value)),
                        "sign": "high" if share > 0 else "low",
                        "intensity": percent(min(abs(float(share)), 1.0)),
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
    return "" if finding.span is not None else f"{100 * finding.scale[row, column]:.2f}{NBSP}%"


def _depth(intensity: float, *, is_wrong: bool) -> str:
    """Class names of a cell that is deep in the light theme, or bright in the dark one."""
    deep = [
        luminance(mix(theme.wrong if is_wrong else theme.accent, theme.ground, intensity)) < DEEP
        for theme in (LIGHT, DARK)
    ]
    return " ".join(["deep-in-light"] * deep[0] + ["bright-in-dark"] * (not deep[1]))


def _numbered(finding: Heatmap) -> dict[str, Any]:
    intensities = heatmap.intensities(finding)
    confusion = heatmap.is_confusion(finding)
    return {
        "is_row_share": heatmap.is_row_share(finding),
        "is_confusion": confusion,
        "swatches": [
            (label.replace(" ", NBSP), round(intensity, 3))
            for label, intensity in heatmap.swatches(finding)
        ],
        "rows": [
            {
                "name": finding.row_names[row],
                "cells": [
                    {
                        "formatted": formatted,
                        "intensity": round(float(intensities[row, column]), 3),
                        "depth": _depth(
                            float(intensities[row, column]), is_wrong=confusion and row != column
                        ),
                        "is_wrong": confusion and row != column,
                        "share": _share(finding, row, column),
                        "is_zero": bool(finding.values[row, column] == 0),
                    }
                    for column, formatted in enumerate(formatted_row)
                ],
            }
            for row, formatted_row in enumerate(heatmap.format_values(finding))
        ],
    }
