"""Two findings held against each other, field by field, as far as numbers can be had again."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.findings.finding import Claim

LEVELS = 1
"""Levels of 255 by which a pixel may differ, as where rounding falls the other way."""

MAPS = {
    "ScatterPanel": {
        *("points", "note", "numbers", "quality_scores"),
        *("neighbours_kept", "distorted", "distorted_label"),
    },
    "AnimationTrack": {"scales", "captions", "drift"},
}
"""Fields with the coordinates of maps, whose last bits t-SNE blows up, and with what is said of
them; their numbers are claims as well."""

CHAOTIC, STRAYS = "t-SNE", 0.05
"""What a claim on such a map is known by, and how far it may stray, whatever its interval: that is
about other points, not about other maps."""

TABLED = 0.2
"""Of a table's numbers, half the widths of intervals among them, this share."""

DEVIATIONS = 2
"""Of a table's counts, so many of their standard deviations, which are their roots."""

LONGEST = 200
"""Characters of a text that are shown."""

NUMERAL = re.compile(r"[-+−]?\d[\d.,]*(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Tolerance:
    """How far two findings may lie apart.

    Attributes:
        numbers: of a number, as a share of it.
        arrays: of an array's values, as a share of its largest one.
        alike: whether texts and maps must be equal; else texts may differ in their numerals, a
            claim's number may lie anywhere in its 95 % interval, too, or by `STRAYS` from it, what
            stands in tables may differ by `TABLED` and `DEVIATIONS`, and maps are left out.
        counts: of a whole number, in its standard deviations.
    """

    numbers: float
    arrays: float
    alike: bool = True
    counts: float = 0


@dataclass(frozen=True)
class Difference:
    """One thing that differs: `what` it is, as it is `stored` and as it comes out `again`."""

    what: str
    stored: str
    again: str


def differences(stored: Any, again: Any, what: str, within: Tolerance) -> Iterator[Difference]:
    """What differs between two findings, or parts of them, in the order of their fields.

    Example:
        >>> one, two = {"accuracy": 0.99, "n": 100}, {"accuracy": 0.98, "n": 100}
        >>> list(differences(one, two, "results", Tolerance(1e-5, 1e-4)))
        [Difference(what='results.accuracy', stored='0.99', again='0.98')]
    """
    if isinstance(stored, Claim) and isinstance(again, Claim):
        yield from _claims(stored, again, within)
    elif dataclasses.is_dataclass(stored) and type(stored) is type(again):
        yield from _fields(stored, again, what, within)
    elif isinstance(stored, dict) and isinstance(again, dict):
        for key in dict.fromkeys([*stored, *again]):
            pair = stored.get(key), again.get(key)
            yield from differences(*pair, f"{what}.{key}".lstrip("."), within)
    elif isinstance(stored, list | tuple) and isinstance(again, list | tuple):
        if len(stored) != len(again):
            yield Difference(f"the number of {what}", str(len(stored)), str(len(again)))
        for place, pair in enumerate(zip(stored, again, strict=False)):
            yield from differences(*pair, f"{what}.{place}", within)
    elif isinstance(stored, np.ndarray) and isinstance(again, np.ndarray):
        yield from _arrays(stored, again, what, within)
    elif not _same(stored, again, within):
        yield Difference(what, _shown(stored), _shown(again))


def _fields(stored: Any, again: Any, what: str, within: Tolerance) -> Iterator[Difference]:
    """The records first: they say what a text that differs is about."""
    names = [field.name for field in dataclasses.fields(stored)]
    for name in sorted(names, key=lambda name: name not in ("provenance", "claims")):
        held = within
        if not within.alike:
            if name in MAPS.get(type(stored).__name__, ()):
                continue
            if name == "rows":
                held = dataclasses.replace(within, numbers=TABLED, counts=DEVIATIONS)
        pair = getattr(stored, name), getattr(again, name)
        yield from differences(*pair, f"{what}.{name}".lstrip("."), held)


def _claims(stored: Claim, again: Claim, within: Tolerance) -> Iterator[Difference]:
    if within.alike:
        fields = zip(dataclasses.astuple(stored), dataclasses.astuple(again), strict=True)
        held = all(_same(*pair, within) for pair in fields)
    else:
        held = stored.name == again.name and _plausible(stored, again, within)
    if not held:
        what = stored.name if stored.name == again.name else f"the record of “{stored.name}”"
        yield Difference(what, _told(stored), _told(again))


def _plausible(stored: Claim, again: Claim, within: Tolerance) -> bool:
    """Whether another machine may have said this: words may differ only if the number does."""
    if stored.n != again.n or (stored.value == again.value and stored.formatted != again.formatted):
        return False
    strays = STRAYS if CHAOTIC in stored.name else 1e-6
    close = math.isclose(stored.value, again.value, rel_tol=within.numbers, abs_tol=strays)
    if again.low is None or again.high is None:
        return close
    return close or again.low - strays <= stored.value <= again.high + strays


def _arrays(
    stored: np.ndarray, again: np.ndarray, what: str, within: Tolerance
) -> Iterator[Difference]:
    if stored.shape != again.shape or stored.dtype != again.dtype:
        yield Difference(
            f"the shape of {what}",
            f"{stored.shape} {stored.dtype}",
            f"{again.shape} {again.dtype}",
        )
        return
    if stored.dtype.kind not in "fiu" or not stored.size:
        unequal = stored != again
    else:
        gap = np.abs(stored.astype(np.float64) - again.astype(np.float64))
        room = within.arrays * float(np.abs(again).max()) if stored.dtype.kind == "f" else 0.0
        unequal = ~(gap <= (LEVELS if stored.dtype == np.uint8 else room))
    if unequal.any():
        place = tuple(int(i) for i in np.argwhere(unequal)[0])
        yield Difference(f"{what}{list(place)}", str(stored[place]), str(again[place]))


def _same(stored: Any, again: Any, within: Tolerance) -> bool:
    if isinstance(stored, str) and isinstance(again, str) and not within.alike:
        return NUMERAL.sub("0", stored) == NUMERAL.sub("0", again)
    if isinstance(stored, float) or isinstance(again, float):
        numbers = all(isinstance(value, int | float) for value in (stored, again))
        return numbers and math.isclose(stored, again, rel_tol=within.numbers, abs_tol=1e-9)
    if type(stored) is type(again) is int and within.counts:
        return abs(stored - again) <= within.counts * math.sqrt(max(stored, again, 0))
    return bool(stored == again)


def _told(claim: Claim) -> str:
    n = f", n = {claim.n:,}" if claim.n else ""
    return f"“{claim.formatted}” ({claim.value:.9g}{n})"


def _shown(value: Any) -> str:
    text = str(value) if len(str(value)) <= LONGEST else f"{str(value)[:LONGEST]} ..."
    return f"“{text}”" if isinstance(value, str) else text
