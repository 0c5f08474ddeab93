"""Reliability diagram: accuracy by confidence, with the expected calibration error."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Data, MakeProvenance, Model
from glassnet.findings import (
    Claim,
    ClaimRecorder,
    CurvePanel,
    Curves,
    Series,
    count,
    fraction,
    number,
    share,
)
from glassnet.inference.classification import Prediction, prediction, smooths_labels
from glassnet.inference.temperature import MIN_EXAMPLES
from glassnet.insight.measures.calibration import Bin, equal_mass_bins
from glassnet.stats.intervals import half_width

SECTION = "mistakes"

BINS = 10
"""Bins of equal mass."""


def reliability_diagram(data: Data, model: Model, provenance: MakeProvenance) -> Iterator[Curves]:
    """Plot accuracy against mean confidence in bins of equal mass, before and after calibration.

    Yields nothing for a single class or fewer than two test examples.
    """
    after = prediction(data, model)
    n, before = len(after.right), after.uncalibrated
    if len(data.class_names) < 2 or n < 2:
        return
    record, bins = ClaimRecorder(), _bins(after)
    series = [_series("calibrated" if before else "", "test", bins)]
    if before:
        series.insert(0, _series("before calibration", "other", _bins(before)))
    yield Curves(
        name="reliability-diagram",
        section=SECTION,
        title=_title(record, after),
        summary=f"{_origin(record, before, model)} {_summary(record, bins)}",
        provenance=provenance(split="test", n=n),
        claims=record.claims,
        stands_out=bool(_gap(after)[1]),
        x_label="mean confidence of the bin (%)",
        panels=(CurvePanel(y_label="accuracy (%)", series=tuple(series), mark=None),),
        diagonal=True,
    )


def _bins(predictions: Prediction) -> list[Bin]:
    return equal_mass_bins(predictions.confidence, predictions.right, BINS)


def _series(label: str, role: str, bins: list[Bin]) -> Series:
    ends = 100 * np.array([group.interval for group in bins])
    return Series(
        label=label,
        role=role,
        x=100 * np.array([group.confidence for group in bins]),
        y=100 * np.array([group.accuracy for group in bins]),
        low=ends[:, 0],
        high=ends[:, 1],
    )


def _title(record: ClaimRecorder, predictions: Prediction) -> str:
    """Say in which direction confidence is off, if the mean of its gaps clearly is."""
    gap, direction = _gap(predictions)
    if not direction:
        start = "After calibration, confidence" if predictions.uncalibrated else "Confidence"
        return f"{start} is not clearly off on average ({record(gap)} from the accuracy)"
    end = " after calibration" if predictions.uncalibrated else ""
    return f"{direction.capitalize()} by {record(gap)} on average{end}"


def _gap(predictions: Prediction, when: str = "") -> tuple[Claim, str]:
    """Confidence less accuracy, and its direction, or no word if the interval contains 0."""
    gaps = 100 * (predictions.confidence - predictions.right)
    gap, half = float(gaps.mean()), float(half_width(gaps))
    claim = number(
        f"confidence less accuracy{when} (points)",
        gap,
        f"{abs(gap):.1f} points",
        len(gaps),
        low=gap - half,
        high=gap + half,
    )
    if abs(gap) <= half:
        return claim, ""
    return claim, "overconfident" if gap > 0 else "underconfident"


def _origin(record: ClaimRecorder, uncalibrated: Prediction | None, model: Model) -> str:
    """Say how far off the network's own confidence is, and how it is calibrated."""
    calibration = model.calibration
    n = count("validation examples", calibration.n)
    if uncalibrated is None:
        if 0 < calibration.n < MIN_EXAMPLES:
            fewest = record(count("fewest examples for a temperature", MIN_EXAMPLES))
            return (
                f"No temperature was fitted: the {record(n)} validation examples are fewer than "
                f"{fewest}."
            )
        return "No temperature was fitted."
    gap, direction = _gap(uncalibrated, " before calibration")
    because = ""
    if direction == "underconfident" and smooths_labels(model.config):
        because = " because of label smoothing"
    off = f"{direction} by {record(gap)}{because}"
    if not direction:
        off = "not clearly over- or underconfident"
    value = record(number("temperature", calibration.temperature, "{:.3g}"))
    return (
        f"The network itself is {off}; a temperature of {value}, fitted on {record(n)} validation "
        "examples, divides its logits wherever probabilities are shown."
    )


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
        f"{record(accuracy)}. Perfectly calibrated probabilities lie on the diagonal; bands are "
        "95 % intervals of the accuracy."
    )
