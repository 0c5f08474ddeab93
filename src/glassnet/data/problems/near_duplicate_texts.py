"""Near texts: those alike but for case, signs and spaces, and those that share most of their runs.

Runs are three words in a row. How much two texts resemble each other, the share of the runs of both
that are in each, is estimated by MinHash (A. Broder, "On the resemblance and containment of
documents", 1997): under a random order of all runs they have the same first one with a probability
that is this share. Only those that have a band of such first runs in common are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.data.problems.duplicates import Groups

SCRIPTS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts without spaces: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""

WORD = re.compile(f"[{SCRIPTS}]|[^\\W_{SCRIPTS}]+")
"""A word, or a character of a script without spaces."""

RUN = 3
"""Words in a run."""

LEAST_ALIKE = 0.8
"""The least resemblance of near texts."""

LEAST_ESTIMATED = 0.75
"""The least that is estimated of those whose runs are then counted."""

BANDS, ROWS = 16, 4
"""Bands of first runs; of texts that resemble each other to 0.8 hardly any share none."""

MOST_RUNS = 50_000_000
"""Runs that are looked at in all; where there are more, those at the texts' beginnings are."""

MOST_BEFORE = 20
"""Of the texts with which one has a band in common it is compared with at most as many."""

AT_ONCE = 1 << 16
"""Pairs that are compared at once."""


def groups(texts: Sequence[str]) -> list[list[int]]:
    """Find the groups of texts that are nearly or exactly the same.

    Args:
        texts: n of them; those without a word are in no group.

    Returns:
        Their positions, rising; the groups by their first.

    Example:
        >>> groups(["A joy!", "dull", "a  joy", "DULL...", "a joy it is"])
        [[0, 2], [1, 3]]
    """
    found = Groups()
    numbers: dict[str, int] = {}
    first: dict[bytes, int] = {}
    alone: list[tuple[int, np.ndarray]] = []
    longest = MOST_RUNS // max(1, len(texts)) + RUN - 1
    for k, text in enumerate(texts):
        words = (numbers.setdefault(word, len(numbers)) for word in WORD.findall(text.casefold()))
        told = np.fromiter(words, np.uint32)
        if not len(told):
            continue
        other = first.setdefault(told.tobytes(), k)
        if other != k:
            found.join(other, k)
        elif len(told) >= RUN:
            alone.append((k, told[:longest]))
    if alone:
        for one, other in _resembling(_first_runs([words for _, words in alone])):
            (j, mine), (k, others) = alone[one], alone[other]
            if found.first(j) != found.first(k) and _resemblance(mine, others) >= LEAST_ALIKE:
                found.join(j, k)
    return found.all()


def _resemblance(one: np.ndarray, other: np.ndarray) -> float:
    """The share of the runs of both texts that are in each."""
    mine, others = (
        set(zip(*(words[k : len(words) - RUN + 1 + k].tolist() for k in range(RUN)), strict=True))
        for words in (one, other)
    )
    return len(mine & others) / len(mine | others)


def _first_runs(texts: list[np.ndarray]) -> np.ndarray:
    """(n, BANDS * ROWS) uint32: a text's smallest run under each of as many orders."""
    lengths = np.array([len(words) for words in texts])
    starts = np.cumsum(lengths) - lengths
    words = np.concatenate(texts)
    runs = np.zeros(len(words) - RUN + 1, np.uint32)
    for k in range(RUN):
        runs = _mixed(runs + words[k : k + len(runs)])
    inside = np.ones(len(words), bool)
    for k in range(1, RUN):
        inside[starts + lengths - k] = False  # a run does not reach into the next text
    runs = runs[inside[: len(runs)]]
    begins = starts - (RUN - 1) * np.arange(len(texts))
    random = np.random.default_rng(0).integers(0, 1 << 32, BANDS * ROWS, np.uint32)
    return np.stack([np.minimum.reduceat(_mixed(runs ^ seed), begins) for seed in random], axis=1)


def _mixed(values: np.ndarray) -> np.ndarray:
    """An order of the 32-bit numbers, as good as random: C. Wellons's `lowbias32`."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        values = (values ^ (values >> np.uint32(shift))) * np.uint32(factor)
    return values ^ (values >> np.uint32(16))


def _resembling(signs: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pairs of positions of texts of whose first runs (n, k) enough are the same."""
    for some in _sharing(signs):
        for start in range(0, len(some), AT_ONCE):
            one, other = some[start : start + AT_ONCE].T
            alike = (signs[one] == signs[other]).mean(axis=1) >= LEAST_ESTIMATED
            yield from zip(one[alike].tolist(), other[alike].tolist(), strict=True)


def _sharing(signs: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs (m, 2) that have a band in common, each text with `MOST_BEFORE` others at most."""
    for band in range(BANDS):
        held = np.ascontiguousarray(signs[:, band * ROWS : (band + 1) * ROWS])
        keys = held.view(np.dtype((np.void, held.itemsize * ROWS)))[:, 0]
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        for lag in range(1, min(MOST_BEFORE, len(keys) - 1) + 1):
            same = np.flatnonzero(keys[lag:] == keys[:-lag])
            if not len(same):
                break
            yield np.stack([order[same], order[same + lag]], axis=1)
