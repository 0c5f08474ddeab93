"""Scatter plots on the screen."""

from typing import Any

from glassnet.drawing.layout import projection_quality as quality_words, scatter
from glassnet.drawing.screen import css, points, projection_quality
from glassnet.drawing.screen.css import LINE
from glassnet.drawing.screen.points import class_shapes, class_slots, pack_uint16, quantise
from glassnet.findings import Scatter, ScatterPanel

SIDE = 300.0
"""Side of a panel for which the names of the classes are placed, in CSS pixels."""


def view(finding: Scatter) -> dict[str, Any]:
    """Give the panels, the points in 16 bits and what distorts them, for a script."""
    return {
        "count": len(finding.labels),
        "examples": finding.examples,
        "classes": points.class_views(finding),
        "panels": [_panel(finding, panel) for panel in finding.panels],
        "data": {
            "labels": pack_uint16(finding.labels),
            "slots": class_slots(len(finding.class_names)),
            "shapes": class_shapes(len(finding.class_names)),
            "panels": [
                pack_uint16(quantise(positions, scatter.bounding_square(positions)))
                for positions in map(scatter.positions, finding.panels)
            ],
            "distortion": [projection_quality.distortion_data(panel) for panel in finding.panels],
        },
    }


def _panel(finding: Scatter, panel: ScatterPanel) -> dict[str, Any]:
    labels = scatter.class_labels(
        scatter.positions(panel),
        finding.labels,
        finding.class_names,
        SIDE,
        lambda name: css.width(name, bold=True),
        LINE,
    )
    x_ticks, y_ticks = scatter.ticks(panel)
    return {
        "label": panel.label,
        "x_label": panel.x_label,
        "y_label": panel.y_label,
        "x_ticks": [(css.percent(share), label) for share, label in x_ticks],
        "y_ticks": [(css.percent(1 - share), label) for share, label in y_ticks],
        "alt_text": quality_words.full_note(panel),
        "note": panel.note,
        "quality_scores": projection_quality.score_views(panel),
        "dimmed_label": quality_words.legend(panel),
        "class_labels": points.label_views(labels),
    }
