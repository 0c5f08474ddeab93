"""The numbers behind figures, as CSV and as tables for LaTeX."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest
import synthetic
import synthetic_texts

from glassnet.data.delimited import written
from glassnet.explain import figure_data
from glassnet.findings import Finding, Interval, Scatter, Table

KINDS: dict[str, Finding] = {
    finding.name: finding for finding in (*synthetic.every_kind(), synthetic_texts.languages())
}


def read(finding: Finding) -> list[list[str]]:
    return list(csv.reader(io.StringIO(figure_data.csv(finding))))


@pytest.mark.parametrize("finding", KINDS.values(), ids=KINDS)
def test_every_figure_has_its_numbers(finding: Finding) -> None:
    header, *rows = read(finding)
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    assert all(header), "every column has a name"
    assert "nan" not in figure_data.csv(finding).lower().split(",")


def test_a_curve_is_read_back_exactly() -> None:
    finding = synthetic.curves(epochs=7, panels=2)
    rows = read(finding)[1:]
    for panel in finding.panels:
        for line in panel.series:
            own = [row for row in rows if row[:2] == [panel.y_label, line.label]]
            np.testing.assert_allclose([float(row[2]) for row in own], line.x, rtol=1e-8)
            np.testing.assert_allclose([float(row[3]) for row in own], line.y, rtol=1e-8)


def test_a_map_is_read_back_with_its_classes() -> None:
    finding = synthetic.scatter(40, 2)
    assert isinstance(finding, Scatter)
    rows = read(finding)[1:]
    assert len(rows) == 80
    first = [row for row in rows if row[0] == finding.panels[0].label]
    assert [row[2] for row in first] == [finding.class_names[k] for k in finding.labels]
    found = np.array([[float(x) for x in row[3:]] for row in first])
    np.testing.assert_allclose(found, finding.panels[0].points, rtol=1e-6)


def table(*rows: tuple[object, ...], columns: tuple[str, ...]) -> Table:
    formats = tuple(".1f" if name != "layer" else "" for name in columns)
    return replace(synthetic.table(), columns=columns, formats=formats, rows=rows)  # type: ignore[arg-type]


def test_intervals_have_columns_of_their_own() -> None:
    finding = table(
        ("pool1", None, Interval(low=1, high=3)),
        ("pool2", Interval(low=0.1, high=0.3, value=0.25), None),
        columns=("layer", "a", "b"),
    )
    assert read(finding) == [
        ["layer", "a", "a, low", "a, high", "b, low", "b, high"],
        ["pool1", "", "", "", "1", "3"],
        ["pool2", "0.25", "0.1", "0.3", "", ""],
    ]


def test_an_empty_table_has_its_header() -> None:
    assert read(table(columns=("layer", "a"))) == [["layer", "a"]]
    assert r"\midrule" in figure_data.latex(table(columns=("layer", "a")))


def test_texts_that_a_spreadsheet_would_run_are_made_harmless() -> None:
    names = ("=1+1", "-2", 'so, "so"')
    found = figure_data.csv(synthetic.shares(names))
    assert all(written([[name]], ",").strip() in found for name in names)
    negative = table(("pool1", -2.5), columns=("layer", "a"))
    assert read(negative)[1] == ["pool1", "-2.5"], "a number stays a number"


HOSTILE = "50 % & $x_1 #{a}~^\\ −3 ± 2 × 3 – ü\n\\end{tabular}"


def test_every_character_is_printed_by_latex() -> None:
    finding = replace(table((HOSTILE, 1.0), columns=("layer", "a")), title="100 %\n\\input{x}")
    text = figure_data.latex(finding)
    comment, begin, *lines = text.splitlines()
    assert comment.startswith("% ")
    assert begin == r"\begin{tabular}{lr}"
    (row,) = [line for line in lines if line.startswith("50")]
    assert row == (
        r"50 \% \& \$x\_1 \#\{a\}\textasciitilde{}\textasciicircum{}\textbackslash{} $-$3 $\pm$ 2 "
        r"$\times$ 3 -- ü \textbackslash{}end\{tabular\} & 1.0 \\"
    )
    assert [line for line in lines if line.startswith("\\")] == [
        *(r"\toprule", r"\midrule", r"\bottomrule", r"\end{tabular}"),
    ]
    assert len(re.findall(r"(?<!\\)&", row)) == 1
