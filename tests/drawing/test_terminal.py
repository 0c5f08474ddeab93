"""Texts in the terminal: marks, colours, lines, and curves of blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
import synthetic_texts
from rich.cells import cell_len
from synthetic_texts import ARABIC, CHINESE, ENGLISH, GERMAN, HTML, LONG

from glassnet.drawing import palette
from glassnet.drawing.terminal import text as terminal
from glassnet.findings import HighlightedText

CODE = re.compile(r"\x1b\[[0-9;]*m")


def of(*pieces: str, values: Sequence[float], caption: str = "", note: str = "") -> HighlightedText:
    return HighlightedText(
        pieces=pieces, values=np.array(values, float), caption=caption, note=note
    )


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, CHINESE, ARABIC, HTML, LONG])
@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("width", [20, 80])
def test_lines_are_as_wide_as_the_terminal_at_most(text: str, colour: bool, width: int) -> None:
    paragraph = synthetic_texts.highlighted_text(text, caption="")
    lines = terminal.render_text(paragraph, width, colour).split("\n")
    assert max(cell_len(CODE.sub("", line)) for line in lines) <= width


def test_colours_take_no_room_and_leave_the_text_as_it_is() -> None:
    paragraph = synthetic_texts.highlighted_text(caption="a caption", note="a note")
    caption, *lines, note = terminal.render_text(paragraph, 60, True).split("\n")
    assert (caption, note) == ("a caption", "a note")
    assert CODE.sub("", " ".join(lines)) == ENGLISH


def test_every_colour_ends_with_its_word() -> None:
    shown = terminal.render_text(synthetic_texts.highlighted_text(LONG), 70, True)
    for line in shown.split("\n"):
        codes = CODE.findall(line)
        assert codes[1::2] == ["\x1b[0m"] * (len(codes) // 2)
        assert len(codes) % 2 == 0


def test_the_strongest_words_are_marked_where_there_is_no_colour() -> None:
    paragraph = of("not ", "so ", "bad", "!", values=[-2, 0.1, 4, 0])
    assert terminal.render_text(paragraph, 40, False) == "-not- so +bad+!"
    shown = terminal.render_text(paragraph, 40, True)
    strongest = ";".join(str(int(palette.LIGHT.high[i : i + 2], 16)) for i in (1, 3, 5))
    assert f"48;2;{strongest}mbad" in shown


def test_a_word_can_be_read_on_its_ground_in_any_terminal() -> None:
    for tone in (palette.LIGHT.low, palette.LIGHT.high):
        for share in np.linspace(0, 1, 6):
            ground = palette.luminance(palette.mix(tone, terminal.GREY, share))
            assert (ground + 0.05) / (palette.luminance(palette.LIGHT.ink) + 0.05) >= 4.5


@pytest.mark.parametrize("colour", [True, False])
def test_a_text_cannot_command_the_terminal(colour: bool) -> None:
    paragraph = of("\x1b[2J", "\x07bell\x9b31m", values=[1, 1], caption="\x1b]0;title\x07")
    shown = CODE.sub("", terminal.render_text(paragraph, 40, colour))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
    assert "\x1b" not in terminal.render_curve(["\x1b[2J", "b"], np.array([0.0, 1.0]), 40)


def test_a_curve_goes_up_and_down_from_its_base() -> None:
    lines = terminal.render_curve(["a", "b", "c"], np.array([1.0, -1.0, 0.5]), 30, 4).split("\n")
    assert lines[:4] == [
        " 1.0 ┤████",
        " 0.0 ┤████    ████",
        "     ┤    ████",
        "−1.0 ┤    ████",
    ]
    assert lines[5] == "1 b −2, 2 c +1.5"
    (place,) = [lines[4].index(figure) for figure in "1"]
    assert lines[0][6:].startswith("████")
    assert 10 <= place < 14


@pytest.mark.parametrize("count", [1, 2, 30, 75, 400])
@pytest.mark.parametrize("width", [30, 80])
@pytest.mark.parametrize("base", [0.0, 0.5])
def test_a_curve_fits_and_reaches_its_ends(count: int, width: int, base: float) -> None:
    values = np.random.default_rng(count).random(count)
    shown = terminal.render_curve(
        [f"w{i}" for i in range(count)], values, width, 6, "probability", base
    )
    label, *lines = shown.split("\n")
    assert label == "probability"
    assert max(map(cell_len, lines)) <= width
    assert sum("┤" in line for line in lines) == 6
    if count <= 30 and width == 80:
        assert "█" in shown


def test_a_turn_is_named_with_its_change() -> None:
    values = np.concatenate([np.zeros(50), np.full(50, 3.0)])
    names = [f"word{number}" for number in range(100)]
    lines = terminal.render_curve(names, values, 60).split("\n")
    assert lines[-1] == "1 word50 +3"
    assert lines[-2].strip() == "1"


def test_curves_of_nothing_and_of_no_change() -> None:
    assert terminal.render_curve([], np.zeros(0), 40) == ""
    assert len(terminal.render_curve(["a", "b"], np.zeros(2), 40, 3).split("\n")) == 3
    assert len(terminal.render_curve(["a"], np.array([np.nan]), 40, 3).split("\n")) == 3
