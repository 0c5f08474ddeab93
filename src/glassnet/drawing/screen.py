"""Findings on the screen: each kind as plain values that a page's template and script draw.

A view is a dict of text, numbers and lists, ready for a template (and, for scatters, for JSON). It
holds no markup and no colour: the page takes its colours from the palette's CSS variables, so that
figures follow the theme. Places are percentages of a panel, so that panels may have any width while
their words keep their size.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet import findings
from glassnet.drawing import (
    css,
    curves,
    diagram,
    images,
    labels,
    matrix,
    scatter,
    screen_bars,
    screen_mosaic,
    table,
    typeset,
)
from glassnet.drawing.css import LINE, percent
from glassnet.drawing.palette import CLASS_COLOURS
from glassnet.errors import UsageError

CURVES_SIZE = (200.0, 190.0)
"""The least size of a panel of curves: what has room there has room everywhere."""

MARK_WIDTH = 130.0
SCATTER_SIDE = 300.0
WIDE, NARROW = (7, 71.0), (3, 72.0)
"""Columns and width of a cell of the diagram, on a wide and on a narrow screen."""

DEEP = 0.7
"""From this depth on, a cell's number is written in the ground's colour."""

View = dict[str, Any]


def view(finding: findings.Finding) -> View:
    """Give what a page needs to draw a finding; `kind` says which template suits it.

    Raises:
        UsageError: this kind of finding has no drawing.

    Example:
        >>> from glassnet.findings import Receipt, Table
        >>> receipt = Receipt(run="", checkpoint="", split="", n=0, seed=None, command="")
        >>> finding = Table(name="t", section="result", title="", reading="", receipt=receipt,
        ...                 columns=("class", "n"), formats=("", ",d"), rows=(("cat", 1200),))
        >>> view(finding)["rows"][0][1]
        {'word': '1,200', 'sort': 1200}
    """
    for kind, describe in _VIEWS.items():
        if isinstance(finding, kind):
            return {"kind": kind.__name__.lower()} | describe(finding)
    raise UsageError(
        f"{type(finding).__name__}: this kind of finding has no drawing",
        f"kinds that have one: {', '.join(kind.__name__ for kind in _VIEWS)}",
    )


def packed(values: np.ndarray) -> str:
    """Encode numbers from 0 to 65535 as base64 of little-endian unsigned 16-bit integers."""
    return base64.b64encode(np.asarray(values).astype("<u2").tobytes()).decode("ascii")


def class_slots(count: int) -> list[int]:
    """Give each class the number of its colour, or -1 where there are too many to tell apart."""
    if count > 2 * len(CLASS_COLOURS):
        return [-1] * count
    return [number % len(CLASS_COLOURS) for number in range(count)]


def _curves(finding: findings.Curves) -> View:
    ends = [css.width(series.label) for panel in finding.panels for series in panel.series]
    return {
        "x_label": finding.x_label,
        "ends": round(max(ends, default=0.0) + 12),
        "panels": [_curve_panel(panel) for panel in finding.panels],
    }


def _curve_panel(panel: findings.CurvePanel) -> View:
    width = css.width(panel.mark.label, bold=True) if panel.mark else 0.0
    mark_size = (min(width, MARK_WIDTH), LINE * -(-width // MARK_WIDTH))
    plan = curves.plan(panel, CURVES_SIZE, mark_size, LINE)
    shown = [series for series in panel.series if len(series.x)]
    return {
        "y_label": panel.y_label,
        "lines": [
            {
                "label": series.label,
                "role": series.role,
                "points": [(percent(x), percent(1 - y)) for x, y in plan.share(series.x, series.y)],
                "dotted": len(series.x) < 4,
                "values": list(zip(map(float, series.x), map(float, series.y), strict=True)),
                "end": percent(1 - end),
            }
            for series, end in zip(shown, plan.ends, strict=True)
        ],
        "x_ticks": [(percent(plan.share(v, 0)[0]), word) for v, word in plan.x_ticks],
        "y_ticks": [(percent(1 - plan.share(0, v)[1]), word) for v, word in plan.y_ticks],
        "gutter": round(max((css.width(word) for _, word in plan.y_ticks), default=0.0) + 9),
        "mark": _mark(panel, plan, mark_size),
    }


def _mark(panel: findings.CurvePanel, plan: curves.Plan, size: tuple[float, float]) -> View | None:
    if panel.mark is None or plan.mark is None:
        return None
    width, height = CURVES_SIZE
    spot = plan.share(panel.mark.x, panel.mark.y)
    centre = (plan.mark[0] * width, plan.mark[1] * height)
    edge = labels.reach((spot[0] * width, spot[1] * height), centre, size)
    far = float(np.hypot(edge[0] - spot[0] * width, edge[1] - spot[1] * height)) > 1.5 * LINE
    return {
        "label": panel.mark.label,
        "at": (percent(spot[0]), percent(1 - spot[1])),
        "words": (percent(plan.mark[0]), percent(1 - plan.mark[1])),
        "thread": far,
    }


def _scatter(finding: findings.Scatter) -> View:
    slots = class_slots(len(finding.class_names))
    counts = np.bincount(finding.labels, minlength=len(finding.class_names))
    return {
        "count": len(finding.labels),
        "examples": finding.examples,
        "classes": [
            {"name": name, "slot": slot, "count": int(count)}
            for name, slot, count in zip(finding.class_names, slots, counts, strict=True)
        ],
        "panels": [_scatter_panel(finding, panel) for panel in finding.panels],
        "data": {
            "labels": packed(finding.labels),
            "slots": slots,
            "panels": [packed(_quantised(panel.points)) for panel in finding.panels],
        },
    }


def _quantised(points: np.ndarray) -> np.ndarray:
    """Turn points into whole 65535ths of their square, y downwards, as x, y, x, y, ..."""
    left, bottom, side = scatter.square(points)
    shares = (points.astype(float) - (left, bottom)) / side
    shares[:, 1] = 1 - shares[:, 1]
    return np.rint(shares * 65535).ravel()


def _scatter_panel(finding: findings.Scatter, panel: findings.ScatterPanel) -> View:
    names = scatter.place_names(
        panel.points,
        finding.labels,
        finding.class_names,
        SCATTER_SIDE,
        lambda name: css.width(name, bold=True),
        LINE,
    )
    return {
        "label": panel.label,
        "x_label": panel.x_label,
        "y_label": panel.y_label,
        "note": panel.note,
        "names": [
            {
                "text": name.text,
                "number": name.number,
                "at": (percent(name.place[0]), percent(1 - name.place[1])),
                "centre": (percent(name.centre[0]), percent(1 - name.centre[1])),
                "moved": name.moved,
            }
            for name in names
        ],
    }


def _image_grid(finding: findings.ImageGrid) -> View:
    return {
        "images": [
            {
                "uri": images.data_uri(images.enlarged(image)),
                "height": image.shape[0],
                "width": image.shape[1],
                "caption": caption,
                "bars": [
                    {
                        "name": bar.name,
                        "percent": percent(bar.probability),
                        "word": f"{bar.probability:.0%}".replace("%", "\N{NO-BREAK SPACE}%"),
                        "role": bar.role,
                    }
                    for bar in images.bars(finding, index)
                ],
            }
            for index, (image, caption) in enumerate(
                zip(finding.images, finding.captions, strict=True)
            )
        ],
    }


def _heatmap(finding: findings.Heatmap) -> View:
    depths = matrix.depth(finding.scale)
    confusion = matrix.is_confusion(finding)
    return {
        "row_label": finding.row_label,
        "column_label": finding.column_label,
        "columns": list(finding.column_names),
        "upright": max(map(len, finding.column_names), default=0) > 2,
        "unit": finding.unit,
        "by_row": matrix.is_row_share(finding),
        "confusion": confusion,
        "swatches": [
            (f"{100 * value:g}\N{NO-BREAK SPACE}%", round(float(matrix.depth(value)), 3))
            for value in matrix.SWATCHES
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
                        "share": f"{100 * finding.scale[row, column]:.2f}\N{NO-BREAK SPACE}%",
                        "zero": bool(finding.values[row, column] == 0),
                    }
                    for column, word in enumerate(words)
                ],
            }
            for row, words in enumerate(matrix.words(finding))
        ],
    }


def _table(finding: findings.Table) -> View:
    return {
        "columns": [
            {"name": name, "numeric": numeric}
            for name, numeric in zip(finding.columns, table.numeric(finding), strict=True)
        ],
        "rows": [
            [{"word": word, "sort": cell} for word, cell in zip(words, row, strict=True)]
            for words, row in zip(table.words(finding), finding.rows, strict=True)
        ],
    }


def _diagram(finding: findings.Diagram) -> View:
    return {
        "layouts": [
            ("wide", diagram.layout(finding, *WIDE)),
            ("narrow", diagram.layout(finding, *NARROW)),
        ],
        "size": typeset.TEXT_SIZE,
        "line": diagram.LINE,
    }


_VIEWS: dict[type, Callable[[Any], View]] = {
    findings.Curves: _curves,
    findings.Scatter: _scatter,
    findings.ImageGrid: _image_grid,
    findings.Mosaic: screen_mosaic.view,
    findings.Bars: screen_bars.view,
    findings.Heatmap: _heatmap,
    findings.Table: _table,
    findings.Diagram: _diagram,
}
