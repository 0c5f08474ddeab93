"""Reliability diagram: accuracy by confidence, with the expected calibration error."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Data, MakeProvenance, Model
from glassnet.findings import (
    ClaimRecorder,
    CurvePanel,
    Curves,
    Series,
    count,
    fraction,
    number,
    share,
)
from glassnet.inference.classification import prediction
from glassnet.insight.measures.calibration import Bin, equal_mass_bins
from glassnet.stats.intervals import half_width

SECTION = "mistakes"

BINS = 10
"""Bins of equal mass."""


def reliability_diagram(data: Data, model: Model, provenance: MakeProvenance) -> Iterator[Curves]:
    """Plot accuracy against mean confidence in bins of equal mass.

    Yields nothing for a single class or fewer than two test examples.
    """
    predictions = prediction(data, model)
    confidence = predictions.probabilities.max(axis=1).astype(np.float64)
    right = predictions.predicted == predictions.split.labels
    if len(data.class_names) < 2 or len(right) < 2:
        return
    bins = equal_mass_bins(confidence, right, BINS)
    record, ends = ClaimRecorder(), 100 * np.array([group.interval for group in bins])
    yield Curves(
        name="reliability-diagram",
        section=SECTION,
        title=_title(record, confidence - right),
        summary=_summary(record, bins),
        provenance=provenance(split="test", n=len(right)),
        claims=record.claims,
        x_label="mean confidence of the bin (%)",
        panels=(
            CurvePanel(
                y_label="accuracy (%)",
                series=(
                    Series(
                        label="",
                        role="test",
                        x=100 * np.array([group.confidence for group in bins]),
                        y=100 * np.array([group.accuracy for group in bins]),
                        low=ends[:, 0],
                        high=ends[:, 1],
                    ),
                ),
                mark=None,
            ),
        ),
        diagonal=True,
    )


def _title(record: ClaimRecorder, gaps: np.ndarray) -> str:
    """Say in which direction confidence is off, if the mean of its gaps (n,) clearly is."""
    gap, half = 100 * float(gaps.mean()), 100 * float(half_width(gaps))
    off = number(
        "confidence less accuracy (points)",
        gap,
        f"{abs(gap):.1f} points",
        len(gaps),
        low=gap - half,
        high=gap + half,
    )
    if abs(gap) <= half:
        return f"Confidence is not clearly off on average ({record(off)} from the accuracy)"
    return f"{'Overconfident' if gap > 0 else 'Underconfident'} by {record(off)} on average"


def _summary(record: ClaimRecorder, bins: list[Bin]) -> str:
    """State the calibration error and the bin with the largest gap."""
    n = sum(group.n for group in bins)
    error = 100 * sum(group.n * abs(group.gap) for group in bins) / n
    calibrated = sum(
        low <= group.confidence <= high for group in bins for low, high in [group.interval]
    )
    worst = max(bins, key=lambda group: abs(group.gap))
    ece = number("expected calibration error (points)", error, "{:.2f} points", n)
    n_calibrated = number(
        "bins whose accuracy interval contains the confidence",
        calibrated,
        f"{calibrated or 'none'}",
    )
    confidence = fraction("confidence in the worst bin", worst.confidence, n=worst.n)
    accuracy = share("accuracy in the worst bin", worst.right, worst.n)
    return (
        f"The expected calibration error is {record(ece)} over {record(count('bins', len(bins)))} "
        f"bins of equal mass ({record(count('test examples', n))} test examples). In "
        f"{record(n_calibrated)} of them the 95 % interval of the accuracy contains the mean "
        f"confidence. The largest gap is a confidence of {record(confidence)} with an accuracy of "
        f"{record(accuracy)}. Perfectly calibrated probabilities lie on the diagonal; the "
        "band is the 95 % interval of the accuracy."
    )
