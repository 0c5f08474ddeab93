"""Near-duplicate texts: equal except for punctuation and case, or sharing most of their word runs.

Runs (shingles) are three words in a row. The resemblance of two texts, the Jaccard similarity of
their sets of runs, is estimated by MinHash (A. Broder, "On the resemblance and containment of
documents", 1997): under a random order of all runs their first ones are equal with a probability of
just this similarity. Only texts that share a band of such first runs are compared.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from glassnet import progress
from glassnet.data.problems.duplicates import DisjointSets
from glassnet.scripts import UNSPACED

WORD = re.compile(f"[{UNSPACED}]|[^\\W_{UNSPACED}]+")
"""A word, or a character of a script without spaces."""

RUN = 3
"""Number of words in a run."""

MIN_RESEMBLANCE = 0.8
"""Minimum resemblance of near duplicates."""

MIN_ESTIMATE = 0.75
"""Minimum estimated resemblance of pairs whose exact one is computed."""

BANDS, ROWS = 16, 4
"""Bands of first runs; of texts with a resemblance of 0.8 nearly all share one."""

MAX_RUNS = 50_000_000
"""Maximum number of runs in total; beyond it only the beginnings of the texts are compared."""

MAX_NEIGHBOURS = 20
"""Maximum number of texts sharing a band with which one is compared."""

BLOCK_SIZE = 1 << 16
"""Number of pairs that are compared at a time."""


def find_groups(texts: Sequence[str]) -> list[list[int]]:
    """Find groups of near duplicates among texts.

    Args:
        texts: n texts; those without a word are in no group.

    Returns:
        The sorted positions of each group, in the order of their first.

    Example:
        >>> find_groups(["A joy!", "dull", "a  joy", "DULL...", "a joy it is"])
        [[0, 2], [1, 3]]
    """
    sets = DisjointSets()
    numbers: dict[str, int] = {}
    first: dict[bytes, int] = {}
    distinct: list[tuple[int, np.ndarray]] = []
    max_words = MAX_RUNS // max(1, len(texts)) + RUN - 1
    with progress.stage("searching for near duplicates", 3 * len(texts)) as advance:
        for k, text in enumerate(texts):
            found = WORD.findall(text.casefold())
            encoded = np.array(
                [numbers.setdefault(word, len(numbers)) for word in found], np.uint32
            )
            advance(2)  # two thirds of the time
            if not len(encoded):
                continue
            if (other := first.setdefault(encoded.tobytes(), k)) != k:
                sets.merge(other, k)
            elif len(encoded) >= RUN:
                distinct.append((k, encoded[:max_words]))
        signatures = _first_runs([words for _, words in distinct], advance)
        for one, other in _candidates(signatures):
            (j, words), (k, other_words) = distinct[one], distinct[other]
            if sets.find(j) != sets.find(k) and _resemblance(words, other_words) >= MIN_RESEMBLANCE:
                sets.merge(j, k)
    return sets.groups()


def _resemblance(one: np.ndarray, other: np.ndarray) -> float:
    """The Jaccard similarity of the sets of runs of two texts."""
    first, second = (
        set(zip(*(words[k : len(words) - RUN + 1 + k].tolist() for k in range(RUN)), strict=True))
        for words in (one, other)
    )
    return len(first & second) / len(first | second)


def _first_runs(texts: list[np.ndarray], advance: progress.Advance) -> np.ndarray:
    """(n, BANDS * ROWS) uint32: the first run of each text under that many random orders."""
    orders = BANDS * ROWS
    if not texts:
        return np.empty((0, orders), np.uint32)
    lengths = np.array([len(words) for words in texts])
    starts = np.cumsum(lengths) - lengths
    words = np.concatenate(texts)
    runs = np.zeros(len(words) - RUN + 1, np.uint32)
    for k in range(RUN):
        runs = _mixed(runs + words[k : k + len(runs)])
    inside = np.ones(len(words), bool)
    for k in range(1, RUN):
        inside[starts + lengths - k] = False  # runs do not extend into the next text
    runs = runs[inside[: len(runs)]]
    first_runs = starts - (RUN - 1) * np.arange(len(texts))
    found = np.empty((len(texts), orders), np.uint32)
    for k, seed in enumerate(np.random.default_rng(0).integers(0, 1 << 32, orders, np.uint32)):
        found[:, k] = np.minimum.reduceat(_mixed(runs ^ seed), first_runs)
        advance(len(texts) / orders)
    return found


def _mixed(values: np.ndarray) -> np.ndarray:
    """A pseudorandom permutation of the 32-bit numbers: `lowbias32` by C. Wellons."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        values = (values ^ (values >> np.uint32(shift))) * np.uint32(factor)
    return values ^ (values >> np.uint32(16))


def _candidates(signatures: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pairs of positions of texts whose signatures (n, k), the first runs, are similar enough."""
    for pairs in _sharing_a_band(signatures):
        for start in range(0, len(pairs), BLOCK_SIZE):
            one, other = pairs[start : start + BLOCK_SIZE].T
            similar = (signatures[one] == signatures[other]).mean(axis=1) >= MIN_ESTIMATE
            yield from zip(one[similar].tolist(), other[similar].tolist(), strict=True)


def _sharing_a_band(signatures: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs (m, 2) that share a band, of each text with at most `MAX_NEIGHBOURS` others."""
    for band in range(BANDS):
        rows = np.ascontiguousarray(signatures[:, band * ROWS : (band + 1) * ROWS])
        keys = rows.view(np.dtype((np.void, rows.itemsize * ROWS)))[:, 0]
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        for lag in range(1, min(MAX_NEIGHBOURS, len(keys) - 1) + 1):
            equal = np.flatnonzero(keys[lag:] == keys[:-lag])
            if not len(equal):
                break
            yield np.stack([order[equal], order[equal + lag]], axis=1)
