from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from glassnet import errors
from glassnet.errors import GlassnetError, suggest

KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_carries_two_lines_and_an_exit_code(kind: type[GlassnetError]) -> None:
    assert issubclass(kind, GlassnetError)
    error = kind("what is wrong", "what to do")
    assert str(error).splitlines() == ["what is wrong", "what to do"]
    assert (error.message, error.hint) == ("what is wrong", "what to do")
    assert error.exit_code == {"Interrupted": 130}.get(
        kind.__name__, 2 if issubclass(kind, errors.UserError) else 1
    )
    assert kind.__name__ in (errors.__doc__ or ""), "the hierarchy at the top leaves it out"


def test_suggest_gives_the_nearest_word() -> None:
    assert suggest("mnits", ["mnist", "fashion-mnist"]) == "did you mean mnist?"


def test_suggest_lists_all_where_none_is_near() -> None:
    assert suggest("zzz", ["pool2", "pool1"]) == "known: pool1, pool2"
    assert suggest("zzz", []) == "there are none yet"


@settings(max_examples=40)
@given(st.text(max_size=20), st.lists(st.text(min_size=1, max_size=10), max_size=5))
def test_suggest_names_known_words_alone(word: str, known: list[str]) -> None:
    hint = suggest(word, known)
    assert known == [] or any(name in hint for name in known)
