"""Descriptive statistics of texts: lengths in words, and short excerpts."""

import textwrap
from dataclasses import dataclass

import numpy as np

from glassnet.contract import Split
from glassnet.data.paths import printable
from glassnet.scripts import WORD

EXCERPT = 150
"""Length of an excerpt in characters."""


@dataclass(frozen=True)
class Lengths:
    """Lengths of texts in words: the median, the 95th percentile and the maximum.

    Words are separated by spaces; of scripts without spaces, each character is a word.
    """

    median: int
    percentile95: int
    maximum: int


def lengths(texts: np.ndarray) -> Lengths:
    """Lengths of (n,) texts in words.

    Example:
        >>> lengths(np.array(["a b", "a b c", "a"], dtype=np.dtypes.StringDType()))
        Lengths(median=2, percentile95=3, maximum=3)
    """
    n_words = np.array([len(WORD.findall(text)) for text in texts.tolist()])
    median, high = np.percentile(n_words, (50, 95), method="higher")
    return Lengths(int(median), int(high), int(n_words.max()))


def examples(split: Split, label: int, n: int = 2) -> list[str]:
    """Excerpts of the first n texts of a class, each on one line."""
    texts = split.inputs[np.flatnonzero(split.labels == label)[:n]]
    return [excerpt(text) for text in texts.tolist()]


def excerpt(text: str, length: int = EXCERPT) -> str:
    """The start of a text on one line, cut between words if possible, and printable.

    Example:
        >>> excerpt("a film  that\\nnobody should miss", 16)
        'a film that ...'
    """
    line = " ".join(text.split())
    if len(line) > length:
        short = textwrap.shorten(line[: length + 1], length, placeholder=" ...")
        line = short if len(short) > 4 else f"{line[: length - 4]} ..."
    return printable(line)
