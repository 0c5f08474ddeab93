"""A comparison as HTML for notebooks: the verdict, its numbers, all differences and the curves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from glassnet.drawing.notebook import card, curves
from glassnet.findings import Curves, Table

if TYPE_CHECKING:
    from glassnet.report.comparison_page import ComparisonView


def html(view: ComparisonView, page: Path) -> str:
    """What a page shows first, and where the page is.

    Args:
        view: the content of the page.
        page: the file that `report` writes.
    """
    table, training = view.findings.get("differences"), view.findings.get("training-curves")
    return card.card(
        view.header.title,
        card.numbers((each.label, each.value, each.note) for each in view.numbers),
        card.table(table) if isinstance(table, Table) else card.line(),
        curves.images(training.panels, training.x_label)
        if isinstance(training, Curves)
        else card.line(),
        card.line(" ".join(view.lead), muted=True),
        *(card.line(notice) for notice in view.notices),
        card.line("Page:", card.file(page) if page.is_file() else card.code("comparison.report()")),
        card.line("Command:", card.code(view.command)),
    )
