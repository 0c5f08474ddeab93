"""Recall, precision and F1 score of every class."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Data, MakeProvenance, Model
from glassnet.findings import (
    ClaimRecorder,
    Interval,
    Table,
    count,
    fraction,
    share,
)
from glassnet.inference.classification import prediction
from glassnet.stats.comparisons import shares_differ, stands_out
from glassnet.stats.intervals import wilson

SECTION = "mistakes"

TESTED = {
    True: "This is less than of any other class (Fisher's exact test at the 5 % level, Holm's "
    "correction).",
    False: "This is not clearly less than of each other class (Fisher's exact test at the 5 % "
    "level, Holm's correction).",
}
"""What was tested, by whether a class stands out."""


def classification_report(data: Data, model: Model, provenance: MakeProvenance) -> Iterator[Table]:
    """Tabulate recall with its 95 % interval, precision and F1 score of every class."""
    from sklearn.metrics import precision_recall_fscore_support

    predictions, names = prediction(data, model), data.class_names
    labels, predicted = predictions.split.labels, predictions.predicted
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=np.arange(len(names)), zero_division=0
    )
    hits = np.bincount(labels[labels == predicted], minlength=len(names))
    rows = []
    for k, name in enumerate(names):
        low, high = wilson(int(hits[k]), int(support[k]))
        rows.append(
            (
                name,
                int(support[k]),
                int(support[k] - hits[k]),
                100 * float(recall[k]) if support[k] else None,
                Interval(low=100 * low, high=100 * high) if support[k] else None,
                100 * float(precision[k]),
                100 * float(f1[k]),
            )
        )
    hardest = int(np.where(support > 0, recall, 2).argmin())
    n_right, n = int(hits[hardest]), int(support[hardest])
    name, record = names[hardest], ClaimRecorder()
    is_hardest = stands_out(
        [
            shares_differ(n_right, n, int(hits[k]), int(support[k]))
            for k in np.flatnonzero(support)
            if k != hardest
        ]
    )
    title = f"{name} is the hardest class" if is_hardest else "No class is clearly the hardest"
    if (hits == support).all():
        title = "Every class is classified perfectly"
    average = fraction("mean recall over the classes", recall[support > 0].mean())
    yield Table(
        name="classification-report",
        section=SECTION,
        title=title,
        summary=f"{record(share(f'recall of {name}', n_right, n))} of "
        f"the {record(count(f'test examples of {name}', n))} test examples of "
        f"{name} are classified correctly; the mean over the classes is {record(average)}. "
        + TESTED[is_hardest],
        provenance=provenance(split="test", n=len(labels)),
        claims=record.claims,
        stands_out=is_hardest or bool((hits == support).all()),
        columns=(
            "class",
            "examples",
            "mistakes",
            "recall (%)",
            "95 % interval",
            "precision (%)",
            "F1 (%)",
        ),
        formats=("", ",d", ",d", ".2f", ".1f", ".2f", ".2f"),
        rows=tuple(rows),
    )
