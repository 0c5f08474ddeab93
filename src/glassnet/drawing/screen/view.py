"""Findings on the screen: each kind as plain values that a template and a script draw.

A view is a dict of texts, numbers and lists, ready for a template (and for JSON, if a script needs
it). It holds no markup and no colour: the page takes its colours from the palette's CSS variables,
so that figures follow the theme. Positions are in per cent of a panel, so that panels may have any
width while text keeps its size.
"""

from collections.abc import Callable
from typing import Any

from glassnet import findings, png
from glassnet.drawing import typeset
from glassnet.drawing.layout import (
    diagram,
    image_gallery,
    projection_quality as quality_words,
    scatter,
    table,
)
from glassnet.drawing.screen import (
    animation,
    bars,
    css,
    curves,
    heatmap,
    highlighted_text,
    image_grid,
    points,
    projection_quality,
)
from glassnet.drawing.screen.css import LINE, percent
from glassnet.drawing.screen.points import class_slots, pack_uint16, quantise
from glassnet.errors import UsageError

SCATTER_SIDE = 300.0
WIDE_DIAGRAM, NARROW_DIAGRAM = (7, 71.0), (3, 72.0)
"""Columns and cell width of a network diagram, on a wide and on a narrow screen."""

View = dict[str, Any]


def view(finding: findings.Finding) -> View:
    """Give what a page needs to draw a finding; `kind` selects the template.

    Raises:
        UsageError: there is no drawing for this kind of finding.

    Example:
        >>> from glassnet.findings import Provenance, Table
        >>> provenance = Provenance(run="", checkpoint="", split="", n=0, seed=None, command="")
        >>> finding = Table(name="t", section="result", title="", summary="", provenance=provenance,
        ...                 columns=("class", "n"), formats=("", ",d"), rows=(("cat", 1200),))
        >>> view(finding)["rows"][0][1]
        {'formatted': '1,200', 'sort_value': 1200}
    """
    for kind, describe in _VIEWS.items():
        if isinstance(finding, kind):
            return {"kind": kind.__name__.lower()} | describe(finding)
    raise UsageError(
        f"{type(finding).__name__}: no drawing for this kind of finding",
        f"kinds with a drawing: {', '.join(kind.__name__ for kind in _VIEWS)}",
    )


def _scatter(finding: findings.Scatter) -> View:
    return {
        "count": len(finding.labels),
        "examples": finding.examples,
        "classes": points.class_views(finding),
        "panels": [_scatter_panel(finding, panel) for panel in finding.panels],
        "data": {
            "labels": pack_uint16(finding.labels),
            "slots": class_slots(len(finding.class_names)),
            "panels": [
                pack_uint16(quantise(panel.points, scatter.bounding_square(panel.points)))
                for panel in finding.panels
            ],
            "distortion": [projection_quality.distortion_data(panel) for panel in finding.panels],
        },
    }


def _scatter_panel(finding: findings.Scatter, panel: findings.ScatterPanel) -> View:
    labels = scatter.class_labels(
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
        "alt_text": quality_words.full_note(panel),
        "note": panel.note,
        "quality_scores": projection_quality.score_views(panel),
        "dimmed_label": quality_words.legend(panel),
        "class_labels": points.label_views(labels),
    }


def _image_gallery(finding: findings.ImageGallery) -> View:
    return {
        "images": [
            {
                "uri": png.data_uri(image_gallery.upscale(image)),
                "height": image.shape[0],
                "width": image.shape[1],
                "caption": caption,
                "classes": [
                    {
                        "name": probability.name,
                        "percent": percent(probability.probability),
                        "formatted": f"{probability.probability:.0%}".replace(
                            "%", "\N{NO-BREAK SPACE}%"
                        ),
                        "role": probability.role,
                    }
                    for probability in image_gallery.top_classes(finding, index)
                ],
            }
            for index, (image, caption) in enumerate(
                zip(finding.images, finding.captions, strict=True)
            )
        ],
    }


def _table(finding: findings.Table) -> View:
    return {
        "columns": [
            {"name": name, "numeric": numeric}
            for name, numeric in zip(finding.columns, table.numeric_columns(finding), strict=True)
        ],
        "rows": [
            [
                {"formatted": formatted, "sort_value": cell}
                for formatted, cell in zip(formatted_row, row, strict=True)
            ]
            for formatted_row, row in zip(table.format_cells(finding), finding.rows, strict=True)
        ],
    }


def _diagram(finding: findings.Diagram) -> View:
    return {
        "layouts": [
            ("wide", diagram.layout(finding, *WIDE_DIAGRAM)),
            ("narrow", diagram.layout(finding, *NARROW_DIAGRAM)),
        ],
        "size": typeset.TEXT_SIZE,
        "line": diagram.LINE,
    }


_VIEWS: dict[type, Callable[[Any], View]] = {
    findings.Curves: curves.view,
    findings.Scatter: _scatter,
    findings.Animation: animation.view,
    findings.ImageGallery: _image_gallery,
    findings.ImageGrid: image_grid.view,
    findings.Bars: bars.view,
    findings.Heatmap: heatmap.view,
    findings.HighlightedTexts: highlighted_text.view,
    findings.Table: _table,
    findings.Diagram: _diagram,
}
