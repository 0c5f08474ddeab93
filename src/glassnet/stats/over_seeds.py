"""Test results over several seeds: mean, standard deviation and interval."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glassnet.stats.intervals import t_interval


@dataclass(frozen=True)
class Measure:
    """A number among the test results.

    Attributes:
        key: its key in `results.test`.
        name: what it is, as `test accuracy`.
        unit: `%`, `points`, `nats` or empty.
        digits: decimals.
        factor: 100 where the key has a share.
        range: the values that it can have, in its unit.
    """

    key: str
    name: str
    unit: str = ""
    digits: int = 2
    factor: int = 1
    range: tuple[float, float] = (-math.inf, math.inf)

    @property
    def label(self) -> str:
        """Name and unit, for axes and tables."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


SHARE, NOT_NEGATIVE = (0.0, 100.0), (0.0, math.inf)

MEASURES = (
    Measure("accuracy", "test accuracy", "%", factor=100, range=SHARE),
    Measure("negative_log_likelihood", "negative log-likelihood", "nats", 4, range=NOT_NEGATIVE),
    Measure("calibration_error", "calibration error", "points", factor=100, range=SHARE),
    Measure("iwae_nll", "bound on −log p(x)", "nats"),
    Measure("negative_elbo", "−ELBO", "nats"),
    Measure("reconstruction", "reconstruction", "nats"),
    Measure("kl", "KL", "nats", range=NOT_NEGATIVE),
    Measure("used_dimensions", "latent dimensions used", digits=1, range=NOT_NEGATIVE),
)
"""Those that depend on the seed, in their order; a task's headline is added where it is not one."""


@dataclass(frozen=True)
class Result:
    """A measure over the seeds.

    Attributes:
        measure: what it is.
        values: seed -> its value, in the unit of the measure.
    """

    measure: Measure
    values: Mapping[int, float]

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return statistics.fmean(self.values.values())

    @property
    def sd(self) -> float | None:
        """The standard deviation over the seeds (n - 1); None for one seed."""
        return statistics.stdev(self.values.values()) if len(self.values) > 1 else None

    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the mean (Student's t), within its range; None for one seed."""
        if len(self.values) < 2:
            return None
        low, high = t_interval(list(self.values.values()))
        lowest, highest = self.measure.range
        return max(lowest, low), min(highest, high)

    def format(self, value: float) -> str:
        """A value without its unit."""
        return f"{value:,.{self.measure.digits}f}"

    def __str__(self) -> str:
        """Mean and standard deviation with their unit, as `98.12 ± 0.10 %`."""
        spread = "" if self.sd is None else f" ± {self.format(self.sd)}"
        return f"{self.format(self.mean)}{spread} {self.measure.unit}".rstrip()


def over_seeds(tests: Mapping[int, Mapping[str, Any]]) -> list[Result]:
    """The measures that the test results of all seeds have, the main one first.

    Args:
        tests: seed -> `results.test` of its run.json.

    Example:
        >>> one, two = ({"headline": "accuracy", "accuracy": value} for value in (0.9, 0.91))
        >>> print(over_seeds({0: one, 1: two})[0])
        90.50 ± 0.71 %
    """
    if not tests:
        return []
    return [
        Result(each, {seed: each.factor * float(test[each.key]) for seed, test in tests.items()})
        for each in _measures(next(iter(tests.values())))
        if all(_is_number(test.get(each.key)) for test in tests.values())
    ]


def _measures(test: Mapping[str, Any]) -> list[Measure]:
    """The known measures, after the headline."""
    headline = str(test.get("headline", ""))
    known = {each.key: each for each in MEASURES}
    label = next((str(number[0]) for number in test.get("numbers", ())), headline)
    first = known.get(headline, Measure(headline, label, digits=4))
    return [first, *(each for each in MEASURES if each != first)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_json(results: list[Result]) -> dict[str, Any]:
    """Results as plain data: key -> mean, sd, interval, n and the value of each seed.

    Shares are in per cent, as in the tables.
    """
    found = {}
    for result in results:
        ends = result.interval()
        found[result.measure.key] = {
            "name": result.measure.name,
            "unit": result.measure.unit,
            "mean": result.mean,
            "sd": result.sd,
            "interval": None if ends is None else list(ends),
            "n": len(result.values),
            "values": {str(seed): value for seed, value in result.values.items()},
        }
    return found
