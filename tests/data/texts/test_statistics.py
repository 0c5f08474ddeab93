from __future__ import annotations

import numpy as np
import pytest

from glassnet.contract import Split
from glassnet.data.texts.statistics import EXCERPT, Lengths, examples, excerpt, lengths
from glassnet.data.texts.strings import string_array


def test_lengths_are_those_of_existing_texts() -> None:
    texts = string_array([" ".join("x" * n) for n in range(1, 101)])
    assert lengths(texts) == Lengths(51, 96, 100)
    assert lengths(string_array([""])) == Lengths(0, 0, 0)


def test_examples_are_the_first_of_their_class() -> None:
    split = Split(string_array(["a", "b", "c", "d"]), np.array([1, 0, 1, 1]), np.arange(4))
    assert examples(split, 1) == ["a", "c"]
    assert examples(split, 0) == ["b"]


@pytest.mark.parametrize(
    "text", ["word " * 100, "x" * 1000, "好" * 1000, "\x1b[31mred\x07 " * 50, "a\n\nb " * 100]
)
def test_an_excerpt_is_printable_and_short(text: str) -> None:
    short = excerpt(text)
    assert len(short) <= EXCERPT
    assert len(short) > EXCERPT // 2
    assert short.endswith(" ...")
    assert short.isprintable()
    assert excerpt("short\nand  sweet") == "short and sweet"
