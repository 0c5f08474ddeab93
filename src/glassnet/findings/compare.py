"""Comparison of two findings, field by field, within numerical tolerances."""

import dataclasses
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.findings.claims import label
from glassnet.findings.finding import Claim
from glassnet.findings.kinds import Interval

PIXEL_LEVELS = 1
"""Levels of 255 by which a pixel may differ, since rounding can go either way."""

PROJECTION_FIELDS = {
    "ScatterPanel": {
        *("points", "note", "numbers", "quality_scores"),
        *("neighbours_kept", "distorted"),
    },
    "AnimationTrack": {"scales", "captions", "drift"},
}
"""Fields with coordinates of projections, in which t-SNE amplifies the last bits, and fields that
describe them; their numbers are claims as well."""

TSNE_TOLERANCE = 0.05
"""A claim that depends on t-SNE may differ by this much, whatever its interval: the interval is
over other points, not over other projections."""

TABLE_TOLERANCE = 0.2
"""Relative tolerance of a table's numbers, some of which are half widths of intervals."""

COUNT_DEVIATIONS = 2
"""Tolerance of a table's counts in standard deviations, the standard deviation being the root."""

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
        same_machine: whether texts and projections must be equal. Otherwise texts may differ in
            their numerals, a claim's value may lie anywhere in its 95 % interval, tables may
            differ by `TABLE_TOLERANCE` and `COUNT_DEVIATIONS`, and projections are skipped.
        count_deviations: tolerance of a whole number, in its standard deviations.
    """

    number: float
    array: float
    same_machine: bool = True
    count_deviations: float = 0


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
    elif isinstance(stored, Interval) and isinstance(computed, Interval):
        if not _overlap(stored, computed, tolerance):
            yield from _in_fields(stored, computed, field, tolerance)
    elif dataclasses.is_dataclass(stored) and type(stored) is type(computed):
        yield from _in_fields(stored, computed, field, tolerance)
    elif isinstance(stored, dict) and isinstance(computed, dict):
        for key in dict.fromkeys([*stored, *computed]):
            name = f"{field}.{key}".lstrip(".")
            yield from differences(stored.get(key), computed.get(key), name, tolerance)
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
    for name in sorted(names, key=lambda name: name not in ("provenance", "claims")):
        within = tolerance
        if not tolerance.same_machine:
            if name in PROJECTION_FIELDS.get(type(stored).__name__, ()):
                continue
            if name == "rows":
                within = dataclasses.replace(
                    tolerance, number=TABLE_TOLERANCE, count_deviations=COUNT_DEVIATIONS
                )
        yield from differences(
            getattr(stored, name), getattr(computed, name), f"{field}.{name}".lstrip("."), within
        )


def _in_claims(stored: Claim, computed: Claim, tolerance: Tolerance) -> Iterator[Difference]:
    if tolerance.same_machine:
        fields = zip(dataclasses.astuple(stored), dataclasses.astuple(computed), strict=True)
        agree = all(_equal(*pair, tolerance) for pair in fields)
    else:
        agree = stored.key == computed.key and _is_plausible(stored, computed, tolerance)
    if not agree:
        name = label(stored)
        yield Difference(
            name if stored.key == computed.key else f"the claim “{name}”",
            _claim_shown(stored),
            _claim_shown(computed),
        )


def _is_plausible(stored: Claim, computed: Claim, tolerance: Tolerance) -> bool:
    """Whether another machine may have computed the stored claim.

    Its formatted value may differ only if its value does.
    """
    reformatted = stored.value == computed.value and stored.formatted != computed.formatted
    if stored.n != computed.n or reformatted:
        return False
    margin = TSNE_TOLERANCE if computed.depends_on_tsne else 1e-6
    close = math.isclose(stored.value, computed.value, rel_tol=tolerance.number, abs_tol=margin)
    if computed.low is None or computed.high is None:
        return close
    return close or computed.low - margin <= stored.value <= computed.high + margin


def _overlap(stored: Interval, computed: Interval, tolerance: Tolerance) -> bool:
    """Whether another machine may have computed the stored interval of a table."""
    close = not tolerance.same_machine and (stored.value is None) is (computed.value is None)
    return close and stored.low <= computed.high and computed.low <= stored.high


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
    if isinstance(stored, str) and isinstance(computed, str) and not tolerance.same_machine:
        return NUMERAL.sub("0", stored) == NUMERAL.sub("0", computed)
    if isinstance(stored, float) or isinstance(computed, float):
        numbers = all(isinstance(value, int | float) for value in (stored, computed))
        return numbers and math.isclose(stored, computed, rel_tol=tolerance.number, abs_tol=1e-9)
    if type(stored) is type(computed) is int and tolerance.count_deviations:
        deviation = math.sqrt(max(stored, computed, 0))
        return abs(stored - computed) <= tolerance.count_deviations * deviation
    return bool(stored == computed)


def _claim_shown(claim: Claim) -> str:
    n = f", n = {claim.n:,}" if claim.n else ""
    return f"“{claim.formatted}” ({claim.value:.9g}{n})"


def _shown(value: Any) -> str:
    text = str(value) if len(str(value)) <= MAX_SHOWN else f"{str(value)[:MAX_SHOWN]} ..."
    return f"“{text}”" if isinstance(value, str) else text
