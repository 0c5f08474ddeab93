"""Accuracy and confidence by the length of a text."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.contract import Cache, Data, MakeProvenance, Model
from glassnet.findings import (
    Claim,
    ClaimRecorder,
    CurvePanel,
    Curves,
    Interval,
    Series,
    Table,
    count,
    interval,
    number,
    share,
)
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of_test
from glassnet.insight.measures.calibration import Bin
from glassnet.stats.comparisons import (
    LEVEL,
    holm,
    means_differ,
    share_differs,
    shares_differ,
    stands_out,
)

SECTION = "mistakes"

MAX_GROUPS = 6
"""Groups of texts, of about equal size."""


@dataclass(frozen=True)
class LengthGroup(Bin):
    """Texts of similar length.

    Attributes:
        shortest, median, longest: number of words of its texts.
    """

    shortest: int
    median: float
    longest: int


def accuracy_by_length(
    data: Data, model: Model, cache: Cache, provenance: MakeProvenance
) -> Iterator[Curves | Table]:
    """Plot and tabulate accuracy and confidence by the number of words that the network reads."""
    groups = length_groups(data, model, cache)
    if len(groups) > 1:
        yield _curves(provenance, groups)
    if groups:
        yield _table(provenance, groups)


def length_groups(data: Data, model: Model, cache: Cache) -> list[LengthGroup]:
    """Sort the test texts into groups of about equal size, the shortest texts first.

    Texts of equal length are in one group; texts without a word are left out.
    """
    predictions, lengths = prediction(data, model), lengths_of_test(data, cache)
    right = predictions.predicted == predictions.split.labels
    confidence = predictions.probabilities.max(axis=1).astype(np.float64)
    positions = np.flatnonzero(lengths > 0)
    if not len(positions):
        return []
    shares = np.arange(1, MAX_GROUPS) / MAX_GROUPS
    edges = np.unique(np.quantile(lengths[positions], shares, method="lower"))
    groups = np.searchsorted(edges, lengths[positions], side="left")
    return [
        LengthGroup(
            n=len(texts),
            right=int(right[texts].sum()),
            confidence=float(confidence[texts].mean()),
            shortest=int(lengths[texts].min()),
            median=float(np.median(lengths[texts])),
            longest=int(lengths[texts].max()),
        )
        for texts in [positions[groups == group] for group in np.unique(groups)]
    ]


def _curves(provenance: MakeProvenance, groups: list[LengthGroup]) -> Curves:
    record, median = ClaimRecorder(), np.array([group.median for group in groups])
    title, summary = _extremes(record, groups)
    accuracy = 100 * np.array([group.accuracy for group in groups])
    low, high = 100 * np.array([group.interval for group in groups]).T
    confidence = 100 * np.array([group.confidence for group in groups])
    return Curves(
        name="accuracy-by-length",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(split="test", n=sum(group.n for group in groups)),
        claims=record.claims,
        x_label="median number of words",
        panels=(
            CurvePanel(
                y_label="accuracy, confidence (%)",
                series=(
                    Series(label="accuracy", role="test", x=median, y=accuracy, low=low, high=high),
                    Series(label="confidence", role="other", x=median, y=confidence),
                ),
                mark=None,
            ),
        ),
    )


def _table(provenance: MakeProvenance, groups: list[LengthGroup]) -> Table:
    n, record = sum(group.n for group in groups), ClaimRecorder()
    gaps = [100 * group.gap for group in groups]
    worst = int(np.abs(gaps).argmax())
    others = [_gaps_differ(groups[worst], other) for k, other in enumerate(groups) if k != worst]
    gap = number(
        "confidence less accuracy (points)", gaps[worst], "{:+.1f} points", groups[worst].n
    )
    off = [share_differs(group.right, group.n, group.confidence) for group in groups]
    place = f"{record(gap)} for {_texts(record, groups[worst])}"
    title = f"Confidence is {'farthest ' * stands_out(others)}off by {place}"
    if holm(off)[worst] >= LEVEL:
        title = f"Confidence is not clearly off for texts of any length: by {place}"
    return Table(
        name="accuracy-by-length-table",
        section=SECTION,
        title=title,
        summary=f"{record(count('test texts', n))} test texts in groups of about equal size by the "
        "number of words that the network reads; confidence is the mean probability of the "
        "predicted class.",
        provenance=provenance(split="test", n=n),
        claims=record.claims,
        columns=("words", "texts", "accuracy (%)", "95 % interval", "mean confidence (%)"),
        formats=("", ",d", ".2f", ".1f", ".2f"),
        rows=tuple(
            (
                f"{group.shortest:,} to {group.longest:,}",
                group.n,
                100 * group.accuracy,
                Interval(low=100 * group.interval[0], high=100 * group.interval[1]),
                100 * group.confidence,
            )
            for group in groups
        ),
    )


def _gaps_differ(one: LengthGroup, other: LengthGroup) -> float:
    """The p value of two distances of confidence from accuracy (normal approximation)."""
    error = np.sqrt(sum(each.accuracy * (1 - each.accuracy) / each.n for each in (one, other)))
    return means_differ(abs(one.gap) - abs(other.gap), float(error))


def _extremes(record: ClaimRecorder, groups: list[LengthGroup]) -> tuple[str, str]:
    """Compare the groups with the lowest and the highest accuracy."""
    ordered = sorted(groups, key=lambda group: group.accuracy)
    worst, best = ordered[0], ordered[-1]

    def stated(group: LengthGroup) -> str:
        texts = _texts(record, group)
        return f"{record(_accuracy(group))} on {texts}"

    compared = f"{stated(worst)} and {stated(best)}"
    pairs = len(groups) * (len(groups) - 1) // 2
    differs = pairs * shares_differ(worst.right, worst.n, best.right, best.n) < LEVEL
    title = f"Accuracy is {compared}"
    if not differs:
        title = f"Length makes no clear difference: accuracy is {compared}"
    return title, (
        f"The worst and the best of {record(count('groups', len(groups)))} groups of about equal "
        f"size; 95 % intervals {record(interval(_accuracy(worst)))} "
        f"({record(count(f'texts {_range(worst)}', worst.n))} test texts) and "
        f"{record(interval(_accuracy(best)))} ({record(count(f'texts {_range(best)}', best.n))}). "
        f"They {'differ' if differs else 'do not clearly differ'} (Fisher's exact test at the 5 % "
        "level, corrected for the number of pairs of groups)."
    )


def _accuracy(group: LengthGroup) -> Claim:
    return share(f"accuracy on texts {_range(group)}", group.right, group.n)


def _range(group: LengthGroup) -> str:
    return f"of {group.shortest:,} to {group.longest:,} words"


def _texts(record: ClaimRecorder, group: LengthGroup) -> str:
    shortest = count("fewest words of the group", group.shortest)
    return f"texts of {record(shortest)} to {record(count('most words', group.longest))} words"
