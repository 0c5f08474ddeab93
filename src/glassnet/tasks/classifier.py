"""Base of tasks that classify: metrics, outputs and test results."""

from typing import Any

from glassnet.contract import CLASSES, Cache, Data, EvaluateOptions, Family, Metric, Model, Task
from glassnet.inference import classification


class Classifier(Task):
    """A task whose networks output class probabilities."""

    family = Family.CLASSIFIER
    metrics: tuple[Metric, ...] = (Metric("accuracy", higher_is_better=True, is_share=True),)
    outputs = frozenset({CLASSES})
    outcomes = ("probabilities", "correct")

    def results(
        self, data: Data, model: Model, cache: Cache, options: EvaluateOptions
    ) -> dict[str, Any]:
        """Accuracy with its interval, beside a linear model's; log-likelihood and calibration."""
        return classification.results(data, model, cache, options)
