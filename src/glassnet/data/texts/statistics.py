"""Facts about texts: how long they are, and a few to look at."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np

from glassnet.contract import Split
from glassnet.data.listing import shown

SHOWN = 150
"""Characters of a text that are shown."""


@dataclass(frozen=True)
class Lengths:
    """How many words texts have: the median, the 95th percentile, the longest.

    A word is what stands between spaces; scripts without spaces have few.
    """

    median: int
    percentile95: int
    longest: int


def lengths(texts: np.ndarray) -> Lengths:
    """Lengths of (n,) texts in words.

    Example:
        >>> lengths(np.array(["a b", "a b c", "a"], dtype=np.dtypes.StringDType()))
        Lengths(median=2, percentile95=3, longest=3)
    """
    words = np.array([len(text.split()) for text in texts.tolist()])
    median, high = np.percentile(words, (50, 95), method="higher")
    return Lengths(int(median), int(high), int(words.max()))


def examples(split: Split, label: int, n: int = 2) -> list[str]:
    """The first n texts of a class, each on one line and cut after `SHOWN` characters."""
    first = split.inputs[np.flatnonzero(split.labels == label)[:n]]
    return [brief(text) for text in first.tolist()]


def brief(text: str, most: int = SHOWN) -> str:
    """A text on one line, cut between words if it can be, and safe for a terminal.

    Example:
        >>> brief("a film  that\\nnobody should miss", 16)
        'a film that ...'
    """
    line = " ".join(text.split())
    if len(line) > most:
        short = textwrap.shorten(line[: most + 1], most, placeholder=" ...")
        line = short if len(short) > 4 else f"{line[: most - 4]} ..."
    return shown(line)
