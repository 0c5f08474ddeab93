"""What is drawn of texts: coloured words, curves over words, signed heatmaps, the diagonal."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import synthetic
import synthetic_texts
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from glassnet.drawing import typeset
from glassnet.drawing.layout import curves
from glassnet.drawing.paper import figure as paper
from glassnet.drawing.screen import view as screen
from glassnet.findings import CurvePanel, HighlightedText


def words_on(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text().strip()]


def plain(paragraph: HighlightedText) -> HighlightedText:
    return replace(paragraph, values=np.zeros(len(paragraph.pieces)))


def test_words_on_the_page_are_the_text_with_their_values() -> None:
    paragraph = synthetic_texts.highlighted_text()
    view = screen.view(synthetic_texts.highlighted_texts(paragraph))
    (shown,) = view["texts"]
    whole = "".join(word["before"] + word["text"] + word["after"] for word in shown["words"])
    assert whole == synthetic_texts.ENGLISH
    depths = np.array([word["intensity"] for word in shown["words"]])
    np.testing.assert_allclose(
        depths, 100 * np.abs(paragraph.values) / np.abs(paragraph.values).max(), atol=0.006
    )
    deepest = shown["words"][int(depths.argmax())]
    assert deepest["role"] in ("high strong", "low strong")
    assert deepest["value"][0] == ("+" if deepest["role"].startswith("high") else "−")
    assert not shown["scrolls"]


def test_a_text_has_its_direction_and_scrolls_if_long() -> None:
    shown = screen.view(synthetic_texts.languages())["texts"]
    assert [paragraph["direction"] for paragraph in shown] == ["ltr"] * 3 + ["rtl"] + ["ltr"] * 2
    assert [paragraph["scrolls"] for paragraph in shown] == [False] * 5 + [True]


def test_texts_without_values_are_plain_and_have_no_legend() -> None:
    finding = synthetic_texts.highlighted_texts(plain(synthetic_texts.highlighted_text()))
    view = screen.view(finding)
    assert not view["has_colours"]
    assert {word["role"] for word in view["texts"][0]["words"]} == {""}
    figure = paper.figure(finding)
    assert not any(axes.patches for axes in figure.axes)
    assert finding.low_label not in words_on(figure)


def test_a_text_on_paper_is_complete_or_names_the_part_that_is_shown() -> None:
    short = synthetic_texts.highlighted_texts()
    words = words_on(paper.figure(short))
    assert set(synthetic_texts.ENGLISH.replace(",", " ").split()[:6]) <= set(words)
    assert not any("of the first" in word for word in words)
    long = synthetic_texts.highlighted_texts(
        *[synthetic_texts.highlighted_text(synthetic_texts.LONG)] * 4
    )
    words = words_on(paper.figure(long))
    count = len(synthetic_texts.pieces_of(synthetic_texts.LONG))
    assert sum(word.endswith(f"of {count} words") for word in words) == 4
    assert words.count("…") == 4


@pytest.mark.slow
def test_every_script_is_drawn_without_a_warning(
    tmp_path: Path, recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    png, svg = paper.draw(synthetic_texts.languages(), tmp_path)
    assert list(recwarn) == []
    assert caplog.records == []
    text = svg.read_text(encoding="utf-8")
    assert ">电<" in text
    assert ">رائع<" in text
    with Image.open(png) as image:
        assert image.width == 2130


def test_letters_that_no_font_has_take_room() -> None:
    assert typeset.width("电影") > 1.5 * typeset.width("ab")


def test_highlighted_texts_without_a_text_are_drawn(tmp_path: Path) -> None:
    empty = HighlightedText(pieces=(), values=np.zeros(0), caption="nothing was written", note="")
    finding = synthetic_texts.highlighted_texts(empty)
    assert len(paper.draw(finding, tmp_path)) == 2
    assert screen.view(finding)["texts"][0]["words"] == []


def test_words_stand_at_their_place_under_a_curve() -> None:
    finding = synthetic_texts.word_curve()
    view = screen.view(finding)
    (panel,) = view["panels"]
    count = len(finding.x_names)
    assert view["x_names"] == list(finding.x_names)
    assert panel["x_ticks"] == []
    for name in panel["names"]:
        index = round(name["position"] / 100 * count - 0.5)
        assert finding.x_names[index] == name["text"]
        assert panel["lines"][0]["points"][index][0] == pytest.approx(name["position"])


def test_where_words_are_many_those_are_named_at_which_the_curve_turns() -> None:
    finding = synthetic_texts.word_curve(synthetic_texts.LONG)
    panel = finding.panels[0]
    turns = curves.changes(panel, len(finding.x_names))
    names = screen.view(finding)["panels"][0]["names"]
    assert len(names) < len(finding.x_names) / 3
    at = {round(name["position"] / 100 * len(turns) - 0.5): name["screen"] for name in names}
    assert at[int(turns.argmax())] == ""
    assert {"", "large-only", "wide-only"} == set(at.values())


def test_words_under_a_curve_on_paper_do_not_touch() -> None:
    figure = paper.figure(synthetic_texts.word_curve(synthetic_texts.LONG))
    FigureCanvasAgg(figure)
    with matplotlib.rc_context(paper.settings()):
        figure.canvas.draw()
        boxes = sorted(
            text.get_window_extent().x0 for text in figure.findobj(Text) if text.get_rotation()
        )
    assert len(boxes) > 20
    step = typeset.TEXT_SIZE * figure.dpi / 72
    assert all(two - one > 0.9 * step for one, two in pairwise(boxes))


def test_turns_are_the_largest_of_all_lines() -> None:
    x = np.arange(3.0)
    lines = [np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.0, -2.0])]
    series = tuple(replace(synthetic.curves().panels[0].series[0], x=x, y=y) for y in lines)
    panel = CurvePanel(y_label="", series=series, mark=None)
    assert curves.changes(panel, 3).tolist() == [0, 1, 2]


def test_the_diagonal_runs_from_corner_to_corner() -> None:
    finding = synthetic_texts.reliability()
    plan = curves.panel_layout(finding.panels[0], (200, 200), (0, 0), 10, diagonal=True)
    assert plan.x_range == plan.y_range == (0, 1)
    assert plan.x_ticks == plan.y_ticks
    figure = paper.figure(finding)
    axes = next(axes for axes in figure.axes if axes.lines)
    box = axes.get_window_extent()
    assert box.width == pytest.approx(box.height)
    assert any(np.array_equal(line.get_xdata(), line.get_ydata()) for line in axes.lines)


@pytest.mark.parametrize(
    ("values", "span"),
    [([0.0, 100.0], (-2.0, 102.0)), ([0.5, 1.0], (0.48, 1.0)), ([0.0, 1.0], (0.0, 1.0))],
)
def test_both_axes_beside_a_diagonal_span_the_same(
    values: list[float], span: tuple[float, float]
) -> None:
    series = replace(synthetic.curves().panels[0].series[0], x=np.array(values), y=np.array(values))
    panel = CurvePanel(y_label="", series=(series,), mark=None)
    plan = curves.panel_layout(panel, (200, 200), (0, 0), 10, diagonal=True)
    assert plan.x_range == plan.y_range == pytest.approx(span)


def test_a_signed_heatmap_has_a_colour_for_either_sign_and_no_numbers() -> None:
    finding = synthetic_texts.units()
    view = screen.view(finding)
    assert view["signed"]
    assert view["scale_labels"] == ("−1", "+1")
    cell = view["rows"][2]["cells"][30]
    value = finding.values[2, 30]
    assert cell["sign"] == ("high" if value > 0 else "low")
    assert cell["intensity"] == pytest.approx(100 * abs(finding.scale[2, 30]), abs=0.01)
    assert float(cell["value"].replace("−", "-")) == pytest.approx(value, rel=0.01)


def test_ends_are_named_by_sign_where_the_rows_have_scales_of_their_own() -> None:
    finding = synthetic_texts.units(3)
    scale = finding.values / np.abs(finding.values).max(axis=1, keepdims=True)
    assert screen.view(replace(finding, scale=scale))["scale_labels"] == ("negative", "positive")
    nought = replace(finding, scale=scale * 0, values=scale * 0)
    assert screen.view(nought)["scale_labels"] == ("negative", "positive")


@pytest.mark.slow
def test_columns_that_do_not_fit_go_on_below_with_every_name() -> None:
    finding = synthetic_texts.units()
    words = words_on(paper.figure(finding))
    assert words.count("unit 3") == 2
    for name in finding.column_names:
        assert typeset.shorten(name, 64) in words
    assert "value" in words
