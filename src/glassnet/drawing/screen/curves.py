"""Curves on the screen: places in per cent, and the words that stand along the x axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.drawing.layout import curves, highlighted_text, labels
from glassnet.drawing.screen import css
from glassnet.drawing.screen.css import LINE, percent
from glassnet.findings import CurvePanel, Curves, Series

SIZE = (200.0, 190.0)
"""The least size of a panel of curves: what has room there has room everywhere."""

MARK_WIDTH = 130.0
ROOMS = (810.0, 640.0, css.PHONE)
"""The least that wide, middling and narrow screens leave for a panel on all their width."""

LONGEST = 120.0
"""How long a word along the x axis may be."""


def view(finding: Curves) -> dict[str, Any]:
    """Give what a page needs to draw curves; all places are per cent from the left and the top."""
    ends = [css.width(series.label) for panel in finding.panels for series in panel.series]
    beyond = max(ends, default=0.0) + 12
    names = [highlighted_text.clean_text(name).strip() for name in finding.x_names]
    return {
        "x_label": finding.x_label,
        "ends": round(beyond),
        "words": names,
        "deep": round(min(max(map(css.width, names), default=0.0), LONGEST)),
        "diagonal": finding.diagonal,
        "panels": [_panel(finding, panel, names, beyond) for panel in finding.panels],
    }


def _panel(
    finding: Curves, panel: CurvePanel, names: Sequence[str], beyond: float
) -> dict[str, Any]:
    width = css.width(panel.mark.label, bold=True) if panel.mark else 0.0
    mark_size = (min(width, MARK_WIDTH), LINE * -(-width // MARK_WIDTH))
    plan = curves.panel_layout(
        panel, SIZE, mark_size, LINE, names=len(names), diagonal=finding.diagonal
    )
    shown = [series for series in panel.series if len(series.x)]
    gutter = max((css.width(word) for _, word in plan.y_ticks), default=0.0) + 9
    return {
        "y_label": panel.y_label,
        "lines": [
            {
                "label": series.label,
                "role": series.role,
                "band": _band(plan, series),
                "points": [
                    (percent(x), percent(1 - y)) for x, y in plan.to_fractions(series.x, series.y)
                ],
                "dotted": len(series.x) < 4,
                "values": list(zip(map(float, series.x), map(float, series.y), strict=True)),
                "end": percent(1 - end),
            }
            for series, end in zip(shown, plan.ends, strict=True)
        ],
        "x_ticks": [(percent(plan.to_fractions(v, 0)[0]), word) for v, word in plan.x_ticks],
        "y_ticks": [(percent(1 - plan.to_fractions(0, v)[1]), word) for v, word in plan.y_ticks],
        "names": _names(panel, plan, names, [room - gutter - beyond for room in ROOMS]),
        "gutter": round(gutter),
        "mark": _mark(panel, plan, mark_size),
    }


def _band(plan: curves.PanelLayout, series: Series) -> list[tuple[float, float]]:
    """Walk around a line's interval: there along its high end, and back along its low one."""
    if series.low is None or series.high is None:
        return []
    there, back = (
        plan.to_fractions(series.x, series.high),
        plan.to_fractions(series.x, series.low)[::-1],
    )
    return [(percent(x), percent(1 - y)) for x, y in np.concatenate([there, back])]


def _names(
    panel: CurvePanel, plan: curves.PanelLayout, names: Sequence[str], lengths: Sequence[float]
) -> list[dict[str, Any]]:
    """Choose the words that there is room for on each screen: those at which lines turn most."""
    turns = curves.changes(panel, len(names))
    shares = [float(plan.to_fractions(index, 0)[0]) for index in range(len(names))]
    kept = [index for index, name in enumerate(names) if name]
    role: dict[int, str] = {}
    for length, narrower in zip(lengths, ("extra", "spare", ""), strict=True):
        chosen = labels.most_important(
            [turns[index] for index in kept],
            [shares[index] * length for index in kept],
            [LINE] * len(kept),
        )
        kept = [kept[place] for place in chosen]
        role |= dict.fromkeys(kept, narrower)
    return [
        {"text": names[index], "at": percent(shares[index]), "role": role[index]}
        for index in sorted(role)
    ]


def _mark(
    panel: CurvePanel, plan: curves.PanelLayout, size: tuple[float, float]
) -> dict[str, Any] | None:
    if panel.mark is None or plan.mark is None:
        return None
    width, height = SIZE
    spot = plan.to_fractions(panel.mark.x, panel.mark.y)
    centre = (plan.mark[0] * width, plan.mark[1] * height)
    edge = labels.nearest_edge_point((spot[0] * width, spot[1] * height), centre, size)
    far = float(np.hypot(edge[0] - spot[0] * width, edge[1] - spot[1] * height)) > 1.5 * LINE
    return {
        "label": panel.mark.label,
        "at": (percent(spot[0]), percent(1 - spot[1])),
        "words": (percent(plan.mark[0]), percent(1 - plan.mark[1])),
        "thread": far,
    }
