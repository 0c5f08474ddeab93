"""Reliability diagram: accuracy by confidence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, CurvePanel, Curves, Series
from glassnet.findings.claims import count, fraction, number, share
from glassnet.inference.classification import prediction
from glassnet.insight.measures.calibration import equal_mass_bins

BINS = 10
"""Bins of equal mass that confidence is held against accuracy in."""


def reliability_diagram(evidence: Evidence, options: ExplainOptions) -> Iterator[Curves]:
    """Whether confidence comes true: accuracy by confidence, in bins of equal mass."""
    answer = prediction(evidence)
    sure = answer.probabilities.max(axis=1).astype(np.float64)
    right = answer.predicted == answer.split.labels
    if len(evidence.class_names) < 2 or len(right) < 2:
        return
    bins = equal_mass_bins(sure, right, BINS)
    gap = 100 * float(sure.mean() - right.mean())
    error = 100 * sum(each.n * abs(each.confidence - each.accuracy) for each in bins) / len(right)
    held = sum(low <= each.confidence <= high for each in bins for low, high in [each.interval])
    worst = max(bins, key=lambda each: abs(each.confidence - each.accuracy))
    direction = "more" if gap > 0 else "less"
    record, n = ClaimRecorder(), len(right)
    apart = number("confidence less accuracy (points)", gap, f"{abs(gap):.1f} points", n)
    calibration = number("expected calibration error (points)", error, "{:.2f} points", n)
    stored = number("bins in which confidence may come true", held, f"{held or 'none'}")
    sure_there = fraction("confidence in the worst bin", worst.confidence, n=worst.n)
    right_there = share("accuracy in the worst bin", worst.right, worst.n)
    yield Curves(
        name="reliability-diagram",
        section="mistakes",
        title=f"It is {record(apart)} {direction} sure than right, on average",
        summary=f"Expected calibration error {record(calibration)} over "
        f"{record(count('bins', len(bins)))} bins of equal mass ({record(count('test examples', n))} "
        f"test examples); in {record(stored)} of them accuracy may be what confidence says (95 % "
        f"interval). The widest gap: {record(sure_there)} sure, {record(right_there)} right. On the "
        "diagonal confidence comes true.",
        provenance=evidence.provenance(split="test", n=n),
        claims=record.claims,
        x_label="mean confidence of the bin (%)",
        panels=(
            CurvePanel(
                y_label="right (%)",
                series=(
                    Series(
                        label="",
                        role="test",
                        x=100 * np.array([each.confidence for each in bins]),
                        y=100 * np.array([each.accuracy for each in bins]),
                    ),
                ),
                mark=None,
            ),
        ),
        diagonal=True,
    )
