"""Differences between two sides of a comparison, paired wherever the test examples are the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from glassnet.comparison import measures
from glassnet.comparison.measures import ACCURACY, BOUND, Measure, Scores
from glassnet.comparison.shared_test import SharedTest, match
from glassnet.comparison.sides import Side
from glassnet.explain.evidence import RunEvidence
from glassnet.stats.comparisons import (
    LEVEL,
    Difference,
    holm,
    mean_differs_from_zero,
    paired_bootstrap,
    paired_difference,
    unpaired_difference,
    unpaired_means,
)

MCNEMAR, BOOTSTRAP = "McNemar's exact test", "paired bootstrap over examples"
FISHER, WELCH = "Fisher's exact test, unpaired", "Welch's t test, unpaired"
OVER_SEEDS, SEEDS_UNPAIRED = "paired t test over seeds", "Welch's t test over seeds"


@dataclass(frozen=True)
class Compared:
    """One measure of two sides.

    Attributes:
        measure: what is compared.
        first, second: labels of the sides.
        first_value, second_value: the means of what is compared.
        difference: of the second less the first, with its 95 % interval and p value.
        n: examples or seeds of the first side; of both if `is_paired`.
        other_n: those of the second side.
        test: the test behind the p value.
        is_paired: whether the same examples, or seeds, are compared.
        over_seeds: whether seeds are compared, else examples.
        same_classes: whether both sort examples into the same classes; else neither is better.
        p_holm: the p value corrected for all that is compared.
    """

    measure: Measure
    first: str
    second: str
    first_value: float
    second_value: float
    difference: Difference
    n: int
    other_n: int
    test: str
    is_paired: bool
    over_seeds: bool = False
    same_classes: bool = True
    p_holm: float = 1.0

    @property
    def ends(self) -> tuple[float, float]:
        """The 95 % interval of the difference."""
        return self.difference.low, self.difference.high

    def scaled(self, value: float) -> float:
        """A value in per cent or percentage points, if the measure is a share."""
        return 100 * value if self.measure.is_share else value

    @property
    def is_clear(self) -> bool:
        """Whether a difference is shown."""
        return self.p_holm < LEVEL

    @property
    def better(self) -> str:
        """The label of the better side; empty if no difference is shown, or neither is better."""
        higher = self.measure.higher_is_better
        if not self.is_clear or higher is None or not self.same_classes:
            return ""
        return self.second if (self.difference.value > 0) == higher else self.first


@dataclass(frozen=True, eq=False)
class SeedDifferences:
    """A measure of two groups with the same seeds: each seed's difference, second less first.

    Attributes:
        measure: what is compared.
        seeds: the seeds.
        each: the difference of each seed's two networks, with its interval over test examples.
        mean: the mean over the seeds, with its interval over seeds.
    """

    measure: Measure
    seeds: tuple[int, ...]
    each: tuple[Difference, ...]
    mean: Difference


@dataclass(frozen=True, eq=False)
class Pair:
    """Two sides with what could be compared of them.

    Attributes:
        first, second: the sides.
        shared: the test examples of their first runs.
        compared: the measures of both; empty if they share none.
        notes: what is compared and what is not, in sentences.
        by_seed: the differences of two groups with the same seeds.
    """

    first: Side
    second: Side
    shared: SharedTest
    compared: tuple[Compared, ...]
    notes: tuple[str, ...] = ()
    by_seed: tuple[SeedDifferences, ...] = ()

    @property
    def decisive(self) -> tuple[Compared, ...]:
        """What a verdict rests on: seeds, where there are groups of them, else examples."""
        return tuple(each for each in self.compared if each.over_seeds) or self.compared


def corrected(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """The pairs with p values that are corrected for all that was compared."""
    p_values = iter(holm([each.difference.p for pair in pairs for each in pair.compared]))
    return tuple(
        dataclasses.replace(
            pair,
            compared=tuple(
                dataclasses.replace(each, p_holm=next(p_values)) for each in pair.compared
            ),
        )
        for pair in pairs
    )


def compare(one: Side, other: Side) -> Pair:
    """Compare two sides, whose data are there, in every measure that both have."""
    shared = match(one.data, other.data)
    if one.first.task.family != other.first.task.family:
        kinds = f"{one.label} and {other.label} are networks of different kinds"
        return Pair(one, other, shared, (), (f"{kinds} and have no measure in common.",))
    pixels = [measures.observations(side.first) for side in (one, other)]
    if pixels[0] != pixels[1]:
        reason = (
            f"The likelihood of {one.label} is of {pixels[0]}, that of {other.label} of "
            f"{pixels[1]}: their nats cannot be compared."
        )
        return Pair(one, other, shared, (), (reason,))
    notes = [*_notes_on_test_sets(one, other, shared)]
    scored = tuple(tuple(map(measures.scores, side.evidence)) for side in (one, other))
    if len({measures.samples_of(each) for side in (one, other) for each in side.evidence}) > 1:
        scored = tuple(tuple(map(_without_bound, runs)) for runs in scored)
        notes.append(
            "The bounds on −log p(x) are from different numbers of importance samples and are not "
            "compared."
        )
    compared, by_seed = _compared(one, other, scored, shared)
    compared = tuple(
        dataclasses.replace(each, same_classes=shared.same_classes) for each in compared
    )
    return Pair(one, other, shared, compared, (*notes, *_notes_on_groups(one, other)), by_seed)


def _notes_on_test_sets(one: Side, other: Side, shared: SharedTest) -> Iterator[str]:
    if shared.order is None:
        yield (
            f"The test sets of {one.label} and {other.label} differ: their intervals are unpaired, "
            "and a difference may be one of the data."
        )
    if not shared.same_classes:
        yield (
            f"{one.label} and {other.label} have different classes: their results are of different "
            "problems, and neither is better."
        )


def _notes_on_groups(one: Side, other: Side) -> Iterator[str]:
    if one.is_group != other.is_group:
        group, run = (one, other) if one.is_group else (other, one)
        yield (
            f"The mean of the networks of {group.label} is compared with the one network of "
            f"{run.label}, whose variation between seeds is unknown."
        )
    if one.is_group and other.is_group and set(one.seeds) != set(other.seeds):
        yield f"{one.label} and {other.label} have different seeds, which are not paired."


def _without_bound(scored: Scores) -> Scores:
    return {measure: values for measure, values in scored.items() if measure != BOUND}


Scored = tuple[tuple[Scores, ...], ...]
"""The scores of every run of both sides."""


def _compared(
    one: Side, other: Side, scored: Scored, shared: SharedTest
) -> tuple[tuple[Compared, ...], tuple[SeedDifferences, ...]]:
    rows: list[Compared] = []
    by_seed: list[SeedDifferences] = []
    one_test = _have_one_test_set(one) and _have_one_test_set(other)
    for measure in [each for each in scored[0][0] if each in scored[1][0]]:
        values = tuple([each[measure] for each in runs] for runs in scored)
        if one_test:
            rows.append(_over_examples(measure, one, other, values, shared))
        if one.is_group and other.is_group:
            paired = _by_seed(measure, one, other, values)
            by_seed += [paired] if paired else []
            rows.append(_over_seeds(measure, one, other, values, paired))
    return tuple(rows), tuple(by_seed)


def _have_one_test_set(side: Side) -> bool:
    return all(_order(side.first, each) is not None for each in side.evidence[1:])


@lru_cache(maxsize=64)
def _order(one: RunEvidence, other: RunEvidence) -> np.ndarray | None:
    return match(one.data, other.data).order


def _over_examples(
    measure: Measure,
    one: Side,
    other: Side,
    values: tuple[list[np.ndarray], ...],
    shared: SharedTest,
) -> Compared:
    """Compare the means over a side's runs, example by example if the test sets are the same."""
    a, b = (_mean_of_runs(side, of) for side, of in zip((one, other), values, strict=True))
    paired = shared.order is not None
    if shared.order is not None:
        b = b[shared.order]
        both = np.isfinite(a) & np.isfinite(b)
        a, b = a[both], b[both]
    else:
        a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    single = not (one.is_group or other.is_group)
    difference, test = _difference(measure, a, b, paired=paired, counts=single)
    return Compared(
        measure=measure,
        first=one.label,
        second=other.label,
        first_value=float(a.mean()),
        second_value=float(b.mean()),
        difference=difference,
        n=len(a),
        other_n=len(b),
        test=test,
        is_paired=paired,
    )


def _mean_of_runs(side: Side, values: list[np.ndarray]) -> np.ndarray:
    """The mean over the runs of a side for each example, in the order of the first run."""
    ordered = [values[0]]
    for evidence, own in zip(side.evidence[1:], values[1:], strict=True):
        order = _order(side.first, evidence)
        assert order is not None  # noqa: S101
        ordered.append(own[order])
    return np.mean(ordered, axis=0)


def _difference(
    measure: Measure, a: np.ndarray, b: np.ndarray, *, paired: bool, counts: bool
) -> tuple[Difference, str]:
    """Compare the values of examples; those of one network each are counts of correct ones."""
    if measure == ACCURACY and counts:
        if paired:
            return paired_difference(b == 1, a == 1), MCNEMAR
        hits = int(b.sum()), len(b), int(a.sum()), len(a)
        return unpaired_difference(*hits), FISHER
    if paired:
        return paired_bootstrap(b - a), BOOTSTRAP
    return unpaired_means(b, a), WELCH


def _by_seed(
    measure: Measure, one: Side, other: Side, values: tuple[list[np.ndarray], ...]
) -> SeedDifferences | None:
    """Compare the networks of each seed; None unless seeds, data and test sets are the same."""
    runs = dict(zip(other.seeds, zip(other.evidence, values[1], strict=True), strict=True))
    if sorted(one.seeds) != sorted(other.seeds):
        return None
    each = []
    for seed, evidence, a in zip(one.seeds, one.evidence, values[0], strict=True):
        second, b = runs[seed]
        order = _order(evidence, second)
        if order is None:
            return None
        b = b[order]
        both = np.isfinite(a) & np.isfinite(b)
        each.append(_difference(measure, a[both], b[both], paired=True, counts=True)[0])
    mean = mean_differs_from_zero(np.array([difference.value for difference in each]))
    return SeedDifferences(measure, one.seeds, tuple(each), mean)


def _over_seeds(
    measure: Measure,
    one: Side,
    other: Side,
    values: tuple[list[np.ndarray], ...],
    paired: SeedDifferences | None,
) -> Compared:
    """Compare the means of the runs of two groups, in pairs if they have the same seeds."""
    a, b = (np.array([np.nanmean(each) for each in runs]) for runs in values)
    return Compared(
        measure=measure,
        first=one.label,
        second=other.label,
        first_value=float(a.mean()),
        second_value=float(b.mean()),
        difference=paired.mean if paired else unpaired_means(b, a),
        n=len(a),
        other_n=len(b),
        test=OVER_SEEDS if paired else SEEDS_UNPAIRED,
        is_paired=paired is not None,
        over_seeds=True,
    )
