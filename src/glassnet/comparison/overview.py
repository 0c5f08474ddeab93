"""The verdict of a comparison, its results and differences, and the differences by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glassnet.comparison.differences import Compared, Pair
from glassnet.comparison.sides import Side
from glassnet.findings import (
    Claim,
    ClaimRecorder,
    Finding,
    Provenance,
    interval,
    number,
)
from glassnet.report.header import KeyNumber

SECTION = "result"


@dataclass(frozen=True)
class Verdict:
    """What a comparison shows, in words.

    Attributes:
        finding: which side is better on what, by how much; or that no difference is shown.
        lead: how that was measured, and what could not be compared.
        numbers: the first measure of two sides, and their difference.
    """

    finding: Finding
    lead: tuple[str, ...]
    numbers: tuple[KeyNumber, ...]


def verdict(sides: Sequence[Side], pairs: Sequence[Pair], provenance: Provenance) -> Verdict:
    """Say which side is better on what, by how much and with what interval."""
    record = ClaimRecorder()
    numbers: tuple[KeyNumber, ...] = ()
    if equal := equality(sides):
        title, lead = equal, ["Their predictions, and so all of their results, are the same."]
    elif not any(pair.compared for pair in pairs):
        title, lead = f"{joined(sides)} compared", []
    elif len(sides) == 2:
        title, lead = _of_two(record, pairs[0])
        numbers = _key_numbers(record, pairs[0].decisive[0])
    else:
        title, lead = _of_several(record, sides, pairs)
    notes = dict.fromkeys(note for pair in pairs for note in pair.notes)
    lead = [*lead, *notes]
    finding = Finding(
        name="comparison",
        section=SECTION,
        title=title,
        summary=" ".join(lead),
        provenance=provenance,
        claims=record.claims,
    )
    return Verdict(finding, tuple(lead), numbers)


def _key_numbers(record: ClaimRecorder, compared: Compared) -> tuple[KeyNumber, ...]:
    """Both values and the difference, with its interval."""
    name, what = compared.measure.name, "seeds" if compared.over_seeds else "test examples"
    values = (
        (compared.first, compared.first_value, compared.n),
        (compared.second, compared.second_value, compared.other_n),
    )
    difference = _difference(compared)
    return (
        *(
            KeyNumber(
                f"{name[:1].upper()}{name[1:]}, {label}",
                record(_value_of(compared, label, value)),
                f"{record(number(f'{what} of {label}', n, '{:,.0f}'))} {what}",
            )
            for label, value, n in values
        ),
        KeyNumber(
            "Difference",
            record(difference),
            f"95 % interval {record(_interval_of(compared, difference))}",
        ),
    )


def joined(sides: Sequence[Side]) -> str:
    """The labels of all sides, as in a sentence."""
    labels = [side.label for side in sides]
    return f"{', '.join(labels[:-1])} and {labels[-1]}"


def equality(sides: Sequence[Side]) -> str:
    """Say that all sides are single runs with the same weights, if they are."""
    if any(side.is_group or side.missing for side in sides):
        return ""
    if len({side.first.run.path.resolve() for side in sides}) == 1:
        return f"{joined(sides)} are the same run"
    if all(_same_weights(sides[0], side) for side in sides[1:]):
        return f"{joined(sides)} are equal: they have the same weights"
    return ""


def _same_weights(one: Side, other: Side) -> bool:
    first, second = (side.model.network.state_dict() for side in (one, other))
    return first.keys() == second.keys() and all(
        first[name].shape == second[name].shape and bool((first[name] == second[name]).all())
        for name in first
    )


def _of_two(record: ClaimRecorder, pair: Pair) -> tuple[str, list[str]]:
    clear = [each for each in pair.decisive if each.is_clear]
    decided = [each for each in clear if each.better] or clear
    both = f"{pair.first.label} and {pair.second.label}"
    title = f"No difference could be shown between {both}"
    if not pair.shared.same_classes:
        title = f"{both} have different classes"
    elif decided:
        title = _clear_differences(record, decided)
        if pair.shared.order is None:
            title = f"On different test sets, {title}"
    sentences = [_sentence(record, each) for each in pair.decisive]
    return title, [*sentences, _method(record, [pair])]


def _clear_differences(record: ClaimRecorder, decided: Sequence[Compared]) -> str:
    """State differences that are shown, those of one subject in one clause."""
    by_subject: dict[str, list[Compared]] = {}
    for each in decided:
        by_subject.setdefault(_subject(each), []).append(each)
    clauses = []
    for subject, rows in by_subject.items():
        first, *others = rows
        rival = first.first if subject == first.second else first.second
        clause = f"{subject} {_described(first)} than {rival} by {record(_size(first))}"
        clauses.append(
            " and ".join([clause, *(f"{_described(o)} by {record(_size(o))}" for o in others)])
        )
    return "; ".join(clauses)


def _subject(compared: Compared) -> str:
    """The better side, or the one with the higher value where neither is better."""
    is_higher = compared.difference.value > 0
    return compared.better or (compared.second if is_higher else compared.first)


def _described(compared: Compared) -> str:
    is_second = _subject(compared) == compared.second
    return compared.measure.describe(higher=(compared.difference.value > 0) == is_second)


def _size(compared: Compared) -> Claim:
    return number(
        f"difference of {compared.measure.name}, {compared.first} and {compared.second}",
        abs(compared.scaled(compared.difference.value)),
        compared.measure.format_difference(abs(compared.difference.value)),
        compared.n,
    )


def _sentence(record: ClaimRecorder, compared: Compared) -> str:
    """State both values, their difference, its interval and its p value."""
    name = compared.measure.name
    first, second = (
        record(_value_of(compared, label, value))
        for label, value in (
            (compared.first, compared.first_value),
            (compared.second, compared.second_value),
        )
    )
    difference = _difference(compared)
    p = number(f"p value of {difference.name}", compared.p_holm, _p_format(compared.p_holm))
    return (
        f"{name[:1].upper()}{name[1:]}: {first} for {compared.first}, {second} for "
        f"{compared.second}; difference {record(difference)}, 95 % interval "
        f"{record(_interval_of(compared, difference))}, p {record(p)}."
    )


def _value_of(compared: Compared, label: str, value: float) -> Claim:
    measure = compared.measure
    return number(
        f"{measure.name} of {label}",
        compared.scaled(value),
        f"{measure.format(value)} {measure.unit or '%'}",
        compared.n if label == compared.first else compared.other_n,
    )


def _difference(compared: Compared) -> Claim:
    low, high = (compared.scaled(end) for end in compared.ends)
    return number(
        f"{compared.measure.name} of {compared.second} less that of {compared.first}",
        compared.scaled(compared.difference.value),
        compared.measure.format_difference(compared.difference.value, "+"),
        compared.n,
        low=low,
        high=high,
    )


def _interval_of(compared: Compared, difference: Claim) -> Claim:
    ends = [compared.measure.format(end, "+") for end in compared.ends]
    return interval(difference, " to ".join(ends), 1)


def _p_format(p: float) -> str:
    return "< 0.001" if p < 0.001 else "= {:.2g}"


def _of_several(
    record: ClaimRecorder, sides: Sequence[Side], pairs: Sequence[Pair]
) -> tuple[str, list[str]]:
    """Name the side that is better than every other one in the first measure, if one is."""
    rows = [each for pair in pairs for each in pair.decisive]
    measure = rows[0].measure
    of_measure = [each for each in rows if each.measure == measure]
    wins = {side.label: sum(each.better == side.label for each in of_measure) for side in sides}
    best = max(wins, key=lambda label: wins[label])
    title = f"No run is better than all others in {measure.name}"
    if wins[best] == len(sides) - 1:
        title = f"{best} is better than all others in {measure.name}"
    clear = [each for each in rows if each.better]
    sentences = [f"{_clear_differences(record, [each])}." for each in clear]
    if not clear:
        sentences = ["No difference could be shown between any two of them."]
    return title, [*sentences, _method(record, pairs)]


def _method(record: ClaimRecorder, pairs: Sequence[Pair]) -> str:
    """Describe the tests behind a verdict."""
    rows = [each for pair in pairs for each in pair.compared]
    tests = dict.fromkeys(each.test for each in rows)
    n = record(number("comparisons", len(rows), "{:.0f}"))
    correction = f"; p values are corrected for {n} comparisons (Holm)" if len(rows) > 1 else ""
    examples = ""
    if all(pair.shared.order is not None for pair in pairs):
        n_test = record(number("test examples", pairs[0].shared.n, "{:,.0f}"))
        examples = f"All are tested on the same {n_test} examples. "
    return f"{examples}Tests: {', '.join(tests)}{correction}."
