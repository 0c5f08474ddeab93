"""What the engines know of data, tasks and insights: a few plain types, and nothing else.

Training and insight are written against this room alone, so a new family of networks is one folder
under `tasks/` that keeps what is promised here.
"""

from glassnet.contract.data import Signature, Split, Splits
from glassnet.contract.evidence import TWINS, Costs, Evidence, Insight, Learning, Model, Options
from glassnet.contract.models import Judge, LatentModel, TextModel, Vocabulary
from glassnet.contract.task import CLASSES, Effort, Learner, Stage, StepResult, Task

__all__ = [
    "CLASSES",
    "TWINS",
    "Costs",
    "Effort",
    "Evidence",
    "Insight",
    "Judge",
    "LatentModel",
    "Learner",
    "Learning",
    "Model",
    "Options",
    "Signature",
    "Split",
    "Splits",
    "Stage",
    "StepResult",
    "Task",
    "TextModel",
    "Vocabulary",
]
