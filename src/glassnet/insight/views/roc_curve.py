"""ROC curve and the area under it, by class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, CurvePanel, Curves, Mark, Series, Table
from glassnet.findings.claims import count, fraction, interval, number
from glassnet.inference.classification import prediction
from glassnet.stats.ranks import auroc, auroc_interval

MOST_CLASSES = 20
"""Classes whose areas are listed at most."""

POINTS = 201
"""Points of an ROC curve that are drawn at most."""


def roc_curve(evidence: Evidence, options: ExplainOptions) -> Iterator[Curves | Table]:
    """How well the probabilities rank: the ROC curve, for more than two classes their mean.

    With more than two classes every class is held against the rest, and classes count alike.
    """
    answer = prediction(evidence)
    labels, classes = answer.split.labels, len(evidence.class_names)
    present = [c for c in range(classes) if 0 < (labels == c).sum() < len(labels)]
    asked = [1] if classes == 2 and present else present
    if not asked:
        return
    found = {c: auroc(answer.probabilities[:, c], labels == c) for c in asked}
    area = float(np.mean([each[0] for each in found.values()]))
    influence = np.mean([each[1] for each in found.values()], axis=0)
    low, high = auroc_interval(area, influence)
    names, n, record = evidence.class_names, len(labels), ClaimRecorder()
    ranked = number("area under the ROC curve", area, "{:.4f}", n, low=low, high=high)
    pairs = fraction("pairs ranked right", area, digits=2, n=n, low=low, high=high)
    over = ""
    if classes != 2:
        asked_of = record(count("classes with an ROC curve", len(asked)))
        over = f", the mean over {asked_of} classes against the rest"
    words = "a test example of a class above one of the rest"
    if classes == 2:
        words = f"a test example of {names[1]} above one of {names[0]}"
        fall, rise = roc_points(answer.probabilities[:, 1], labels == 1)
    else:
        fall, rise = _mean_curve(answer.probabilities, labels, asked)
    yield Curves(
        name="roc-curve",
        section="mistakes",
        title=f"It ranks {words} in {record(pairs)} of the pairs",
        summary=f"That is the area under the ROC curve, {record(ranked)}, 95 % interval "
        f"{record(interval(ranked, '{:.4f} to {:.4f}', 1))} (DeLong), over "
        f"{record(count('test examples', n))} test examples{over}; guessing lies on the diagonal.",
        provenance=evidence.provenance(split="test", n=n),
        claims=record.claims,
        x_label=f"{names[0]} taken for {names[1]} (%)"
        if classes == 2
        else "the rest taken for the class (%)",
        panels=(
            CurvePanel(
                y_label=f"{names[1]} found (%)" if classes == 2 else "the class found (%)",
                series=(Series(label="", role="test", x=100 * fall, y=100 * rise),),
                mark=_working_point(answer.probabilities[:, 1], labels) if classes == 2 else None,
            ),
        ),
        diagonal=True,
    )
    if 2 < len(asked) <= MOST_CLASSES:
        yield _areas(evidence, found)


def roc_points(scores: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the negative and of the positive examples above every threshold, thinned.

    Returns:
        Two arrays in [0, 1] that rise from 0 to 1, of at most POINTS + 1 points.

    Example:
        >>> fall, rise = roc_points(np.array([0.1, 0.8]), np.array([False, True]))
        >>> fall.tolist(), rise.tolist()
        ([0.0, 0.0, 1.0], [0.0, 1.0, 1.0])
    """
    from sklearn.metrics import roc_curve as every_point

    fall, rise, _ = every_point(positive, scores)
    along = fall + rise
    wanted = np.searchsorted(along, np.linspace(0, along[-1], POINTS))
    stored = np.unique([0, *wanted.tolist(), len(along) - 1])
    return fall[stored], rise[stored]


def _mean_curve(
    probabilities: np.ndarray, labels: np.ndarray, classes: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """The curves of all classes against the rest, averaged at equal false positive rates."""
    across = np.linspace(0, 1, POINTS)
    curves = [np.interp(across, *roc_points(probabilities[:, c], labels == c)) for c in classes]
    return np.append(0.0, across), np.append(0.0, np.mean(curves, axis=0))


def _working_point(scores: np.ndarray, labels: np.ndarray) -> Mark:
    """Where the network decides: at a probability of 50 %."""
    taken = scores > 0.5
    return Mark(
        x=100 * float(taken[labels != 1].mean()),
        y=100 * float(taken[labels == 1].mean()),
        label="at 50 %",
    )


def _areas(evidence: Evidence, found: dict[int, tuple[float, np.ndarray]]) -> Table:
    names = evidence.class_names
    labels = prediction(evidence).split.labels
    worst = min(found, key=lambda c: found[c][0])
    rows = []
    for c, (area, influence) in found.items():
        low, high = auroc_interval(area, influence)
        rows.append((names[c], int((labels == c).sum()), area, f"{low:.4f} to {high:.4f}"))
    record, (area, influence) = ClaimRecorder(), found[worst]
    low, high = auroc_interval(area, influence)
    least = number(f"AUC of {names[worst]}", area, "{:.4f}", len(labels), low=low, high=high)
    average = number("mean AUC", np.mean([a for a, _ in found.values()]), "{:.4f}", len(labels))
    return Table(
        name="auc-by-class",
        section="mistakes",
        title=f"{names[worst]} is told from the rest worst, at AUC {record(least)}",
        summary="Area under the ROC curve of every class against the rest, with DeLong's 95 % "
        f"interval; the mean over the classes is {record(average)}.",
        provenance=evidence.provenance(split="test", n=len(labels)),
        claims=record.claims,
        columns=("class", "examples", "AUC", "95 % interval"),
        formats=("", ",d", ".4f", ""),
        rows=tuple(rows),
    )
