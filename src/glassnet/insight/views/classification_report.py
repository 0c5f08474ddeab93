"""Recall, precision and F1 of every class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Table
from glassnet.findings.claims import count, fraction, share
from glassnet.insight.views.confusion_matrix import confusion
from glassnet.stats.intervals import wilson


def classification_report(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """Recall with its interval, precision and F1 of every class."""
    counts = confusion(evidence)
    right, of_class, of_guess = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    recall = right / np.maximum(of_class, 1)
    precision = right / np.maximum(of_guess, 1)
    f1 = 2 * right / np.maximum(of_class + of_guess, 1)
    rows = []
    for k, label in enumerate(evidence.class_names):
        low, high = wilson(int(right[k]), int(of_class[k]))
        rows.append(
            (
                label,
                int(of_class[k]),
                int(of_class[k] - right[k]),
                100 * float(recall[k]) if of_class[k] else None,
                f"{100 * low:.1f} to {100 * high:.1f}" if of_class[k] else None,
                100 * float(precision[k]),
                100 * float(f1[k]),
            )
        )
    hardest = int(np.where(of_class > 0, recall, 2).argmin())
    name = evidence.class_names[hardest]
    even = (right == of_class).all()
    record = ClaimRecorder()
    hits, n = int(right[hardest]), int(of_class[hardest])
    average = fraction("mean recall over the classes", recall[of_class > 0].mean())
    yield Table(
        name="classification-report",
        section="mistakes",
        title="Every class is right throughout" if even else f"{name} is the hardest class",
        summary=f"{record(share(f'recall of {name}', hits, n))} of the "
        f"{record(count(f'test examples of {name}', n))} test examples of {name} are right; the mean "
        f"over the classes is {record(average)}.",
        provenance=evidence.provenance(split="test", n=int(counts.sum())),
        claims=record.claims,
        columns=(
            "class",
            "examples",
            "mistakes",
            "recall (%)",
            "95 % interval",
            "precision (%)",
            "F1 (%)",
        ),
        formats=("", ",d", ",d", ".2f", "", ".2f", ".2f"),
        rows=tuple(rows),
    )
