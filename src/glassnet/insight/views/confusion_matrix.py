"""Confusion matrix: counts of true class by predicted class."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Data, MakeProvenance, Model
from glassnet.findings import ClaimRecorder, Heatmap, count
from glassnet.inference.classification import prediction
from glassnet.stats.comparisons import counts_differ, stands_out

SECTION = "mistakes"


def confusion_matrix(data: Data, model: Model, provenance: MakeProvenance) -> Iterator[Heatmap]:
    """Count the test examples by true and predicted class; colours are shares of the true class."""
    from sklearn.metrics import confusion_matrix as count_pairs

    predictions, names = prediction(data, model), data.class_names
    labels, predicted = predictions.split.labels, predictions.predicted
    # One label more than there are classes: scikit-learn warns of a single label.
    counts = count_pairs(labels, predicted, labels=np.arange(len(names) + 1))[:-1, :-1]
    n, record = int(counts.sum()), ClaimRecorder()
    title, summary, is_found = _most_frequent(record, counts, names)
    yield Heatmap(
        name="confusion-matrix",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(split="test", n=n),
        claims=record.claims,
        stands_out=is_found,
        values=counts,
        scale=counts / np.maximum(counts.sum(axis=1, keepdims=True), 1),
        row_names=names,
        column_names=names,
        row_label="true class",
        column_label="predicted class",
        unit="examples",
    )


def _most_frequent(
    record: ClaimRecorder, counts: np.ndarray, names: tuple[str, ...]
) -> tuple[str, str, bool]:
    """Name the most frequent mistake, and how often the reverse occurs; and whether it is one."""
    n = int(counts.sum())
    examples, errors = record(count("test examples", n)), n - int(np.trace(counts))
    if not errors:
        return (
            "Every test example is classified correctly",
            f"All {examples} test examples lie on the diagonal.",
            True,
        )
    off = counts - np.diag(np.diag(counts))
    true, predicted = np.unravel_index(off.argmax(), off.shape)
    pair, reverse = f"{names[true]} taken for {names[predicted]}", int(off[predicted, true])
    most, *others = sorted(off[~np.eye(len(names), dtype=bool)].tolist(), reverse=True)
    accounts = (
        f"accounts for {record(count(pair, most))} of the {record(count('mistakes', errors))} "
        f"mistakes among {examples} test examples; the reverse accounts for "
        f"{record(count(f'the reverse of {pair}', reverse))}"
    )
    if stands_out([counts_differ(most, other) for other in others]):
        return (
            f"{pair} is the most frequent mistake",
            f"It {accounts}. It is more frequent than any other mistake (binomial test at the 5 % "
            "level, Holm's correction).",
            True,
        )
    return (
        "No mistake is clearly the most frequent",
        f"{pair} {accounts}. It is not clearly more frequent than each other mistake (binomial "
        "test at the 5 % level, Holm's correction).",
        False,
    )
