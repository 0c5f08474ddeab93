from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, strategies as st

from glassnet import progress
from glassnet.errors import DataError
from glassnet.visible import all_visible, as_json, visible, visible_line

BIDIRECTIONAL = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def steers(c: str) -> bool:
    return unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or (
        unicodedata.bidirectional(c) in BIDIRECTIONAL
    )


@given(st.text(st.characters(), max_size=40))
def test_nothing_steers_and_visible_texts_stay(text: str) -> None:
    shown = visible(text)
    assert not {c for c in shown if steers(c)} - {"\n", "\t"}
    assert visible(shown) == shown
    assert not any(map(steers, visible_line(text)))


@pytest.mark.parametrize(
    "text", ["café", "猫", "שלום", "👩\u200d🔬", "می\u200cخواهم", "a\tb\nc", "C:\\x1b"]
)
def test_letters_of_all_scripts_stay(text: str) -> None:
    assert visible(text) == text


@given(st.recursive(st.text(st.characters()), lambda each: st.dictionaries(st.text(), each)))
def test_json_is_read_back_and_steers_nothing(value: object) -> None:
    text = as_json(value)
    assert json.loads(text) == value
    assert not any(map(steers, text))


def test_errors_and_progress_are_visible(capsys: pytest.CaptureFixture[str]) -> None:
    assert str(DataError("a\x1b[2J\nb", "c\u202e")) == "a\\x1b[2J\\nb\nc\\u202e"
    progress.log("class \x9b31m")
    assert capsys.readouterr().err == "class \\x9b31m\n"


def test_texts_within_values_are_visible() -> None:
    value = {"a": ["\x07", ("\u202e", 1, None)]}
    assert all_visible(value) == {"a": ["\\x07", ("\\u202e", 1, None)]}
