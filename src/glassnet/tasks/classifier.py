"""Base of tasks that classify: metrics, outputs and test results."""

from typing import Any

from glassnet.contract import CLASSES, EvaluateOptions, Evidence, Task
from glassnet.inference import classification


class Classifier(Task):
    """A task whose networks output class probabilities."""

    headline = "accuracy"
    maximise = frozenset({"accuracy"})
    percentages = frozenset({"accuracy"})
    curves = ("loss", "accuracy")
    outputs = frozenset({CLASSES})

    def results(self, evidence: Evidence, options: EvaluateOptions) -> dict[str, Any]:
        """Accuracy with its interval, errors, log-likelihood and calibration error."""
        return classification.results(evidence, options)
