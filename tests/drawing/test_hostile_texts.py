"""Names and texts of any characters, drawn on paper, on the page and in the terminal."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import pytest
import synthetic
import synthetic_texts
from hypothesis import given, settings, strategies as st
from synthetic_runs import make_run, make_text_run

from glassnet.drawing.paper import figure as paper
from glassnet.drawing.screen.view import view
from glassnet.drawing.terminal import findings as terminal
from glassnet.findings import Finding
from glassnet.report import render
from glassnet.visible import visible

pytestmark = pytest.mark.slow

OURS = {"name", "section", "role", "family", "formats", "examples", "pieces", "quality"}
"""Fields whose texts are glassnet's own, or joined to a text."""

DRAWN: list[Finding] = [
    synthetic.bars(("cat", "dog")),
    synthetic.confusion(("cat", "dog")),
    synthetic.table(("cat", "dog")),
    synthetic.scatter(40, 1, ("cat", "dog"), axes=True),
    synthetic.curves(3, panels=1),
    synthetic.diagram(1),
    synthetic_texts.highlighted_texts(synthetic_texts.highlighted_text()),
]
HOSTILE = "\x1b[31m\x00\u202e</script>\x9b\ud800\uffff\r&"


def with_text(value: Any, text: str, numbers: count[int]) -> Any:
    """The value with the text behind every text in it."""
    if isinstance(value, str):
        return f"{value}{text}{next(numbers)}"
    if isinstance(value, tuple):
        return tuple(with_text(each, text, numbers) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        names = {field.name for field in fields(value)} - OURS
        return replace(
            value, **{name: with_text(getattr(value, name), text, numbers) for name in names}
        )
    return value


def hostile(finding: Finding, text: str) -> Finding:
    changed: Finding = with_text(finding, text, count())
    return replace(changed, title=text, summary=text)


@settings(max_examples=20)
@given(st.sampled_from(DRAWN), st.text(st.characters(), min_size=1, max_size=6))
def test_svg_files_are_well_formed(finding: Finding, text: str) -> None:
    with TemporaryDirectory() as folder:
        _, svg = paper.draw(hostile(finding, text), Path(folder))
        ElementTree.parse(svg)


@pytest.mark.parametrize("finding", DRAWN, ids=lambda finding: type(finding).__name__)
def test_figures_show_what_hides(finding: Finding, tmp_path: Path) -> None:
    _, svg = paper.draw(hostile(finding, HOSTILE), tmp_path)
    shown = "".join(ElementTree.parse(svg).getroot().itertext())
    assert "\\x1b[31m" in shown
    assert "\u202e" not in shown
    values = json.dumps(view(hostile(finding, HOSTILE)), default=vars)
    assert "u001b" not in values
    assert "\\\\x1b[31m" in values or type(finding).__name__ == "Diagram"


def test_the_page_shows_what_hides() -> None:
    runs = [make_run(), make_text_run()]
    changed = [
        replace(
            run,
            info=run.info | {"command": HOSTILE},
            findings={
                name: hostile(each, HOSTILE) if isinstance(each, Finding) else each
                for name, each in run.findings.items()
            },
        )
        for run in runs
    ]
    page = render(changed)
    assert visible(page) == page
    assert "\\x1b[31m" in page


def test_the_terminal_shows_what_hides() -> None:
    finding = synthetic_texts.highlighted_texts(synthetic_texts.highlighted_text())
    (text,) = finding.texts
    piece = replace(text, pieces=(HOSTILE, *text.pieces[1:]), caption=HOSTILE)
    shown = terminal.render([replace(finding, texts=(piece,))], 60, colour=False)
    assert visible(shown) == shown
    assert "\\x1b[31m" in shown
