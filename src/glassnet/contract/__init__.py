"""What the engines know of data, tasks and insights: a few plain types, and nothing else.

Training and insight are written against this room alone, so a new family of networks is one folder
under `tasks/` that keeps what is promised here.
"""

from glassnet.contract.data import Signature, Split, Splits
from glassnet.contract.learning import CLASSES, Effort, Learner, Stage, StepResult, Task
from glassnet.contract.looking import TWINS, Costs, Evidence, Insight, Learning, Options
from glassnet.contract.models import Judge, LatentModel, TextModel, Vocabulary

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
