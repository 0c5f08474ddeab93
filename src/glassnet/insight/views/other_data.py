"""Results on another data set beside those on the run's own test set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from glassnet.contract import MakeProvenance
from glassnet.findings import (
    Cell,
    ClaimRecorder,
    Table,
    count,
    gain,
    interval,
    minus_signs,
    number,
    share,
)
from glassnet.inference.classification import INTERVAL
from glassnet.stats.comparisons import LEVEL, Difference, means_difference, unpaired_difference

SECTION = "other-data"


Row = tuple[str, str, str]
"""Label, value and note of a result, for display."""


@dataclass(frozen=True)
class Description:
    """What is said of another data set.

    Attributes:
        name: in sentences.
        part: `test` or `all`, the examples that were taken.
        unknown: class that the network does not know -> number of examples left out.
        missing: classes of the network without examples.
    """

    name: str
    part: str
    unknown: Mapping[str, int]
    missing: Sequence[str]


def compare_accuracy(
    own: Mapping[str, Any],
    other: Mapping[str, Any],
    described: Description,
    name: str,
    provenance: MakeProvenance,
) -> tuple[Table, Difference, Row]:
    """Tabulate a classifier's scores on both data sets, and test the difference of accuracies.

    Args:
        own, other: as `classification_scores` gives them.
        described: the other data set.
        name: of the finding.
        provenance: of the run.
    """
    record, n, own_n = ClaimRecorder(), other["n"], own["n"]
    hits, own_hits = n - other["errors"], own_n - own["errors"]
    difference = unpaired_difference(hits, n, own_hits, own_n)
    accuracy = share("accuracy on the other data", hits, n, digits=2, split="other data")
    on_own = share("test accuracy", own_hits, own_n, digits=2, split="test")
    claim = gain("accuracy on the other data less test accuracy", difference, n)
    verdict = _verdict(difference.p, difference.value, "higher", "lower")
    value, ends, gap = record(accuracy), record(interval(accuracy, INTERVAL)), record(claim)
    table = Table(
        name=name,
        section=SECTION,
        title=f"On {described.name}, {value} of the examples are classified correctly",
        summary=f"The 95 % interval is {ends}. On the run's own "
        f"test set it is {record(on_own)}. The difference is {gap} "
        f"({record(interval(claim, '{:+.1f} to {:+.1f}', 1))}, Newcombe's interval for different "
        f"examples), {verdict} (Fisher's exact test at the 5 % level). "
        + " ".join(_composition(record, described, n)),
        provenance=provenance(split="other data", n=n),
        claims=record.claims,
        columns=("measure", described.name, "own test set", "difference"),
        formats=("", "", "", ""),
        rows=(
            ("examples", f"{n:,}", f"{own_n:,}", None),
            (
                "accuracy (%)",
                _interval(other["accuracy"], other["interval"]),
                _interval(own["accuracy"], own["interval"]),
                _signed(100 * difference.value, 100 * difference.low, 100 * difference.high),
            ),
            ("errors", f"{other['errors']:,}", f"{own['errors']:,}", None),
            *(_row(*each, other, own) for each in PROBABILITY_ROWS),
        ),
    )
    note = (
        f"95 % interval {ends}, {n:,} examples; {gap} against the own test set, {verdict}"
        f"{_left_out(described)}"
    )
    return table, difference, (f"Accuracy on {described.name}", value, note)


PROBABILITY_ROWS = (
    ("negative log-likelihood (nats)", "negative_log_likelihood", 1.0, "{:.4f}"),
    ("calibration error (points)", "calibration_error", 100.0, "{:.2f}"),
    ("confidence less accuracy (points)", "confidence_gap", 100.0, "{:+.2f}"),
)
"""Measure, key in the scores, factor and format."""


def compare_likelihood(
    own: Mapping[str, Any],
    other: Mapping[str, Any],
    described: Description,
    name: str,
    provenance: MakeProvenance,
) -> tuple[Table, Difference, Row]:
    """Tabulate a generator's likelihood on both data sets, and test the difference of its bounds.

    Args:
        own, other: as `likelihood_scores` gives them.
        described: the other data set.
        name: of the finding.
        provenance: of the run.
    """
    record, n = ClaimRecorder(), other["n"]
    difference = means_difference(
        (other["negative_elbo"], other["negative_elbo_standard_error"]),
        (own["negative_elbo"], own["negative_elbo_standard_error"]),
    )
    elbo, on_own = (
        number(
            f"−ELBO {where}",
            each["negative_elbo"],
            "{:.2f} nats",
            each["n"],
            low=each["negative_elbo"] - 1.96 * each["negative_elbo_standard_error"],
            high=each["negative_elbo"] + 1.96 * each["negative_elbo_standard_error"],
        )
        for where, each in (("on the other data", other), ("on the test set", own))
    )
    claim = number(
        "−ELBO on the other data less that on the test set",
        difference.value,
        "{:+.2f} nats",
        n,
        low=difference.low,
        high=difference.high,
    )
    verdict = _verdict(difference.p, difference.value, "higher", "lower")
    value, gap = record(elbo), record(claim)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("images", f"{n:,}", f"{own['n']:,}", None),
        (
            "−ELBO (nats)",
            f"{other['negative_elbo']:.2f}",
            f"{own['negative_elbo']:.2f}",
            _signed(difference.value, difference.low, difference.high),
        ),
        *(
            (title, f"{other[key]:.2f}", f"{own[key]:.2f}", None)
            for title, key in (
                ("bound on −log p(x) (nats)", "iwae_nll"),
                ("reconstruction (nats)", "reconstruction"),
                ("KL (nats)", "kl"),
            )
        ),
    )
    table = Table(
        name=name,
        section=SECTION,
        title=f"On {described.name}, the −ELBO is {value} per image",
        summary=f"On the run's own test set it is {record(on_own)}. The difference is "
        f"{gap} ({record(interval(claim, '{:+.2f} to {:+.2f}', 1))}), {verdict} (z test "
        "of means at the 5 % level). " + " ".join(_composition(record, described, n)),
        provenance=provenance(split="other data", n=n),
        claims=record.claims,
        columns=("measure", described.name, "own test set", "difference"),
        formats=("", "", "", ""),
        rows=rows,
    )
    note = f"{n:,} images; {gap} against the own test set, {verdict}{_left_out(described)}"
    return table, difference, (f"−ELBO on {described.name}", value, note)


def numbers_of(table: Table) -> dict[str, Any]:
    """A comparison as run.json has it: sentence, rows for display, and claims."""
    return {
        "sentence": table.title,
        "summary": table.summary,
        "claims": [asdict(claim) for claim in table.claims],
    }


def _left_out(described: Description) -> str:
    total = sum(described.unknown.values())
    return f"; {total:,} examples of unknown classes left out" if total else ""


def _verdict(p: float, value: float, higher: str, lower: str) -> str:
    if p >= LEVEL:
        return "not clearly different"
    return f"clearly {higher if value > 0 else lower}"


def _composition(record: ClaimRecorder, described: Description, n: int) -> Iterator[str]:
    """Say which examples were taken, and which classes are unknown or missing."""
    examples = record(count("examples of the other data", n))
    if described.part == "test":
        yield f"These are {examples} examples, its test split."
    else:
        yield f"These are {examples} examples: it has no test split, so all of it was taken."
    if described.unknown:
        total = sum(described.unknown.values())
        left_out = record(count("examples of unknown classes", total))
        yield (
            f"Left out are {left_out} examples of classes that the network does not know: "
            f"{', '.join(described.unknown)}."
        )
    if described.missing:
        yield f"It has no examples of {', '.join(described.missing)}."


def _interval(value: float, ends: Sequence[float]) -> str:
    low, high = ends
    return f"{100 * value:.2f} ({100 * low:.2f} to {100 * high:.2f})"


def _signed(value: float, low: float, high: float) -> str:
    return minus_signs(f"{value:+.2f} ({low:+.2f} to {high:+.2f})")


def _row(
    title: str,
    key: str,
    scale: float,
    formatted: str,
    other: Mapping[str, Any],
    own: Mapping[str, Any],
) -> tuple[Cell, ...]:
    values = (minus_signs(formatted.format(scale * each[key])) for each in (other, own))
    return title, *values, None
