"""Comparison of two findings, field by field, within numerical tolerances."""

import dataclasses
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.findings.claims import label
from glassnet.findings.finding import Claim
from glassnet.findings.kinds import Table
from glassnet.findings.points import QualityScore, ScatterPanel

PIXEL_LEVELS = 1
"""Levels of 255 by which a pixel may differ, since rounding can go either way."""

FURTHER_MAPS = {"stability", "stability_low", "stability_high", "drift"}
"""Numbers of panels and tracks that are measured on t-SNE maps which are not stored."""

MAX_SHOWN = 200
"""Characters of a text that a difference shows."""

NUMERAL = re.compile(r"(?<!\w)[-+−]?\d[\d.,]*(?:e[-+]?\d+)?")
"""A number; digits after a letter belong to a name, such as `pool2`."""


@dataclass(frozen=True)
class Tolerance:
    """How far two findings may differ.

    Attributes:
        number: relative tolerance of a number.
        array: tolerance of an array's values, as a share of the largest one.
        examples: in how many points of a projection, and neighbours of theirs, the last bits may
            decide which of two is nearer.
        further_maps: absolute tolerance of a share that is measured on t-SNE maps which are not
            stored.
        absolute: absolute tolerance of any other number.
        count: tolerance of a whole number.
        numerals: pairs of a stored and a computed numeral that texts may differ in: claims have
            them, and agree.
    """

    number: float
    array: float
    examples: int = 0
    further_maps: float = 0.0
    absolute: float = 1e-9
    count: int = 0
    numerals: frozenset[tuple[str, str]] = frozenset()

    def on_further_maps(self, scale: float = 1) -> "Tolerance":
        """The tolerance of what is measured on t-SNE maps which are not stored.

        Args:
            scale: 100 for percentages.
        """
        return replace(self, absolute=max(self.absolute, scale * self.further_maps))

    def on_projection(self, n: int) -> "Tolerance":
        """The tolerance of a share of the n points of a projection, or of a mean over them."""
        share = self.examples / n if n else 0.0
        return replace(self, number=max(self.number, share), absolute=max(self.absolute, share))


@dataclass(frozen=True)
class Difference:
    """A `field` whose `stored` value differs from the `computed` one."""

    field: str
    stored: str
    computed: str


def differences(
    stored: Any, computed: Any, field: str, tolerance: Tolerance
) -> Iterator[Difference]:
    """Yield the differences between two findings, or parts of them, in the order of their fields.

    Example:
        >>> one, two = {"accuracy": 0.99, "n": 100}, {"accuracy": 0.98, "n": 100}
        >>> list(differences(one, two, "results", Tolerance(1e-5, 1e-4)))
        [Difference(field='results.accuracy', stored='0.99', computed='0.98')]
    """
    if isinstance(stored, Claim) and isinstance(computed, Claim):
        yield from _in_claims(stored, computed, tolerance)
    elif dataclasses.is_dataclass(stored) and type(stored) is type(computed):
        yield from _in_fields(stored, computed, field, tolerance)
    elif isinstance(stored, dict) and isinstance(computed, dict):
        for key in dict.fromkeys([*stored, *computed]):
            name = f"{field}.{key}".lstrip(".")
            within = tolerance.on_further_maps() if key in FURTHER_MAPS else tolerance
            yield from differences(stored.get(key), computed.get(key), name, within)
    elif isinstance(stored, list | tuple) and isinstance(computed, list | tuple):
        if len(stored) != len(computed):
            yield Difference(f"the number of {field}", str(len(stored)), str(len(computed)))
        for index, pair in enumerate(zip(stored, computed, strict=False)):
            yield from differences(*pair, f"{field}.{index}", tolerance)
    elif isinstance(stored, np.ndarray) and isinstance(computed, np.ndarray):
        yield from _in_arrays(stored, computed, field, tolerance)
    elif not _equal(stored, computed, tolerance):
        yield Difference(field, _shown(stored), _shown(computed))


def _in_fields(
    stored: Any, computed: Any, field: str, tolerance: Tolerance
) -> Iterator[Difference]:
    """Compare claims first, since a claim names the number in which two texts differ."""
    names = [attribute.name for attribute in dataclasses.fields(stored)]
    if "claims" in names:
        numerals = frozenset(_changed_numerals(stored.claims, computed.claims))
        tolerance = replace(tolerance, numerals=numerals)
    if isinstance(stored, QualityScore):
        tolerance = tolerance.on_projection(stored.n)
        tolerance = tolerance.on_further_maps() if stored.name in FURTHER_MAPS else tolerance
    for name in sorted(names, key=lambda name: name not in ("provenance", "claims")):
        values = getattr(stored, name), getattr(computed, name)
        within = tolerance.on_further_maps() if name in FURTHER_MAPS else tolerance
        place = f"{field}.{name}".lstrip(".")
        if isinstance(stored, Table) and name == "rows":
            yield from _in_rows(stored, computed, place, tolerance)
        elif isinstance(stored, ScatterPanel) and name in ("neighbours_kept", "distorted"):
            if not _few_differ(*values, tolerance):
                yield from differences(*values, place, tolerance)
        elif isinstance(stored, ScatterPanel) and name == "numbers":
            yield from differences(*values, place, tolerance.on_projection(len(stored.points)))
        else:
            yield from differences(*values, place, within)


def _in_rows(
    stored: Table, computed: Table, field: str, tolerance: Tolerance
) -> Iterator[Difference]:
    on_projection = tolerance.on_projection(computed.provenance.n)
    loose = dict.fromkeys(
        computed.on_projections, replace(on_projection, absolute=1e-9, count=tolerance.examples)
    )
    loose |= dict.fromkeys(computed.further_maps, tolerance.on_further_maps(100))
    for index, row in enumerate(computed.rows[: len(stored.rows)]):
        for column, value in enumerate(row[: len(stored.rows[index])]):
            place, within = f"{field}.{index}.{column}", loose.get(column, tolerance)
            yield from differences(stored.rows[index][column], value, place, within)
    sizes = [[len(row) for row in table.rows] for table in (stored, computed)]
    if sizes[0] != sizes[1]:
        yield Difference(f"the number of {field}", *map(str, sizes))


def _in_claims(stored: Claim, computed: Claim, tolerance: Tolerance) -> Iterator[Difference]:
    within = tolerance.on_projection(computed.n) if computed.method else tolerance
    within = within.on_further_maps() if computed.further_maps else within
    same_value = stored.value == computed.value
    pairs = (
        (getattr(stored, name), getattr(computed, name))
        for name in (attribute.name for attribute in dataclasses.fields(Claim))
        if name != "formatted"
    )
    agree = all(_equal(*pair, within) for pair in pairs) and (
        stored.formatted == computed.formatted
        if same_value
        else _rounds_alike(stored.formatted, computed.formatted, within)
    )
    if not agree:
        name = label(stored)
        yield Difference(
            name if stored.key == computed.key else f"the claim “{name}”",
            _claim_shown(stored),
            _claim_shown(computed),
        )


def _few_differ(
    stored: np.ndarray | None, computed: np.ndarray | None, tolerance: Tolerance
) -> bool:
    """Whether shares of neighbours, or positions of points, differ for a few points alone."""
    if stored is None or computed is None or not tolerance.examples:
        return False
    if stored.dtype.kind == "i":
        return len(np.setxor1d(stored, computed)) <= tolerance.examples
    if stored.shape != computed.shape:
        return False
    return int((~np.isclose(stored, computed)).sum()) <= 2 * tolerance.examples


def _changed_numerals(
    stored: tuple[Claim, ...], computed: tuple[Claim, ...]
) -> Iterator[tuple[str, str]]:
    """The numerals in which the formatted values of claims differ."""
    for one, other in zip(stored, computed, strict=False):
        pairs = zip(NUMERAL.findall(one.formatted), NUMERAL.findall(other.formatted), strict=False)
        yield from ((a, b) for a, b in pairs if a != b)


def _rounds_alike(stored: str, computed: str, tolerance: Tolerance) -> bool:
    """Whether two formatted values differ by no more than their last digit, or a percentage of
    further maps by no more than its tolerance."""
    if NUMERAL.sub("0", stored) != NUMERAL.sub("0", computed):
        return False
    pairs = zip(NUMERAL.findall(stored), NUMERAL.findall(computed), strict=True)
    return all(
        abs(_number(a) - _number(b)) <= max(1.01 * _last_digit(b), 100 * tolerance.absolute)
        for a, b in pairs
    )


def _number(numeral: str) -> float:
    return float(numeral.replace(",", "").replace("−", "-").rstrip("."))


def _last_digit(numeral: str) -> float:
    """The value of one unit of a numeral's last digit."""
    mantissa, _, exponent = numeral.rstrip(".").partition("e")
    return float(10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])))


def _in_arrays(
    stored: np.ndarray, computed: np.ndarray, field: str, tolerance: Tolerance
) -> Iterator[Difference]:
    if stored.shape != computed.shape or stored.dtype != computed.dtype:
        yield Difference(
            f"the shape of {field}",
            *(f"{array.shape} {array.dtype}" for array in (stored, computed)),
        )
        return
    if stored.dtype.kind not in "fiu" or not stored.size:
        unequal = stored != computed
    else:
        gap = np.abs(stored.astype(np.float64) - computed.astype(np.float64))
        floats = stored.dtype.kind == "f"
        margin = tolerance.array * float(np.abs(computed).max()) if floats else 0.0
        unequal = ~(gap <= (PIXEL_LEVELS if stored.dtype == np.uint8 else margin))
    if unequal.any():
        index = tuple(int(i) for i in np.argwhere(unequal)[0])
        yield Difference(f"{field}{list(index)}", str(stored[index]), str(computed[index]))


def _equal(stored: Any, computed: Any, tolerance: Tolerance) -> bool:
    if isinstance(stored, str) and isinstance(computed, str):
        return stored == computed or _same_words(stored, computed, tolerance)
    if isinstance(stored, float) or isinstance(computed, float):
        numbers = all(isinstance(value, int | float) for value in (stored, computed))
        return numbers and math.isclose(
            stored, computed, rel_tol=tolerance.number, abs_tol=tolerance.absolute
        )
    if type(stored) is type(computed) is int:
        return abs(stored - computed) <= tolerance.count
    return bool(stored == computed)


def _same_words(stored: str, computed: str, tolerance: Tolerance) -> bool:
    """Whether two texts differ in numerals alone, and only as claims do."""
    if NUMERAL.sub("0", stored) != NUMERAL.sub("0", computed):
        return False
    pairs = zip(NUMERAL.findall(stored), NUMERAL.findall(computed), strict=True)
    return {(a, b) for a, b in pairs if a != b} <= tolerance.numerals


def _claim_shown(claim: Claim) -> str:
    n = f", n = {claim.n:,}" if claim.n else ""
    return f"“{claim.formatted}” ({claim.value:.9g}{n})"


def _shown(value: Any) -> str:
    text = str(value) if len(str(value)) <= MAX_SHOWN else f"{str(value)[:MAX_SHOWN]} ..."
    return f"“{text}”" if isinstance(value, str) else text
