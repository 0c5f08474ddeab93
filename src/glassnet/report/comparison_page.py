"""The page of a comparison: one chapter about several runs, from findings alone."""

from __future__ import annotations

from dataclasses import dataclass

from glassnet.findings import SECTIONS, Finding, Record
from glassnet.report.header import KeyNumber
from glassnet.report.page import render_chapters
from glassnet.report.sections import Chapter, Section

TITLES = {
    "result": "Which is better?",
    "network": "What differs between them",
    "training": "How training went",
    "samples": "What they generate",
    "layers": "What their layers see",
    "examples": "Where they differ most",
    "mistakes": "Where they disagree",
}

REPEAT = "How to reproduce this comparison"


@dataclass(frozen=True)
class ComparisonView:
    """What the page needs to know about a comparison.

    Attributes:
        name: the names of what is compared.
        header: the verdict as a finding that is not drawn, with its claims.
        lead: sentences below the title.
        numbers: the key numbers.
        notices: what is missing or unfinished.
        findings: name -> record, `Examples` among them.
        command: the command line that makes it again.
        details: (run, where its weights are from).
    """

    name: str
    header: Finding
    lead: tuple[str, ...]
    numbers: tuple[KeyNumber, ...]
    notices: tuple[str, ...]
    findings: dict[str, Record]
    command: str
    details: tuple[tuple[str, str], ...]


def render(view: ComparisonView) -> str:
    """Render a comparison as HTML."""
    drawn = [each for each in view.findings.values() if isinstance(each, Finding)]
    by_section = {key: tuple(each for each in drawn if each.section == key) for key in SECTIONS}
    chapter = Chapter(
        name=view.name,
        title=view.header.title,
        lead=view.lead,
        numbers=view.numbers,
        header=(view.header,) if view.header.claims else (),
        notices=tuple((text, "") for text in view.notices),
        sections=tuple(
            Section(key, TITLES.get(key, key.capitalize()), shown)
            for key, shown in by_section.items()
            if shown
        ),
        command=view.command,
        reproduction=view.details,
        config=(),
    )
    return render_chapters(view.name, [(chapter, view.findings)], repeat_title=REPEAT)
