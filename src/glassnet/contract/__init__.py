"""Interfaces between data, tasks, training and views.

Training and views depend on these types alone, so a new network family is one folder under `tasks/`
that implements `Task`.
"""

from glassnet.contract.data import Rows, Signature, Split, Splits, ValueRanges
from glassnet.contract.families import Family, Metric, Modality
from glassnet.contract.models import LatentModel, ReferenceClassifier, TextModel, Vocabulary
from glassnet.contract.parts import (
    CONTROL_NETWORKS,
    PARTS,
    Cache,
    Calibration,
    Data,
    ExampleLoss,
    ExplainOptions,
    Log,
    MakeProvenance,
    Model,
    Networks,
    Phase,
    TrainedNetwork,
    TrainingDynamics,
    View,
)
from glassnet.contract.task import CLASSES, EvaluateOptions, Learner, Pretraining, StepResult, Task

__all__ = [
    "CLASSES",
    "CONTROL_NETWORKS",
    "PARTS",
    "Cache",
    "Calibration",
    "Data",
    "EvaluateOptions",
    "ExampleLoss",
    "ExplainOptions",
    "Family",
    "LatentModel",
    "Learner",
    "Log",
    "MakeProvenance",
    "Metric",
    "Modality",
    "Model",
    "Networks",
    "Phase",
    "Pretraining",
    "ReferenceClassifier",
    "Rows",
    "Signature",
    "Split",
    "Splits",
    "StepResult",
    "Task",
    "TextModel",
    "TrainedNetwork",
    "TrainingDynamics",
    "ValueRanges",
    "View",
    "Vocabulary",
]
