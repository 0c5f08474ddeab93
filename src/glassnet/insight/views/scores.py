"""Test scores of a classifier: accuracy, log-likelihood and calibration error."""

from collections.abc import Iterator
from typing import Any

from glassnet.contract import Cache, Calibration, Data, MakeProvenance, Model
from glassnet.findings import ClaimRecorder, Table, count, interval
from glassnet.inference.classification import (
    accuracy_of,
    classification_scores,
    linear_difference,
    linear_scores,
    prediction,
)
from glassnet.inference.temperature import MIN_EXAMPLES

SECTION = "result"

CALIBRATION = (
    (
        *("negative log-likelihood", "negative_log_likelihood", 1, "{:.4f} nats"),
        "mean over the examples; 0 is best",
    ),
    (
        *("calibration error", "calibration_error", 100, "{:.2f} points"),
        "mean gap between confidence and accuracy, 15 bins",
    ),
    (
        *("confidence less accuracy", "confidence_gap", 100, "{:+.2f} points"),
        "below 0 the network is underconfident",
    ),
)
"""Name, key in the results, factor, format and meaning of what is measured of probabilities."""


def scores(data: Data, model: Model, cache: Cache, provenance: MakeProvenance) -> Iterator[Table]:
    """Tabulate the scores on the test set, beside those of a linear model."""
    predicted = prediction(data, model)
    measured = classification_scores(predicted)
    measured |= {"linear_model": linear_scores(data, cache, predicted)}
    low, high = (100 * end for end in measured["interval"])
    record, claim, n = ClaimRecorder(), accuracy_of(measured), measured["n"]
    accuracy, errors = record(claim), record(count("errors", measured["errors"]))
    difference, verdict = linear_difference(measured)
    gain, gain_ends = record(difference), record(interval(difference, "{:+.1f} to {:+.1f}", 1))
    yield Table(
        name="scores",
        section=SECTION,
        title=f"The test accuracy is {accuracy}",
        summary=f"{errors} of {record(count('test examples', n))} examples are misclassified; the "
        f"95 % interval of the accuracy is {record(interval(claim, '{:.2f} to {:.2f} %'))}. The "
        f"difference from a linear model is {gain} ({gain_ends}): {verdict} (McNemar's test on "
        "the same examples). The test set was not used to choose anything.",
        provenance=provenance(split="test", n=n),
        claims=record.claims,
        columns=("measure", "value", "meaning"),
        formats=("", "", ""),
        rows=(
            ("accuracy", accuracy, f"95 % interval {low:.2f} to {high:.2f} %"),
            ("errors", errors, f"of {n:,} test examples"),
            *_balanced_rows(measured, "balanced accuracy"),
            *_linear_rows(measured),
            (
                "accuracy less the linear model's",
                gain,
                f"{verdict}; paired, 95 % interval {gain_ends}",
            ),
            *_calibration_rows(measured, model.calibration),
        ),
    )


def _balanced_rows(scores: dict[str, Any], name: str) -> Iterator[tuple[str, str, str]]:
    """The balanced accuracy, which there is if the classes are uneven."""
    if balanced := scores.get("balanced_accuracy"):
        low, high = 100 * balanced["low"], 100 * balanced["high"]
        meaning = f"mean over the classes; 95 % interval {low:.2f} to {high:.2f} %"
        yield name, f"{100 * balanced['value']:.2f} %", meaning


def _linear_rows(measured: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    linear = measured["linear_model"]
    low, high = (100 * end for end in linear["interval"])
    ends = f"95 % interval {low:.2f} to {high:.2f} %"
    yield "linear model", f"{100 * linear['accuracy']:.2f} %", f"{linear['method']}; {ends}"
    yield from _balanced_rows(linear, "linear model, balanced accuracy")
    yield "most frequent class", f"{100 * linear['majority']:.2f} %", "accuracy of always naming it"


def _calibration_rows(
    measured: dict[str, Any], calibration: Calibration
) -> Iterator[tuple[str, str, str]]:
    before = measured.get("uncalibrated")
    for name, key, scale, formatted, meaning in CALIBRATION:
        value = formatted.format(scale * measured[key])
        was = before and f"; {formatted.format(scale * before[key])} before calibration"
        yield name, value, meaning + (was or "")
    yield "temperature", f"{calibration.temperature:.3g}", temperature_note(calibration)


def temperature_note(calibration: Calibration) -> str:
    """Say what a temperature was fitted on, or why there is none."""
    if calibration.temperature != 1:
        return f"what logits are divided by; fitted on {calibration.n:,} validation examples"
    if 0 < calibration.n < MIN_EXAMPLES:
        return f"not fitted: {calibration.n:,} validation examples are fewer than {MIN_EXAMPLES}"
    return "not fitted: the probabilities are the network's own"
