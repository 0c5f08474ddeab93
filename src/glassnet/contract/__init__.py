"""What the engines know of data, tasks and insights: a few plain types, and nothing else.

Training and insight are written against this room alone, so a new family of networks is one folder
under `tasks/` that keeps what is promised here.
"""

from glassnet.contract.data import Signature, Split, Splits
from glassnet.contract.evidence import (
    CONTROL_NETWORKS,
    Evidence,
    ExampleLoss,
    ExplainOptions,
    Model,
    TrainingDynamics,
    View,
)
from glassnet.contract.models import LatentModel, ReferenceClassifier, TextModel, Vocabulary
from glassnet.contract.task import CLASSES, EvaluateOptions, Learner, Pretraining, StepResult, Task

__all__ = [
    "CLASSES",
    "CONTROL_NETWORKS",
    "EvaluateOptions",
    "Evidence",
    "ExampleLoss",
    "ExplainOptions",
    "LatentModel",
    "Learner",
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
    "View",
    "Vocabulary",
]
