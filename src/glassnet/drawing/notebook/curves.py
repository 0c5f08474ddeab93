"""Small curves as SVG images: the panels of `Curves`, light enough to be drawn while one waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from markupsafe import Markup

from glassnet.drawing import tokens, typeset
from glassnet.drawing.layout import curves
from glassnet.drawing.notebook import card
from glassnet.drawing.palette import LIGHT
from glassnet.findings import CurvePanel, Series

WIDTH, HEIGHT = 210.0, 92.0
"""Size of a plot, in CSS pixels."""

SIZE = 11.0
"""Font size, in CSS pixels."""

LINE = SIZE * typeset.LEADING

POINTS = 120
"""Points of a curve; of more, some are left out."""

COLOURS = {
    "train": LIGHT.muted,
    "valid": LIGHT.accent,
    "test": LIGHT.ink,
    "other": LIGHT.muted,
    **{role: LIGHT.classes[slot] for role, slot in tokens.series_slots()},
}


def images(panels: Iterable[CurvePanel], x_label: str) -> Markup:
    """All panels beside each other, as far as there is room; those without values are left out."""
    drawn = []
    for panel in map(_finite, panels):
        if panel.series:
            content, width = svg(panel, x_label)
            alternative = description(panel, x_label)
            drawn.append(card.image(content.encode(), "svg+xml", alternative, width))
    return Markup("<div>{}</div>").format(Markup(" ").join(drawn)) if drawn else Markup("")


def svg(panel: CurvePanel, x_label: str) -> tuple[str, float]:
    """Draw a panel that has a value; return the SVG and its width in CSS pixels."""
    without_label = replace(panel, mark=None)  # to find a place for it takes ten times as long
    layout = curves.panel_layout(without_label, (WIDTH, HEIGHT), (0, 0), LINE)
    labelled = [series for series in panel.series if series.is_labelled]
    left = 6 + max((typeset.width(label, SIZE) for _, label in layout.y_ticks), default=0.0)
    right = 10 + max(
        [typeset.width(each, SIZE) for each in (x_label, *(s.label for s in labelled))]
    )
    top, width, height = LINE + 4, left + WIDTH + right, LINE + 4 + HEIGHT + LINE + 6

    def place(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        across, up = layout.to_fractions(x, y).T
        return np.stack([left + across * WIDTH, top + (1 - up) * HEIGHT], axis=-1)

    parts = [_text(left, SIZE, panel.y_label)]
    for value, label in layout.y_ticks:
        y = top + (1 - float(layout.to_fractions(0, value)[1])) * HEIGHT
        parts += [_rule(left, y, WIDTH, LIGHT.rule), _text(left - 5, y + 4, label, "end")]
    parts.append(_rule(left, top + HEIGHT, WIDTH, LIGHT.muted))
    for value, label in layout.x_ticks:
        x = left + float(layout.to_fractions(value, 0)[0]) * WIDTH
        parts.append(_text(x, top + HEIGHT + LINE, label, "middle"))
    parts.append(_text(left + WIDTH + 8, top + HEIGHT + LINE, x_label))
    if panel.boundary is not None:
        x = left + float(layout.to_fractions(panel.boundary, 0)[0]) * WIDTH
        parts.append(_boundary(x, top, HEIGHT))
    for series in panel.series:
        parts += _drawn(series, place)
    if panel.mark:
        point = place(np.array([panel.mark.x]), np.array([panel.mark.y]))
        parts += _dots(point, 3, LIGHT.accent)
    for series, end in zip(labelled, layout.ends, strict=True):
        y = top + (1 - end) * HEIGHT + 4
        parts.append(_text(left + WIDTH + 8, y, series.label, colour=COLOURS[series.role]))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w:.0f}" height="{h:.0f}" '
        'viewBox="0 0 {w:.0f} {h:.0f}" font-family="system-ui,sans-serif" font-size="{size:g}">'
        "{parts}</svg>"
    ).format(w=width, h=height, size=SIZE, parts=Markup("").join(parts)), width


def description(panel: CurvePanel, x_label: str) -> str:
    """What the curves of a panel show, in a sentence.

    Example:
        >>> line = Series(label="train", role="train", x=np.arange(2), y=np.array([2.0, 0.5]))
        >>> description(CurvePanel(y_label="loss", series=(line,), mark=None), "epoch")
        'loss by epoch: train from 2 to 0.5'
    """
    shown = [
        f"{series.label} from {float(series.y[0]):.4g} to {float(series.y[-1]):.4g}"
        for series in panel.series
        if series.is_labelled
    ]
    mark = panel.mark
    marked = f"; {mark.label} at {x_label} {mark.x:g}" if mark else ""
    return f"{panel.y_label} by {x_label}: {', '.join(shown)}{marked}"


def _finite(panel: CurvePanel) -> CurvePanel:
    """Leave out values that are not finite, and points beyond `POINTS`."""
    shown = []
    for series in panel.series:
        chosen = np.flatnonzero(np.isfinite(series.x) & np.isfinite(series.y))
        if len(chosen) > POINTS:
            chosen = chosen[np.linspace(0, len(chosen) - 1, POINTS).round().astype(int)]
        if len(chosen):
            low, high = (
                None if ends is None else ends[chosen] for ends in (series.low, series.high)
            )
            shown.append(
                replace(series, x=series.x[chosen], y=series.y[chosen], low=low, high=high)
            )
    return replace(panel, series=tuple(shown))


def _drawn(series: Series, place: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> list[Markup]:
    """A curve with its band; a single value is a point."""
    colour, parts = COLOURS[series.role], []
    if series.low is not None and series.high is not None:
        outline = np.concatenate([place(series.x, series.high), place(series.x, series.low)[::-1]])
        parts.append(
            Markup('<polygon points="{}" fill="{}" fill-opacity="{}"/>').format(
                _points(outline), colour, tokens.INTERVAL_OPACITY
            )
        )
    points = place(series.x, series.y)
    if len(points) == 1 or series.points:
        return parts + _dots(points, 2, colour)
    width = 1.0 if series.faint else 1.5
    dash = " ".join(f"{length * width:g}" for length in tokens.DASHES[series.role]) or "none"
    parts.append(
        Markup(
            '<polyline points="{}" fill="none" stroke="{}" stroke-width="{}" '
            'stroke-dasharray="{}" stroke-opacity="{}" stroke-linejoin="round"/>'
        ).format(
            _points(points),
            colour,
            width,
            dash,
            tokens.ONE_OF_SEVERAL_OPACITY if series.faint else 1,
        )
    )
    return parts


def _dots(points: np.ndarray, radius: float, colour: str) -> list[Markup]:
    return [
        Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:g}" fill="{}"/>').format(x, y, radius, colour)
        for x, y in points.tolist()
    ]


def _points(values: np.ndarray) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in values.tolist())


def _rule(x: float, y: float, width: float, colour: str) -> Markup:
    return Markup('<path d="M{:.1f} {:.1f}h{:.0f}" stroke="{}"/>').format(x, y, width, colour)


def _boundary(x: float, y: float, height: float) -> Markup:
    dash = " ".join(f"{length:g}" for length in tokens.GUIDE_DASHES)
    return Markup('<path d="M{:.1f} {:.1f}v{:.0f}" stroke="{}" stroke-dasharray="{}"/>').format(
        x, y, height, LIGHT.muted, dash
    )


def _text(
    x: float, y: float, content: str, anchor: str = "start", colour: str = LIGHT.ink
) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="{}">{}</text>').format(
        x, y, anchor, colour, card.text(content)
    )
