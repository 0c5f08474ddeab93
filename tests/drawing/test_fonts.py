from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import synthetic
from matplotlib import font_manager
from matplotlib.text import Text

from glassnet import progress
from glassnet.drawing import fonts, typeset
from glassnet.drawing.paper import figure

CHEROKEE = "\N{CHEROKEE LETTER A}\N{CHEROKEE LETTER E}"
"""Letters that DejaVu Sans lacks."""


def font_with(text: str, path: Path) -> Path:
    """A font in which every character of a text is a square."""
    pen = pytest.importorskip("fontTools.pens.ttGlyphPen").TTGlyphPen(None)
    for move in ((0, 0), (500, 0), (500, 500), (0, 500)):
        (pen.moveTo if move == (0, 0) else pen.lineTo)(move)
    pen.closePath()
    names = [".notdef", *(f"u{ord(c):x}" for c in text)]
    builder = pytest.importorskip("fontTools.fontBuilder").FontBuilder(1000)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"u{ord(c):x}" for c in text})
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path


def test_a_font_that_was_installed_later_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fonts.covering(CHEROKEE) == ((), ("Cherokee",))
    path = font_with(CHEROKEE, tmp_path / "Letters.ttf")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(path)])
    assert fonts.covering(f"a {CHEROKEE}") == (("Letters",), ())
    before = typeset.width(CHEROKEE)
    assert typeset.cover(CHEROKEE) == ()
    assert "Letters" in typeset.font_families()
    assert typeset.width(CHEROKEE) == pytest.approx(2 * 0.6 * typeset.TEXT_SIZE, abs=0.5)
    assert typeset.width(CHEROKEE) != before


def test_where_no_font_has_the_letters_figure_and_log_name_the_script(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(progress, "log", lines.append)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    finding = replace(synthetic.curves(), title="\N{OSMANYA LETTER ALEF} and \N{GRINNING FACE}")
    drawing = figure.figure(finding)
    shown = " ".join(text.get_text() for text in drawing.findobj(Text) if isinstance(text, Text))
    note = "No installed font has Osmanya and emoji: drawn as boxes."
    if typeset.cover(finding.title) == ("Osmanya",):  # DejaVu Sans has some emoji
        note = "No installed font has Osmanya: drawn as boxes."
    assert note in shown
    assert len(lines) == 1
    assert "Osmanya" in lines[0]


def test_usual_letters_need_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: pytest.fail("searched"))
    assert fonts.covering("Größe × 10 − 3, ελληνικά, русский") == ((), ())
