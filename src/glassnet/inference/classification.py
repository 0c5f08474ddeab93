"""Test results of a classifier: accuracy, log-likelihood and calibration error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glassnet.contract import CLASSES, Cache, Data, EvaluateOptions, Model, Split
from glassnet.errors import UsageError
from glassnet.findings import Claim, ClaimRecorder, count, gain, interval, number, share
from glassnet.inference import linear_model
from glassnet.stats.comparisons import LEVEL, Difference, paired_difference
from glassnet.stats.intervals import percent, wilson

UNEVEN = 1.5
"""Ratio of the largest and the smallest class from which on classes are uneven."""

INTERVAL = "{:.2f} to {:.2f} %"
"""Format of the 95 % interval of the accuracy."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """A classifier's predictions for a split.

    Attributes:
        split: the examples with their labels.
        probabilities: (n, classes) float32, calibrated.
        uncalibrated: the same with the network's own probabilities; None without a temperature.
    """

    split: Split
    probabilities: np.ndarray
    uncalibrated: Prediction | None = None

    @property
    def predicted(self) -> np.ndarray:
        """(n,) int64, the most probable class of each example."""
        return self.probabilities.argmax(axis=1)

    @property
    def right(self) -> np.ndarray:
        """(n,) bool, whether that is the example's class."""
        return self.predicted == self.split.labels

    @property
    def confidence(self) -> np.ndarray:
        """(n,) float64, the probability of the predicted class."""
        return self.probabilities.max(axis=1).astype(np.float64)


def prediction(data: Data, model: Model) -> Prediction:
    """Return the network's predictions for the test set."""
    own = None
    if model.calibration.temperature != 1:
        own = Prediction(data.test, model.uncalibrated_predictions[CLASSES])
    return Prediction(data.test, model.predictions[CLASSES], own)


def results(data: Data, model: Model, cache: Cache, options: EvaluateOptions) -> dict[str, Any]:
    """Return the scores, the sentence and the numbers of a classifier, as `Task.results` does.

    Raises:
        UsageError: a number of samples or examples is given, but a classifier is not sampled.
    """
    if options != EvaluateOptions():
        raise UsageError(
            "a classifier is evaluated on all test examples, without samples",
            "leave out --samples and --examples",
        )
    predicted = prediction(data, model)
    scores = classification_scores(predicted)
    scores |= {"linear_model": linear_scores(data, cache, predicted)}
    record, claim = ClaimRecorder(), accuracy_of(scores)
    accuracy, n = record(claim), record(count("test examples", scores["n"]))
    return scores | {
        "headline": "accuracy",
        "sentence": f"{accuracy} accuracy on {n} test examples",
        "numbers": [
            ["Test accuracy", accuracy, f"95 % interval {record(interval(claim, INTERVAL))}"],
            _linear_row(record, scores),
            _difference_row(record, scores),
            *_balanced_rows(record, scores),
            ["Errors", record(count("errors", scores["errors"])), f"of {n} test examples"],
            _calibration_row(record, scores),
        ],
        "claims": [asdict(claim) for claim in record.claims],
    }


def linear_scores(data: Data, cache: Cache, network: Prediction) -> dict[str, Any]:
    """Measure a linear model on the same training and test examples, and the largest class.

    Args:
        data: of the run.
        cache: of the run.
        network: the network's predictions for the test set.

    Returns:
        `method`, and `errors`, `accuracy` and `interval` (Wilson) of the linear model;
        `difference`, the network's accuracy less the linear model's on the same examples with its
        95 % interval and McNemar's p value; `majority`, the share of the most frequent class; and
        if the classes are uneven, `balanced_accuracy`.
    """
    labels = data.test.labels
    made = cache("linear-model", lambda: {"classes": linear_model.predict_classes(data)})
    right = made["classes"] == labels
    n, errors = len(labels), int((~right).sum())
    return {
        "method": linear_model.METHODS[data.modality],
        "errors": errors,
        "accuracy": (n - errors) / n,
        "interval": list(wilson(n - errors, n)),
        "difference": asdict(paired_difference(network.right, right)),
        **_balanced(labels, right),
        "majority": int(np.bincount(labels).max()) / n,
    }


def _linear_row(record: ClaimRecorder, scores: dict[str, Any]) -> list[str]:
    linear, n = scores["linear_model"], scores["n"]
    claim = share("accuracy of a linear model", n - linear["errors"], n, digits=2, split="test")
    most = share("share of the most frequent class", round(linear["majority"] * n), n)
    note = (
        f"{linear['method']}, 95 % interval {record(interval(claim, INTERVAL))}; "
        f"{record(most)} are of the most frequent class"
    )
    return ["Linear model", record(claim), note]


def linear_difference(scores: dict[str, Any]) -> tuple[Claim, str]:
    """Give the network's accuracy less the linear model's, and what the paired test says."""
    difference = Difference(**scores["linear_model"]["difference"])
    claim = gain("accuracy less that of a linear model", difference, scores["n"])
    if difference.p >= LEVEL:
        return claim, "not clearly different"
    return claim, f"clearly {'higher' if difference.value > 0 else 'lower'}"


def _difference_row(record: ClaimRecorder, scores: dict[str, Any]) -> list[str]:
    claim, verdict = linear_difference(scores)
    ends = record(interval(claim, "{:+.1f} to {:+.1f}", 1))
    note = f"95 % interval {ends}; {verdict} (McNemar's test on the same examples)"
    return ["Against linear model", record(claim), note]


def _balanced_rows(record: ClaimRecorder, scores: dict[str, Any]) -> Iterator[list[str]]:
    """The balanced accuracy of both, if the classes are uneven."""
    if "balanced_accuracy" not in scores:
        return
    own, other = (
        number(
            name,
            each["value"],
            percent(each["value"], 2),
            scores["n"],
            low=each["low"],
            high=each["high"],
        )
        for name, each in (
            ("balanced accuracy", scores["balanced_accuracy"]),
            ("balanced accuracy of a linear model", scores["linear_model"]["balanced_accuracy"]),
        )
    )
    note = (
        f"mean over the classes, 95 % interval {record(interval(own, INTERVAL))}; "
        f"the linear model's: {record(other)}"
    )
    yield ["Balanced accuracy", record(own), note]


def _calibration_row(record: ClaimRecorder, scores: dict[str, Any]) -> list[str]:
    error, note = 100 * scores["calibration_error"], "confidence against accuracy"
    if "uncalibrated" in scores:
        before = 100 * scores["uncalibrated"]["calibration_error"]
        claim = number("calibration error before calibration (points)", before, "{:.2f}")
        note += f", {record(claim)} before calibration"
    value = record(number("calibration error (points)", error, "{:.2f} points", scores["n"]))
    return ["Calibration error", value, note]


def classification_scores(prediction: Prediction) -> dict[str, Any]:
    """Compute accuracy with its 95 % interval, errors, log-likelihood and calibration.

    Returns:
        `n`, `accuracy`, `interval` (Wilson), `errors`, and if the classes are uneven
        `balanced_accuracy`; `negative_log_likelihood` in nats per
        example, `calibration_error` over 15 bins of equal width, and `confidence_gap`, mean
        confidence less accuracy, of the calibrated probabilities; if there is a temperature, the
        same three as `uncalibrated`, of the network's own probabilities.
    """
    right, n, before = prediction.right, len(prediction.right), prediction.uncalibrated
    return {
        "n": n,
        "accuracy": int(right.sum()) / n,
        "interval": list(wilson(int(right.sum()), n)),
        "errors": n - int(right.sum()),
        **_balanced(prediction.split.labels, right),
        **_probability_scores(prediction),
        **({"uncalibrated": _probability_scores(before)} if before else {}),
    }


def _balanced(labels: np.ndarray, right: np.ndarray) -> dict[str, Any]:
    """The mean recall of the classes with its 95 % interval, if the classes are uneven."""
    counts = np.bincount(labels)
    hits = np.bincount(labels, weights=right)[counts > 0]
    counts = counts[counts > 0]
    if counts.max() < UNEVEN * counts.min():
        return {}
    recalls = hits / counts
    value = float(recalls.mean())
    half = 1.96 * float(np.sqrt((recalls * (1 - recalls) / counts).sum())) / len(counts)
    ends = {"low": max(0.0, value - half), "high": min(1.0, value + half)}
    return {"balanced_accuracy": {"value": value, **ends}}


def _probability_scores(prediction: Prediction) -> dict[str, float]:
    labels, right, confidence = prediction.split.labels, prediction.right, prediction.confidence
    own = prediction.probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return {
        "negative_log_likelihood": float(-np.log(own.clip(1e-12)).mean()),
        "calibration_error": calibration_error(confidence, right),
        "confidence_gap": float((confidence - right).mean()),
    }


def smooths_labels(config: Any) -> bool:
    """Whether a network learned smoothed labels, which make it less confident than accurate."""
    is_used = getattr(config, "loss", "cross-entropy") == "cross-entropy"
    return is_used and getattr(config, "label_smoothing", 0) > 0


def accuracy_of(scores: dict[str, Any]) -> Claim:
    """Return the accuracy of `classification_scores` as a claim with its 95 % interval."""
    n = scores["n"]
    return share("test accuracy", n - scores["errors"], n, digits=2, split="test")


def calibration_error(confidence: np.ndarray, right: np.ndarray, n_bins: int = 15) -> float:
    """Compute the expected calibration error: the mean gap between confidence and accuracy.

    Source: Guo et al. 2017, "On calibration of modern neural networks", equation 3.

    Args:
        confidence: (n,) in [0, 1], the probability of the predicted class.
        right: (n,) bool.
        n_bins: number of bins of equal width.

    Example:
        >>> calibration_error(np.array([0.9, 0.9]), np.array([True, False]))
        0.4
    """
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = np.bincount(bins, weights=confidence.astype(float) - right, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(confidence))
