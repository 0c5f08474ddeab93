"""A finding in a notebook: its title, its summary and its figure, of bounded size."""

from __future__ import annotations

from markupsafe import Markup

from glassnet.drawing.notebook import card
from glassnet.errors import UsageError
from glassnet.findings import Finding, Findings, Table, notebook

MAX_BYTES = 300_000
"""Largest size of an SVG, and of a PNG that is not made coarser."""

RESOLUTIONS = (192, 96, 48)
"""Resolutions of a PNG in dots per inch; the first one that is small enough is taken."""


@notebook.html.register
def finding_html(finding: Finding) -> str:
    """The title, the figure and the summary of a finding."""
    return card.card(finding.title, _figure(finding), card.line(finding.summary))


@notebook.html.register
def table_html(finding: Table) -> str:
    """The title, the rows and the summary of a table."""
    return card.card(finding.title, card.table(finding), card.line(finding.summary))


@notebook.html.register
def findings_html(findings: Findings) -> str:
    """The names and the titles of findings."""
    cells = [
        (card.code(name), record.title)
        for name, record in findings.items()
        if isinstance(record, Finding)
    ]
    return card.card(f"{len(cells)} findings", card.rows(("name", "what it shows"), cells))


def _figure(finding: Finding) -> Markup:
    """The figure as SVG, or as PNG where that is large; nothing if there is no drawing for it."""
    from glassnet.drawing.paper import encoding, figure
    from glassnet.drawing.paper.style import PageStyle

    try:
        drawing = figure.figure(finding, PageStyle(caption=False))
    except UsageError:
        return Markup("")
    width = encoding.CSS_DPI * drawing.get_size_inches()[0]
    content, kind = encoding.encoded(drawing, "svg"), "svg+xml"
    if len(content) > MAX_BYTES:
        for resolution in RESOLUTIONS:
            content, kind = encoding.encoded(drawing, "png", resolution), "png"
            if len(content) <= MAX_BYTES:
                break
    return card.image(content, kind, f"Figure: {finding.title}", width)
