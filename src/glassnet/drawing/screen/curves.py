"""Line charts on the screen: positions in per cent, and the words along the x axis."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.drawing.layout import curves, highlighted_text, labels
from glassnet.drawing.screen import css
from glassnet.drawing.screen.css import LINE, percent
from glassnet.findings import CurvePanel, Curves, Mark, Series

SIZE = (200.0, 190.0)
"""Smallest size of a panel; labels that fit there fit everywhere, if not near what they name."""

MARK_WIDTH = 130.0
WIDTHS = (810.0, 640.0, css.PHONE)
"""Smallest widths that large, medium and small screens leave for a full-width panel."""

MAX_NAME = 120.0
"""Largest length of a word along the x axis."""


def view(finding: Curves) -> dict[str, Any]:
    """Give what a page needs to draw curves; positions are in per cent from the top left."""
    ends = [
        css.width(series.label)
        for panel in finding.panels
        for series in panel.series
        if series.is_labelled
    ]
    right = max(ends, default=0.0) + 12
    names = [highlighted_text.clean_text(name).strip() for name in finding.x_names]
    return {
        "x_label": finding.x_label,
        "right_margin": round(right),
        "x_names": names,
        "names_height": round(min(max(map(css.width, names), default=0.0), MAX_NAME)),
        "diagonal": finding.diagonal,
        "panels": [_panel(finding, panel, names, right) for panel in finding.panels],
    }


def _panel(
    finding: Curves, panel: CurvePanel, names: Sequence[str], right: float
) -> dict[str, Any]:
    layout = _layout(finding, panel, names, SIZE)
    drawn, ends = [series for series in panel.series if len(series.x)], iter(layout.ends)
    left = max((css.width(label) for _, label in layout.y_ticks), default=0.0) + 9
    sized = {"": (SIZE, layout)}
    if panel.mark and len(finding.panels) == 1:
        large = (WIDTHS[0] - left - right, SIZE[1])
        at_large = large, _layout(finding, panel, names, large)
        sized = {"large-only": at_large, "small-only": (SIZE, layout)}
    return {
        "y_label": panel.y_label,
        "lines": [
            {
                "label": series.label,
                "role": series.role,
                "band": _band(layout, series),
                "points": [
                    (percent(x), percent(1 - y)) for x, y in layout.to_fractions(series.x, series.y)
                ],
                "style": "points" if series.points else "faint" if series.faint else "",
                "has_markers": series.points or (len(series.x) < 4 and not series.faint),
                "values": list(zip(map(float, series.x), map(float, series.y), strict=True)),
                "label_position": percent(1 - next(ends)) if series.is_labelled else None,
            }
            for series in drawn
        ],
        "x_ticks": [(percent(layout.to_fractions(v, 0)[0]), label) for v, label in layout.x_ticks],
        "y_ticks": [
            (percent(1 - layout.to_fractions(0, v)[1]), label) for v, label in layout.y_ticks
        ],
        "boundary": _boundary(panel, layout),
        "names": _names(panel, layout, names, [width - left - right for width in WIDTHS]),
        "left_margin": round(left),
        "mark": _mark(panel, sized),
    }


def _boundary(panel: CurvePanel, layout: curves.PanelLayout) -> float | None:
    if panel.boundary is None:
        return None
    return percent(float(layout.to_fractions(panel.boundary, 0)[0]))


def _layout(
    finding: Curves, panel: CurvePanel, names: Sequence[str], size: tuple[float, float]
) -> curves.PanelLayout:
    mark_size = _mark_size(panel.mark) if panel.mark else (0.0, 0.0)
    return curves.panel_layout(
        panel, size, mark_size, LINE, n_names=len(names), diagonal=finding.diagonal
    )


def _mark_size(mark: Mark) -> tuple[float, float]:
    width = css.width(mark.label, bold=True)
    return min(width, MARK_WIDTH), LINE * -(-width // MARK_WIDTH)


def _band(layout: curves.PanelLayout, series: Series) -> list[tuple[float, float]]:
    """List the outline of a curve's interval: along its high end, and back along its low one."""
    if series.low is None or series.high is None:
        return []
    high, low = (
        layout.to_fractions(series.x, series.high),
        layout.to_fractions(series.x, series.low)[::-1],
    )
    return [(percent(x), percent(1 - y)) for x, y in np.concatenate([high, low])]


def _names(
    panel: CurvePanel, layout: curves.PanelLayout, names: Sequence[str], lengths: Sequence[float]
) -> list[dict[str, Any]]:
    """Choose the words that fit on each screen, preferring those where the curves change most."""
    changes = curves.changes(panel, len(names))
    fractions = [float(layout.to_fractions(index, 0)[0]) for index in range(len(names))]
    remaining = [index for index, name in enumerate(names) if name]
    screens: dict[int, str] = {}
    for length, narrower in zip(lengths, ("large-only", "wide-only", ""), strict=True):
        chosen = labels.most_important(
            [changes[index] for index in remaining],
            [fractions[index] * length for index in remaining],
            [LINE] * len(remaining),
        )
        remaining = [remaining[choice] for choice in chosen]
        screens |= dict.fromkeys(remaining, narrower)
    return [
        {"text": names[index], "position": percent(fractions[index]), "screen": screens[index]}
        for index in sorted(screens)
    ]


def _mark(
    panel: CurvePanel, sized: Mapping[str, tuple[tuple[float, float], curves.PanelLayout]]
) -> dict[str, Any] | None:
    """Place the mark, and its label on each kind of screen.

    Args:
        sized: for each kind, the size of the panel there, and its layout at that size.
    """
    if panel.mark is None:
        return None
    _, layout = next(iter(sized.values()))
    x, y = layout.to_fractions(panel.mark.x, panel.mark.y)
    places = [
        _mark_label(panel.mark, layout, size) | {"screen": screen}
        for screen, (size, layout) in sized.items()
    ]
    return {"label": panel.mark.label, "position": (percent(x), percent(1 - y)), "places": places}


def _mark_label(
    mark: Mark, layout: curves.PanelLayout, size: tuple[float, float]
) -> dict[str, Any]:
    assert layout.mark is not None  # noqa: S101
    point = layout.to_fractions(mark.x, mark.y) * size
    centre = np.array(layout.mark) * size
    edge = labels.nearest_edge_point((point[0], point[1]), (centre[0], centre[1]), _mark_size(mark))
    return {
        "position": (percent(layout.mark[0]), percent(1 - layout.mark[1])),
        "has_leader": float(np.hypot(*(np.array(edge) - point))) > 1.5 * LINE,
    }
