"""Cards, curves and findings as HTML for notebooks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import synthetic
from notebooks import Html, card as shown

from glassnet.drawing.notebook import card, curves, finding as drawn
from glassnet.drawing.paper import figure
from glassnet.findings import (
    CurvePanel,
    Examples,
    Finding,
    Findings,
    Provenance,
    Record,
    Series,
    Table,
)

HOSTILE = "<script>alert(1)</script>\"'&\x1b[31m"
ESCAPED = "<script>alert(1)</script>\"'&\\x1b[31m"


def panel(y: list[float], y_label: str = "loss") -> CurvePanel:
    x = np.arange(1.0, len(y) + 1)
    series = Series(label="train", role="train", x=x, y=np.array(y, float))
    return CurvePanel(y_label=y_label, series=(series,), mark=None)


def test_every_kind_of_finding_shows_itself(finding: Finding) -> None:
    html = shown(finding)
    assert html.text.startswith(finding.title)
    assert finding.summary in html.text
    if isinstance(finding, Table):
        assert html.images == []
    else:
        ((alternative, content),) = html.images
        assert alternative.startswith("Figure: ")
        assert len(content) <= drawn.MAX_BYTES
    assert repr(finding) == f"<glassnet finding {finding.name}: {finding.title}>"


def test_a_figure_that_is_large_as_svg_is_a_png(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = synthetic.curves(5)
    ((_, svg),) = shown(finding).images
    monkeypatch.setattr(drawn, "MAX_BYTES", 40_000)
    ((_, png),) = shown(finding).images
    assert (svg[:5], png[1:4]) == (b"<?xml", b"PNG")
    assert len(png) <= 40_000


def test_a_figure_is_not_captioned_twice() -> None:
    finding = synthetic.curves(5)
    ((_, svg),) = shown(finding).images
    assert finding.summary[:20] not in svg.decode()


def test_the_texts_of_other_people_are_escaped() -> None:
    provenance = Provenance(run="", checkpoint="", split="", n=0, seed=None, command="")
    table = Table(
        name=HOSTILE,
        section="result",
        title=HOSTILE,
        summary=HOSTILE,
        provenance=provenance,
        columns=(HOSTILE,),
        formats=("",),
        rows=((HOSTILE,),),
    )
    assert shown(table).text == " ".join([ESCAPED] * 4)
    assert ESCAPED in shown(Findings({HOSTILE: table})).text
    hostile = Html(curves.images([panel([1, 2], HOSTILE)], HOSTILE))
    assert ESCAPED in hostile.images[0][0]


def test_a_long_table_ends_in_the_number_of_further_rows() -> None:
    table = synthetic.table()
    longer = replace(table, rows=table.rows[:1] * 35)
    assert "and 5 more rows" in shown(longer).text


def test_findings_are_a_list_of_names_and_titles() -> None:
    records: list[Record] = [synthetic.curves(5), synthetic.examples(20), synthetic.table()]
    html = shown(Findings({record.name: record for record in records}))
    assert html.text.startswith("2 findings")
    assert synthetic.curves(5).title in html.text
    assert isinstance(records[1], Examples)
    assert repr(records[1]) == "<glassnet examples examples: 20 examples>"


def test_curves_have_their_values_in_words_and_in_the_image() -> None:
    ((alternative, content),) = Html(curves.images([panel([2.0, 1.0, 0.5])], "epoch")).images
    assert alternative == "loss by epoch: train from 2 to 0.5"
    root = ElementTree.fromstring(content)
    line = root.find("{*}polyline")
    assert line is not None
    points = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    assert len(points) == 3
    assert points[0][1] < points[1][1] < points[2][1], "y runs downwards: the loss falls"
    assert {"loss", "train", "epoch", "1", "3"} <= {text.text for text in root.iter()}


def test_values_that_are_not_finite_and_empty_curves_are_left_out() -> None:
    ((alternative, content),) = Html(
        curves.images([panel([2.0, float("nan"), 1.0]), panel([])], "epoch")
    ).images
    assert alternative.endswith("train from 2 to 1")
    assert b"nan" not in content
    assert curves.images([panel([float("inf")])], "epoch") == ""


def test_a_single_value_is_a_point_and_many_are_thinned() -> None:
    ((_, one),) = Html(curves.images([panel([2.0])], "epoch")).images
    ((_, many),) = Html(curves.images([panel([*range(5000)])], "epoch")).images
    assert b"<circle" in one
    assert len(many) < 5000


def test_files_are_linked_where_a_notebook_can_open_them(here: Path) -> None:
    (here / "a b#c").mkdir()
    html = Html(card.file(here / "a b#c" / "report.html") + card.file(here.parent / "x.html"))
    assert html.links == ["./a%20b%23c/report.html"]
    assert str(here.parent / "x.html") in html.text


def test_a_matplotlib_figure_shows_itself_once_with_its_size_and_title() -> None:
    drawing = figure.figure(synthetic.curves(5))
    content, metadata = drawing._repr_png_()  # type: ignore[attr-defined]
    assert content[1:4] == b"PNG"
    assert metadata["alt"] == f"Figure: {synthetic.curves(5).title}"
    width, height = drawing.get_size_inches()
    assert (metadata["width"], metadata["height"]) == (round(96 * width), round(96 * height))
