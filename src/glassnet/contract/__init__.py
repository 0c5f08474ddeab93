"""Interfaces between data, tasks, training and views.

Training and views depend on these types alone, so a new network family is one folder under `tasks/`
that implements `Task`.
"""

from glassnet.contract.data import Signature, Split, Splits, ValueRanges
from glassnet.contract.evidence import (
    CONTROL_NETWORKS,
    Evidence,
    ExampleLoss,
    ExplainOptions,
    Model,
    TrainingDynamics,
    View,
)
from glassnet.contract.families import Family, Metric, Modality
from glassnet.contract.models import LatentModel, ReferenceClassifier, TextModel, Vocabulary
from glassnet.contract.task import CLASSES, EvaluateOptions, Learner, Pretraining, StepResult, Task

__all__ = [
    "CLASSES",
    "CONTROL_NETWORKS",
    "EvaluateOptions",
    "Evidence",
    "ExampleLoss",
    "ExplainOptions",
    "Family",
    "LatentModel",
    "Learner",
    "Metric",
    "Modality",
    "Model",
    "Pretraining",
    "ReferenceClassifier",
    "Signature",
    "Split",
    "Splits",
    "StepResult",
    "Task",
    "TextModel",
    "TrainingDynamics",
    "ValueRanges",
    "View",
    "Vocabulary",
]
