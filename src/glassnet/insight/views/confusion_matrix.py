"""Confusion matrix: counts of true class by predicted class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Heatmap
from glassnet.findings.claims import count
from glassnet.inference.classification import prediction


def confusion_matrix(evidence: Evidence, options: ExplainOptions) -> Iterator[Heatmap]:
    """Counts of true class by predicted class, coloured by the share of the true class."""
    counts = confusion(evidence)
    names, n = evidence.class_names, int(counts.sum())
    errors = n - int(np.trace(counts))
    off = counts - np.diag(np.diag(counts))
    true, predicted = np.unravel_index(off.argmax(), off.shape)
    record = ClaimRecorder()
    examples = record(count("test examples", n))
    title = "Every test example is right"
    summary = f"All {examples} test examples lie on the diagonal."
    if errors:
        ties = int((off == off.max()).sum())
        rank = "the commonest mistake" if ties == 1 else "one of the commonest mistakes"
        title = f"{names[true]} taken for {names[predicted]} is {rank}"
        pair, back = f"{names[true]} taken for {names[predicted]}", int(off[predicted, true])
        summary = (
            f"It accounts for {record(count(pair, int(off.max())))} of the "
            f"{record(count('mistakes', errors))} mistakes among {examples} test examples; the "
            f"reverse accounts for {record(count(f'the reverse of {pair}', back))}."
        )
    yield Heatmap(
        name="confusion-matrix",
        section="mistakes",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="test", n=n),
        claims=record.claims,
        values=counts,
        scale=counts / np.maximum(counts.sum(axis=1, keepdims=True), 1),
        row_names=names,
        column_names=names,
        row_label="true class",
        column_label="predicted class",
        unit="examples",
    )


def confusion(evidence: Evidence) -> np.ndarray:
    """(classes, classes) int64 counts, true class by predicted class."""
    classes = len(evidence.class_names)
    counts = np.zeros((classes, classes), np.int64)
    answer = prediction(evidence)
    np.add.at(counts, (answer.split.labels, answer.predicted), 1)
    return counts
