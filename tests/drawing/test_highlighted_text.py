"""Passages: their words, colours and lines, before anyone draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import synthetic_texts
from hypothesis import given, strategies as st
from synthetic_texts import (
    ARABIC,
    CHINESE,
    ENGLISH,
    GERMAN,
    HTML,
    LONG,
    highlighted_text as make_text,
)

from glassnet.drawing.layout import highlighted_text
from glassnet.drawing.layout.highlighted_text import TextRun
from glassnet.findings import HighlightedText


def of(*pieces: str, values: Sequence[float] | None = None) -> HighlightedText:
    weights = np.ones(len(pieces)) if values is None else np.array(values, float)
    return HighlightedText(pieces=pieces, values=weights, caption="", note="")


def texts(rows: list[list[TextRun]]) -> list[str]:
    return [
        "".join((" " if run.gap and n else "") + run.text for n, run in enumerate(row))
        for row in rows
    ]


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, CHINESE, ARABIC, LONG])
def test_words_put_end_to_end_are_the_text(text: str) -> None:
    words = highlighted_text.split_words(make_text(text))
    assert "".join(word.before + word.text + word.after for word in words) == text


@pytest.mark.parametrize(
    ("piece", "parts"),
    [
        ("great, ", ("", "great,", " ")),
        ("great [...] ", ("", "great", " [...] ")),
        ("(great ", ("", "(great", " ")),
        ("... so ", ("... ", "so", " ")),
        (", ", ("", ",", " ")),
        ("  ", ("  ", "", "")),
        ("end.<br /><br />", ("", "end.", "\n")),
        ("a\r\nb", ("", "a", "\nb")),
        ("\x1b[2Jx", ("", "\\x1b[2Jx", "")),
    ],
)
def test_a_word_is_what_stands_between_spaces(piece: str, parts: tuple[str, str, str]) -> None:
    (word,) = highlighted_text.split_words(of(piece))
    assert (word.before, word.text, word.after) == parts


def test_values_are_shares_of_the_largest() -> None:
    assert highlighted_text.weights(of("a", "b", "c", values=[1, -4, 0])).tolist() == [0.25, -1, 0]
    assert highlighted_text.weights(of("a", "b", values=[0, 0])).tolist() == [0, 0]
    assert highlighted_text.weights(of("a", "b", values=[np.nan, 2])).tolist() == [0, 1]
    assert highlighted_text.weights(of()).tolist() == []
    assert highlighted_text.has_colours([of("a", values=[0]), of("b", values=[0.1])])
    assert not highlighted_text.has_colours([of("a", values=[0]), of()])


def test_words_of_little_weight_are_not_highlighted() -> None:
    runs = highlighted_text.text_runs(of("a ", "b ", values=[1, 0.01]))
    assert [run.weight for run in runs] == [1, 0]
    assert [run.word for run in runs] == [0, 1]


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, CHINESE, ARABIC, HTML, LONG])
@pytest.mark.parametrize("limit", [10, 40, 200])
def test_lines_fit_and_lose_nothing(text: str, limit: int) -> None:
    runs = highlighted_text.text_runs(make_text(text))
    rows = highlighted_text.break_lines(runs, limit, len)
    assert max(map(len, texts(rows))) <= limit
    squeezed = "".join("".join(run.text for run in row) for row in rows)
    assert squeezed == "".join(highlighted_text.clean_text(text).split())


@given(st.text(max_size=60))
def test_any_text_can_be_set(text: str) -> None:
    runs = highlighted_text.text_runs(of(text, values=[1]))
    for row in highlighted_text.break_lines(runs, 12, len):
        assert sum(map(len, (run.text for run in row))) <= 12
        highlighted_text.visual_order(row, highlighted_text.text_direction(text))


def test_lines_break_at_gaps_only() -> None:
    runs = highlighted_text.text_runs(of("do", "n't ", "stop", "! ", "now"))
    assert texts(highlighted_text.break_lines(runs, 9, len)) == ["don't", "stop! now"]
    assert texts(
        highlighted_text.break_lines(highlighted_text.text_runs(of("a ", "b<br />", "c")), 9, len)
    ) == ["a b", "c"]


def test_scripts_without_spaces_break_between_letters() -> None:
    rows = highlighted_text.break_lines(
        highlighted_text.text_runs(make_text(CHINESE)), 20, lambda text: 2 * len(text)
    )
    assert {len(line) for line in texts(rows[:-1])} == {10}


def test_a_line_from_the_left_stays_as_it_is() -> None:
    row = [TextRun("one", 0, " "), TextRun("two", 0.5, " ")]
    assert highlighted_text.visual_order(row, "ltr") == [replace(row[0], gap=""), row[1]]


def test_words_from_the_right_stand_from_the_right() -> None:
    row = [
        TextRun("שלום", 0.5, ""),
        TextRun("(", 0, " "),
        TextRun("The", 0, ""),
        TextRun("End", 0, " "),
    ]
    row += [TextRun(")", 0, ""), TextRun("עולם", 0, " "), TextRun("!", 0, "")]
    assert texts([highlighted_text.visual_order(row, "rtl")]) == ["!עולם (The End) שלום"]


def test_words_from_the_right_in_a_line_from_the_left() -> None:
    row = [
        TextRun("he", 0, ""),
        TextRun("said", 0, " "),
        TextRun("שלום", 0, " "),
        TextRun("עולם.", 0, " "),
    ]
    assert texts([highlighted_text.visual_order(row, "ltr")]) == ["he said עולם שלום."]


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    rows = [
        [TextRun("a", 0, "")],
        [TextRun("b", 0, ""), TextRun("c", 0, " ")],
        [TextRun("d", 0, "")],
    ]
    assert highlighted_text.truncate(rows, 3) == (rows, False)
    stored, is_cut = highlighted_text.truncate(rows, 2)
    assert (texts(stored), is_cut) == (["a", "b …"], True)


@pytest.mark.parametrize(
    ("value", "word"), [(0.43129, "+0.431"), (-12.0, "−12"), (0.0, "0"), (-0.0, "0")]
)
def test_numbers_have_their_sign(value: float, word: str) -> None:
    assert highlighted_text.format_signed(value) == word


def test_the_synthetic_pieces_are_texts() -> None:
    for each in synthetic_texts.languages().texts:
        assert len(each.pieces) == len(each.values)
