"""Test results over seeds: every seed's point, with mean, standard deviation and interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.findings import (
    Cell,
    Claim,
    ClaimRecorder,
    CurvePanel,
    Curves,
    Finding,
    Provenance,
    Series,
    Table,
    count,
    interval,
    number,
)
from glassnet.insight.views.seed_evidence import GroupEvidence
from glassnet.stats.over_seeds import Result, over_seeds

SECTION = "result"

MAX_AXIS_SEED = 30
"""Largest seed up to which seeds are places on an axis; others are drawn in their order."""


def seed_results(group: GroupEvidence) -> Iterator[Finding]:
    """Draw and list the test results of every seed."""
    tests = {seed: each.test_results for seed, each in group.seeds.items() if each.test_results}
    results = over_seeds(tests)
    if not results or len(tests) < 2:
        return
    provenance = Provenance(
        run=group.name,
        checkpoint="",
        split="test",
        n=group.n_test,
        seed=None,
        command=group.command,
    )
    yield _points(results, provenance)
    yield _table(results, provenance)


def seed_axis(seeds: list[int]) -> tuple[np.ndarray, str]:
    """Places of seeds on an axis, and its label."""
    if max(seeds) <= MAX_AXIS_SEED:
        return np.array(seeds, np.float64), "seed"
    return np.arange(1.0, len(seeds) + 1), f"seeds {', '.join(map(str, seeds))}"


def mean_claim(result: Result) -> Claim:
    """The mean of a measure over the seeds, with the interval of the mean."""
    low, high = result.interval() or (None, None)
    unit = f" {result.measure.unit}".rstrip()
    return number(
        f"mean {result.measure.name} over seeds",
        result.mean,
        f"{{:,.{result.measure.digits}f}}{unit}",
        len(result.values),
        low=low,
        high=high,
    )


def sd_claim(result: Result) -> Claim:
    """The standard deviation of a measure over the seeds; of a percentage in points."""
    unit = " points" if result.measure.unit == "%" else f" {result.measure.unit}".rstrip()
    return number(
        f"standard deviation of {result.measure.name} over seeds",
        result.sd or 0.0,
        f"{{:,.{result.measure.digits}f}}{unit}",
        len(result.values),
    )


def interval_claim(result: Result) -> Claim:
    """The interval of the mean, spelled out."""
    digits, unit = result.measure.digits, f" {result.measure.unit}".rstrip()
    return interval(mean_claim(result), f"{{:,.{digits}f}} to {{:,.{digits}f}}{unit}", scale=1)


def n_seeds(record: ClaimRecorder, n: int) -> str:
    """State the number of seeds."""
    return f"{record(count('seeds', n))} seeds"


def _sentence(record: ClaimRecorder, result: Result) -> str:
    """As `test accuracy is 98.12 % on average (standard deviation 0.10 %)`."""
    return (
        f"{result.measure.name} is {record(mean_claim(result))} on average, with a standard "
        f"deviation of {record(sd_claim(result))}"
    )


def _points(results: list[Result], provenance: Provenance) -> Curves:
    main, record = results[0], ClaimRecorder()
    seeds = list(main.values)
    x, label = seed_axis(seeds)
    sentence, n = _sentence(record, main), n_seeds(record, len(seeds))
    return Curves(
        name="seed-results",
        section=SECTION,
        title=f"{sentence[:1].upper()}{sentence[1:]} over {n}",
        summary=f"The 95 % interval of the mean is {record(interval_claim(main))} "
        "(Student's t), as the bands are. It accounts for the choice of seeds, not for that of "
        "the test examples. Each point is a seed.",
        provenance=provenance,
        claims=record.claims,
        x_label=label,
        panels=tuple(_panel(result, x) for result in results),
    )


def _panel(result: Result, x: np.ndarray) -> CurvePanel:
    low, high = result.interval() or (result.mean, result.mean)
    ends = np.repeat([x.min(), x.max()], 2)  # four points, since fewer would be marked
    everywhere: dict[str, Any] = {
        name: np.full(len(ends), value)
        for name, value in (("y", result.mean), ("low", low), ("high", high))
    }
    points = np.array(list(result.values.values()), np.float64)
    order = np.argsort(x)
    return CurvePanel(
        y_label=result.measure.label,
        series=(
            Series(label="mean", role="valid", x=ends, **everywhere),
            Series(label="seed", role="other", x=x[order], y=points[order], points=True),
        ),
        mark=None,
    )


def _table(results: list[Result], provenance: Provenance) -> Table:
    record, main = ClaimRecorder(), results[0]
    values = list(main.values.items())
    name = f"{main.measure.name[:1].upper()}{main.measure.name[1:]}"
    lowest, highest = (choose(values, key=lambda item: item[1]) for choose in (min, max))
    ends = [
        record(
            number(
                f"{which} {main.measure.name}",
                value,
                f"{{:,.{main.measure.digits}f}} {main.measure.unit}".rstrip(),
                seed=seed,
            )
        )
        for which, (seed, value) in (("lowest", lowest), ("highest", highest))
    ]
    rows: list[tuple[Cell, ...]] = [
        (f"seed {seed}", *(result.values[seed] for result in results)) for seed in main.values
    ]
    intervals = [result.interval() or (None, None) for result in results]
    rows += [
        ("mean", *(result.mean for result in results)),
        ("standard deviation", *(result.sd for result in results)),
        ("95 % interval, from", *(low for low, _ in intervals)),
        ("95 % interval, to", *(high for _, high in intervals)),
    ]
    return Table(
        name="seed-table",
        section=SECTION,
        title=f"{name} ranges from {ends[0]} to {ends[1]} over {n_seeds(record, len(values))}",
        summary="Every seed's test results; the interval is that of the mean (Student's t).",
        provenance=provenance,
        claims=record.claims,
        columns=("run", *(result.measure.label for result in results)),
        formats=("", *(f",.{result.measure.digits}f" for result in results)),
        rows=tuple(rows),
    )
