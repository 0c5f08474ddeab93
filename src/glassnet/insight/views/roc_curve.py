"""ROC curve and the area under it, by class."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Data, MakeProvenance, Model
from glassnet.findings import (
    ClaimRecorder,
    CurvePanel,
    Curves,
    Interval,
    Mark,
    Series,
    Table,
    count,
    fraction,
    interval,
    number,
)
from glassnet.inference.classification import prediction
from glassnet.insight.measures.roc_band import RESAMPLES, roc_band
from glassnet.stats.comparisons import stands_out
from glassnet.stats.ranks import areas_differ, auroc, auroc_interval

SECTION = "mistakes"

MAX_CLASSES = 20
"""Classes in the table; with more there is no table."""

POINTS = 201
"""Points of a curve in the figure."""


def roc_curve(data: Data, model: Model, provenance: MakeProvenance) -> Iterator[Curves | Table]:
    """Plot the ROC curve and its area; for more than two classes, their one-vs-rest mean.

    The mean gives every class the same weight (macro average). A table lists the area of each
    class where there are 3 to 20 of them.
    """
    predictions = prediction(data, model)
    labels, n_classes = predictions.split.labels, len(data.class_names)
    present = [c for c in range(n_classes) if 0 < (labels == c).sum() < len(labels)]
    classes = [1] if n_classes == 2 and present else present
    if not classes:
        return
    areas = {c: auroc(predictions.probabilities[:, c], labels == c) for c in classes}
    yield _curve(data, model, provenance, areas)
    if 2 < len(classes) <= MAX_CLASSES:
        yield _table(data, model, provenance, areas)


def roc_points(scores: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return false and true positive rates at falling thresholds, thinned to be drawn.

    Returns:
        Two arrays that rise from 0 to 1, of at most POINTS + 1 points.

    Example:
        >>> false_rate, true_rate = roc_points(np.array([0.1, 0.8]), np.array([False, True]))
        >>> false_rate.tolist(), true_rate.tolist()
        ([0.0, 0.0, 1.0], [0.0, 1.0, 1.0])
    """
    from sklearn.metrics import roc_curve as all_points

    false_rate, true_rate, _ = all_points(positive, scores)
    length = false_rate + true_rate
    even = np.searchsorted(length, np.linspace(0, length[-1], POINTS))
    chosen = np.unique([0, *even.tolist(), len(length) - 1])
    return false_rate[chosen], true_rate[chosen]


def _curve(
    data: Data, model: Model, provenance: MakeProvenance, areas: dict[int, tuple[float, np.ndarray]]
) -> Curves:
    predictions, names = prediction(data, model), data.class_names
    labels, probabilities = predictions.split.labels, predictions.probabilities
    area = float(np.mean([area for area, _ in areas.values()]))
    influences = np.mean([influences for _, influences in areas.values()], axis=0)
    low, high = auroc_interval(area, influences)
    n, two, record = len(labels), len(names) == 2, ClaimRecorder()
    auc = number("area under the ROC curve", area, "{:.4f}", n, low=low, high=high)
    pairs = fraction("pairs ranked correctly", area, digits=2, n=n, low=low, high=high)
    if two:
        averaged, mark = "", _threshold(probabilities[:, 1], labels)
        ranked = f"a test example of {names[1]} above one of {names[0]}"
        axes = f"{names[0]} taken for {names[1]} (%)", f"{names[1]} found (%)"
        false_rate, true_rate = roc_points(probabilities[:, 1], labels == 1)
    else:
        n_classes = record(count("classes with an ROC curve", len(areas)))
        averaged, mark = f", as the mean over {n_classes} classes against the rest", None
        ranked = "a test example of a class above one of the rest"
        axes = "the rest taken for the class (%)", "the class found (%)"
        false_rate, true_rate = _mean_curve(probabilities, labels, [*areas])
    low_rate, high_rate = roc_band(probabilities, labels, [*areas], false_rate)
    return Curves(
        name="roc-curve",
        section=SECTION,
        title=f"The network ranks {ranked} in {record(pairs)} of the pairs",
        summary=f"This is the area under the ROC curve, {record(auc)}, with the 95 % interval "
        f"{record(interval(auc, '{:.4f} to {:.4f}', 1))} (DeLong), over "
        f"{record(count('test examples', n))} test examples{averaged}; guessing gives the "
        "diagonal. The band contains 95 % of the curves of "
        f"{record(count('resamples', RESAMPLES))} resamples of these examples at each rate.",
        provenance=provenance(split="test", n=n),
        claims=record.claims,
        x_label=axes[0],
        panels=(
            CurvePanel(
                y_label=axes[1],
                series=(
                    Series(
                        label="",
                        role="test",
                        x=100 * false_rate,
                        y=100 * true_rate,
                        low=100 * low_rate,
                        high=100 * high_rate,
                    ),
                ),
                mark=mark,
            ),
        ),
        diagonal=True,
    )


def _mean_curve(
    probabilities: np.ndarray, labels: np.ndarray, classes: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """The one-vs-rest curves of all classes, averaged at equal false positive rates."""
    rates = np.linspace(0, 1, POINTS)
    curves = [np.interp(rates, *roc_points(probabilities[:, c], labels == c)) for c in classes]
    return np.append(0.0, rates), np.append(0.0, np.mean(curves, axis=0))


def _threshold(scores: np.ndarray, labels: np.ndarray) -> Mark:
    """The point of the curve at which the network decides, a probability of 50 %."""
    positive = scores > 0.5
    return Mark(
        x=100 * float(positive[labels != 1].mean()),
        y=100 * float(positive[labels == 1].mean()),
        label="at 50 %",
    )


def _table(
    data: Data, model: Model, provenance: MakeProvenance, areas: dict[int, tuple[float, np.ndarray]]
) -> Table:
    names, labels = data.class_names, prediction(data, model).split.labels
    rows = []
    for c, (area, influences) in areas.items():
        low, high = auroc_interval(area, influences)
        rows.append((names[c], int((labels == c).sum()), area, Interval(low=low, high=high)))
    hardest = min(areas, key=lambda c: areas[c][0])
    low, high = auroc_interval(*areas[hardest])
    auc = f"AUC of {names[hardest]}"
    lowest = number(auc, areas[hardest][0], "{:.4f}", len(labels), low=low, high=high)
    mean_area = np.mean([area for area, _ in areas.values()])
    average, record = number("mean AUC", mean_area, "{:.4f}", len(labels)), ClaimRecorder()
    others = [areas[c] for c in areas if c != hardest]
    is_hardest = stands_out([areas_differ(areas[hardest], other) for other in others])
    return Table(
        name="auc-by-class",
        section=SECTION,
        title=f"{names[hardest]} is the hardest class to separate (AUC {record(lowest)})"
        if is_hardest
        else f"No class is clearly the hardest to separate (mean AUC {record(average)})",
        summary="Area under the ROC curve of every class against the rest, with DeLong's 95 % "
        f"interval; the mean over the classes is {record(average)}, the lowest area that of "
        f"{names[hardest]}, {record(lowest)}, which is {'' if is_hardest else 'not clearly '}less "
        f"than {'any' if is_hardest else 'each'} other (DeLong's test at the 5 % level, Holm's "
        "correction).",
        provenance=provenance(split="test", n=len(labels)),
        claims=record.claims,
        stands_out=is_hardest,
        columns=("class", "examples", "AUC", "95 % interval"),
        formats=("", ",d", ".4f", ".4f"),
        rows=tuple(rows),
    )
