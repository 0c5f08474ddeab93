"""Test results of a classifier: accuracy, log-likelihood and calibration error."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glassnet.contract import EvaluateOptions, Evidence, Split
from glassnet.errors import UsageError
from glassnet.findings import Claim, ClaimRecorder
from glassnet.findings.claims import count, interval, share
from glassnet.stats.intervals import wilson

ENDS = "{:.2f} to {:.2f} %"
"""How the interval of the accuracy is written."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a classifier says of a split; `probabilities` is (n, classes) float32."""

    split: Split
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """(n,) int64, the most probable class of each example."""
        return self.probabilities.argmax(axis=1)


def prediction(evidence: Evidence) -> Prediction:
    """What the network says of the test set."""
    return Prediction(evidence.test, evidence.predictions["probabilities"])


def results(evidence: Evidence, effort: EvaluateOptions) -> dict[str, Any]:
    """The scores with their words, as a classifier's `Task.results` gives them.

    Raises:
        UsageError: an effort is asked for, but nothing is estimated.
    """
    if effort != EvaluateOptions():
        raise UsageError(
            "a classifier is measured on the whole test set, without samples",
            "leave --samples and --examples out",
        )
    scores = classification_scores(prediction(evidence))
    record, right = ClaimRecorder(), accuracy_of(scores)
    accuracy, n = record(right), record(count("test examples", scores["n"]))
    return scores | {
        "headline": "accuracy",
        "sentence": f"{accuracy} of {n} test examples right",
        "numbers": [
            ["Test accuracy", accuracy, f"95 % interval {record(interval(right, ENDS))}"],
            ["Errors", record(count("errors", scores["errors"])), f"of {n} test examples"],
        ],
        "claims": [asdict(claim) for claim in record.claims],
    }


def classification_scores(prediction: Prediction) -> dict[str, Any]:
    """Accuracy with its 95 % interval, errors, log-likelihood and calibration error.

    Returns:
        `n`, `accuracy`, `interval` (Wilson), `errors`, `negative_log_likelihood` in nats per
        example, `calibration_error` over 15 bins.
    """
    labels, probabilities = prediction.split.labels, prediction.probabilities
    right, n = prediction.predicted == labels, len(labels)
    own = probabilities[np.arange(n), labels].astype(np.float64)
    return {
        "n": n,
        "accuracy": int(right.sum()) / n,
        "interval": list(wilson(int(right.sum()), n)),
        "errors": n - int(right.sum()),
        "negative_log_likelihood": float(-np.log(own.clip(1e-12)).mean()),
        "calibration_error": calibration_error(probabilities.max(axis=1), right),
    }


def accuracy_of(scores: dict[str, Any]) -> Claim:
    """The accuracy as a claim with its interval."""
    n = scores["n"]
    return share("test accuracy", n - scores["errors"], n, digits=2, split="test")


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error: the mean gap between confidence and accuracy over equal bins.

    Source: Guo et al. 2017, "On calibration of modern neural networks", equation 3.

    Args:
        confidence: (n,) in [0, 1], the probability of the predicted class.
        right: (n,) bool.

    Example:
        >>> calibration_error(np.array([0.9, 0.9]), np.array([True, False]))
        0.4
    """
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(places, weights=confidence.astype(float) - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))
