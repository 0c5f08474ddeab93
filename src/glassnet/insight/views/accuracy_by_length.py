"""Whether a text's length matters: accuracy and confidence from short texts to long ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Claim, ClaimRecorder, CurvePanel, Curves, Series, Table
from glassnet.findings.claims import count, interval, number, share
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of_test
from glassnet.insight.measures.calibration import Bin

BINS = 6
"""Groups of texts at most, of about equal size."""


@dataclass(frozen=True)
class Group(Bin):
    """Texts of similar length: a bin, with the numbers of words of its texts."""

    least: int
    median: float
    most: int


def accuracy_by_length(evidence: Evidence, options: ExplainOptions) -> Iterator[Curves | Table]:
    """Accuracy and confidence by the number of words that the network reads of a text."""
    groups = groups_of(evidence)
    if not groups:
        return
    n = sum(group.n for group in groups)
    provenance = evidence.provenance(split="test", n=n)
    if len(groups) > 1:
        median, record = np.array([group.median for group in groups]), ClaimRecorder()
        title, summary = _verdict(record, groups)
        yield Curves(
            name="accuracy-by-length",
            section="mistakes",
            title=title,
            summary=summary,
            provenance=provenance,
            claims=record.claims,
            x_label="median number of words",
            panels=(
                CurvePanel(
                    y_label="share of the texts, confidence (%)",
                    series=(
                        _line("right", "test", median, [group.accuracy for group in groups]),
                        _line(
                            "confidence", "other", median, [group.confidence for group in groups]
                        ),
                    ),
                    mark=None,
                ),
            ),
        )
    gaps = [100 * (group.confidence - group.accuracy) for group in groups]
    off, record = int(np.abs(gaps).argmax()), ClaimRecorder()
    gap = number("confidence less accuracy (points)", gaps[off], "{:+.1f} points", groups[off].n)
    yield Table(
        name="accuracy-by-length-table",
        section="mistakes",
        title=f"Confidence is off most, by {record(gap)}, at {_words(record, groups[off])}",
        summary=f"Groups of about equal size among {record(count('test texts', n))} test texts by "
        "the number of words that the network reads; confidence is the mean probability of the "
        "predicted class.",
        provenance=provenance,
        claims=record.claims,
        columns=("words", "texts", "accuracy (%)", "95 % interval", "mean confidence (%)"),
        formats=("", ",d", ".2f", "", ".2f"),
        rows=tuple(
            (
                f"{group.least:,} to {group.most:,}",
                group.n,
                100 * group.accuracy,
                "{:.1f} to {:.1f}".format(*(100 * end for end in group.interval)),
                100 * group.confidence,
            )
            for group in groups
        ),
    )


def groups_of(evidence: Evidence) -> list[Group]:
    """The test texts in groups of about equal size, the shortest first.

    Texts of one length stay together; those without a word are left out.
    """
    answer, lengths = prediction(evidence), lengths_of_test(evidence)
    right = answer.predicted == answer.split.labels
    sure = answer.probabilities.max(axis=1).astype(np.float64)
    where = np.flatnonzero(lengths > 0)
    if not len(where):
        return []
    edges = np.unique(np.quantile(lengths[where], np.arange(1, BINS) / BINS, method="lower"))
    bins = np.searchsorted(edges, lengths[where], side="left")
    groups = []
    for each in np.unique(bins):
        own = where[bins == each]
        groups.append(
            Group(
                n=len(own),
                right=int(right[own].sum()),
                confidence=float(sure[own].mean()),
                least=int(lengths[own].min()),
                median=float(np.median(lengths[own])),
                most=int(lengths[own].max()),
            )
        )
    return groups


def _verdict(record: ClaimRecorder, groups: list[Group]) -> tuple[str, str]:
    ordered = sorted(groups, key=lambda group: group.accuracy)
    worst, best = ordered[0], ordered[-1]
    (_, high), (lower, _) = worst.interval, best.interval
    title = (
        f"Of {_words(record, worst)} {record(_accuracy(worst))} are right, of {_words(record, best)} "
        f"{record(_accuracy(best))}"
    )
    if lower <= high:
        title = f"Length makes no clear difference: {title[0].lower() + title[1:]}"
    return title, (
        f"The worst and the best of {record(count('groups', len(groups)))} groups of about equal "
        f"size; 95 % intervals {record(interval(_accuracy(worst)))} "
        f"({record(count(f'texts {_range(worst)}', worst.n))} test texts) and "
        f"{record(interval(_accuracy(best)))} ({record(count(f'texts {_range(best)}', best.n))})."
    )


def _accuracy(group: Group) -> Claim:
    return share(f"accuracy on texts {_range(group)}", group.right, group.n)


def _range(group: Group) -> str:
    return f"of {group.least:,} to {group.most:,} words"


def _words(record: ClaimRecorder, group: Group) -> str:
    least, most = count("fewest words of the group", group.least), count("most words", group.most)
    return f"texts of {record(least)} to {record(most)} words"


def _line(label: str, role: str, x: np.ndarray, shares: list[float]) -> Series:
    return Series(label=label, role=role, x=x, y=100 * np.array(shares))
