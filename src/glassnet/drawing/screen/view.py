"""Findings on the screen: each kind as plain values that a page's template and script draw.

A view is a dict of text, numbers and lists, ready for a template (and, for scatters, for JSON). It
holds no markup and no colour: the page takes its colours from the palette's CSS variables, so that
figures follow the theme. Places are percentages of a panel, so that panels may have any width while
their words keep their size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glassnet import findings, png
from glassnet.drawing import typeset
from glassnet.drawing.layout import diagram, image_gallery, scatter, table
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
WIDE, NARROW = (7, 71.0), (3, 72.0)
"""Columns and width of a cell of the diagram, on a wide and on a narrow screen."""

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
            "trust": [projection_quality.distortion_data(panel) for panel in finding.panels],
        },
    }


def _scatter_panel(finding: findings.Scatter, panel: findings.ScatterPanel) -> View:
    names = scatter.class_labels(
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
        "said": panel.note,
        "note": scatter.short_note(panel),
        "quality_scores": projection_quality.score_views(panel),
        "dimmed": panel.distorted_label,
        "names": points.label_views(names),
    }


def _image_grid(finding: findings.ImageGallery) -> View:
    return {
        "images": [
            {
                "uri": png.data_uri(image_gallery.upscale(image)),
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
                    for bar in image_gallery.top_classes(finding, index)
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
            [{"word": word, "sort": cell} for word, cell in zip(words, row, strict=True)]
            for words, row in zip(table.format_cells(finding), finding.rows, strict=True)
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
    findings.Curves: curves.view,
    findings.Scatter: _scatter,
    findings.Animation: animation.view,
    findings.ImageGallery: _image_grid,
    findings.ImageGrid: image_grid.view,
    findings.Bars: bars.view,
    findings.Heatmap: heatmap.view,
    findings.HighlightedTexts: highlighted_text.view,
    findings.Table: _table,
    findings.Diagram: _diagram,
}
