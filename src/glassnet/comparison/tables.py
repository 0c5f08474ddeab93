"""Tables of the results and differences of a comparison, and the differences by seed as bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from glassnet.comparison import measures
from glassnet.comparison.differences import Compared, Pair, SeedDifferences
from glassnet.comparison.measures import Measure
from glassnet.comparison.sides import Side
from glassnet.findings import (
    Bars,
    Cell,
    ClaimRecorder,
    Interval,
    Provenance,
    Table,
    interval,
    number,
)
from glassnet.stats.intervals import half_width, t_interval, wilson

SECTION = "result"


def results_table(sides: Sequence[Side], provenance: Provenance) -> Table:
    """Tabulate the test results of every side, each with its interval and n."""
    whole = [side for side in sides if not side.missing]
    scored = {side.label: [measures.scores(each) for each in side.evidence] for side in whole}
    known: list[Iterable[Measure]] = [*(runs[0] for runs in scored.values())]
    known += [measures.stored(side.first.run.info) for side in sides if side.missing]
    shown = list(dict.fromkeys(measure for each in known for measure in each))
    rows = tuple(
        (
            side.label,
            side.first.run.info["data"]["name"] if len(_names(sides)) > 1 else None,
            int(side.first.run.info["data"]["test"]),
            *(cell for measure in shown for cell in _value(side, measure, scored)),
            side.first.run.info.get("parameters"),
        )
        for side in sides
    )
    columns = ["run", "data", "test examples"]
    formats = ["", "", ",d"]
    for measure in shown:
        columns += [measure.label, "95 % interval"]
        formats += [".2f" if measure.is_share else ".4g"] * 2
    filled = [
        k for k in (*range(len(columns)), len(columns)) if any(r[k] is not None for r in rows)
    ]
    columns, formats = [*columns, "parameters"], [*formats, ",d"]
    groups = any(side.is_group for side in sides)
    return Table(
        name="results",
        section=SECTION,
        title="The results of each",
        summary="Means over the test examples, with the 95 % interval (Wilson's for accuracy)."
        + (" Of a group, the mean over its runs, with the interval over seeds." if groups else ""),
        provenance=provenance,
        columns=tuple(columns[k] for k in filled),
        formats=tuple(formats[k] for k in filled),
        rows=tuple(tuple(row[k] for k in filled) for row in rows),
    )


def _names(sides: Sequence[Side]) -> set[str]:
    return {side.first.run.info["data"]["name"] for side in sides}


def _value(
    side: Side, measure: Measure, scored: dict[str, list[measures.Scores]]
) -> tuple[Cell, Cell]:
    runs = scored.get(side.label, [])
    if not runs or measure not in runs[0]:
        return _stored(side, measure)
    factor = 100 if measure.is_share else 1
    values = [each[measure][np.isfinite(each[measure])] for each in runs]
    if side.is_group:
        means = np.array([each.mean() for each in values])
        low, high = t_interval(means.tolist())
        return factor * float(means.mean()), Interval(low=factor * low, high=factor * high)
    of_run = values[0]
    mean = float(of_run.mean())
    half = float(half_width(of_run))
    ends = mean - half, mean + half
    if measure.is_share:
        ends = wilson(int(of_run.sum()), len(of_run))
    return factor * mean, Interval(low=factor * ends[0], high=factor * ends[1])


def _stored(side: Side, measure: Measure) -> tuple[Cell, Cell]:
    """The value in run.json, of a run whose data or weights are gone; else nothing."""
    values = {} if side.is_group else measures.stored(side.first.run.info)
    if measure not in values:
        return None, None
    value, low, high = (100 * each if measure.is_share else each for each in values[measure])
    return value, Interval(low=low, high=high)


def differences_table(pairs: Sequence[Pair], provenance: Provenance) -> Table | None:
    """Tabulate every difference with its interval, its test and the verdict on it."""
    rows = [each for pair in pairs for each in pair.compared]
    if not rows:
        return None
    record, several = ClaimRecorder(), len(pairs) > 1
    less = "the second less that of the first"
    if not several:
        less = f"{pairs[0].second.label} less that of {pairs[0].first.label}"
    shown = record(number("differences shown", sum(each.is_clear for each in rows), "{:.0f}"))
    of = record(number("comparisons", len(rows), "{:.0f}"))
    return Table(
        name="differences",
        section=SECTION,
        title=f"{shown} of {of} differences are shown",
        summary=f"Each is the value of {less}, with its 95 % interval; "
        "points are percentage points. A difference is shown if its p value, corrected for all "
        "comparisons by Holm's method, is below the 5 % level.",
        provenance=provenance,
        claims=record.claims,
        columns=(
            *("measure", *["runs"] * several, "difference", "95 % interval", "n"),
            *("p", "p (Holm)", "test", "shown"),
        ),
        formats=("", *[""] * several, "+.3g", "+.3g", "", ".2g", ".2g", "", ""),
        rows=tuple(
            (
                f"{each.measure.name} ({'points' if each.measure.is_share else 'nats'})",
                *[f"{each.second} less {each.first}"] * several,
                each.scaled(each.difference.value),
                Interval(low=each.scaled(each.ends[0]), high=each.scaled(each.ends[1])),
                _n(each),
                each.difference.p,
                each.p_holm,
                each.test,
                _shown(each),
            )
            for each in rows
        ),
    )


def _n(compared: Compared) -> str:
    noun = " seeds" if compared.over_seeds else ""
    if compared.is_paired:
        return f"{compared.n:,}{noun}"
    return f"{compared.n:,} and {compared.other_n:,}{noun}"


def _shown(compared: Compared) -> str:
    if not compared.is_clear:
        return "no difference"
    return f"{compared.better} is better" if compared.better else "differ"


def seed_bars(pairs: Sequence[Pair], provenance: Provenance) -> Iterator[Bars]:
    """Draw each seed's difference and their mean, for groups with the same seeds."""
    for index, pair in enumerate(pairs, 1):
        for found in pair.by_seed[:1]:
            yield _seed_bars(f"by-seed-{index}", pair, found, provenance)


def _seed_bars(name: str, pair: Pair, found: SeedDifferences, provenance: Provenance) -> Bars:
    record, measure = ClaimRecorder(), found.measure
    factor = 100 if measure.is_share else 1
    all_of = [*found.each, found.mean]
    low, high = factor * found.mean.low, factor * found.mean.high
    mean = number(
        f"mean difference of {measure.name} over seeds",
        factor * found.mean.value,
        measure.format_difference(found.mean.value, "+"),
        len(found.seeds),
        low=low,
        high=high,
    )
    between = (measure.format(end, "+") for end in (found.mean.low, found.mean.high))
    ends = interval(mean, " to ".join(between), 1)
    is_higher = found.mean.value > 0
    direction = "higher" if is_higher else "lower"
    same = sum(each.value > 0 if is_higher else each.value < 0 for each in found.each)
    count = record(number(f"seeds with a {direction} value", same, "{:.0f}"))
    n = record(number("seeds", len(found.seeds), "{:.0f}"))
    return Bars(
        name=name,
        section=SECTION,
        title=f"{measure.name[:1].upper()}{measure.name[1:]} of {pair.second.label} is {direction} "
        f"with {count} of {n} seeds",
        summary=f"{pair.second.label} less {pair.first.label}, seed by seed: {record(mean)} on "
        f"average, 95 % interval over seeds {record(ends)}. The interval of each seed is over test "
        "examples.",
        provenance=provenance,
        claims=record.claims,
        names=(*map(str, found.seeds), "mean"),
        values=np.array([factor * each.value for each in all_of]),
        low=np.array([factor * each.low for each in all_of]),
        high=np.array([factor * each.high for each in all_of]),
        muted=np.array([True] * len(found.each) + [False]),
        muted_label="one seed",
        reference=None,
        reference_label="",
        x_label="seed",
        y_label=f"difference ({'points' if measure.is_share else measure.unit})",
    )
