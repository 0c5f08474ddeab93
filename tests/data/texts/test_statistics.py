from __future__ import annotations

import numpy as np
import pytest
from glassnet.data.texts.pool import array

from glassnet.contract import Split
from glassnet.data.texts.statistics import SHOWN, Lengths, brief, examples, lengths


def test_lengths_are_lengths_of_texts_that_there_are() -> None:
    texts = array([" ".join("x" * n) for n in range(1, 101)])
    assert lengths(texts) == Lengths(51, 96, 100)
    assert lengths(array([""])) == Lengths(0, 0, 0)


def test_examples_are_the_first_of_their_class() -> None:
    split = Split(array(["a", "b", "c", "d"]), np.array([1, 0, 1, 1]), np.arange(4))
    assert examples(split, 1) == ["a", "c"]
    assert examples(split, 0) == ["b"]


@pytest.mark.parametrize(
    "text", ["word " * 100, "x" * 1000, "好" * 1000, "\x1b[31mred\x07 " * 50, "a\n\nb " * 100]
)
def test_a_brief_text_is_safe_and_short(text: str) -> None:
    shown = brief(text)
    assert len(shown) <= SHOWN
    assert len(shown) > SHOWN // 2
    assert shown.endswith(" ...")
    assert shown.isprintable()
    assert brief("short\nand  sweet") == "short and sweet"
