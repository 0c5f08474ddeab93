"""What the engines know of a family of networks: how it learns, and what else it promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from glassnet.contract.data import Signature, Split, Splits
from glassnet.contract.evidence import Evidence

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class StepResult:
    """What one batch gave.

    Attributes:
        loss: scalar tensor with gradients, the mean over the batch.
        metrics: name -> scalar tensor without gradients, each a mean over the batch.
        count: number of examples in the batch.
        each: what the network says of each example while it learns, without gradients. (B, 2) from
            a classifier: the probability of the example's own class, and 1 where that class is its
            answer, else 0. (B, 1) from a generator: what the example costs, in nats. None where
            nothing is said.
    """

    loss: Tensor
    metrics: dict[str, Tensor]
    count: int
    each: Tensor | None = None


CLASSES = "probabilities"
"""The answer of a network that names classes."""


@dataclass(frozen=True)
class EvaluateOptions:
    """How much work goes into test numbers that are estimated; None leaves it to the run.

    Attributes:
        samples: importance samples per example.
        examples: test examples that such an estimate rests on.
    """

    samples: int | None = None
    examples: int | None = None


class Learner(Protocol):
    """What training must know of a network and how it learns."""

    headline: str
    """The metric that a line of progress and a table show first, as `accuracy`."""

    maximise: frozenset[str]
    """The metrics of which more is better; of all others less is."""

    shares: frozenset[str]
    """The metrics that are shares in [0, 1], shown in per cent."""

    padding: int | None
    """The number that fills up inputs of different lengths at their end; None for even ones."""

    def build(self, config: Any, signature: Signature) -> nn.Module:
        """Make the network, freshly initialised from torch's current random state."""

    def tensors(self, split: Split, config: Any, signature: Signature) -> tuple[Tensor, ...]:
        """The split as whole tensors, the inputs first; the first axis of each is the example.

        Where the split has weights, they are the last one, as `training.weighing.column` has them.
        """

    def prepare(self, network: nn.Module, examples: tuple[Tensor, ...]) -> None:
        """Set what is counted in the training examples, not learned; once, before the first step.

        Args:
            examples: the training part, as `tensors` gives it.
        """

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Any, epoch: float
    ) -> StepResult:
        """Loss and metrics of one batch.

        Augments, and draws from torch's random state, only while `network.training`; at rest equal
        batches give equal results.

        Args:
            epoch: how many passes are done, with fractions; what is warmed up goes by it.
        """


@dataclass(frozen=True, eq=False)
class Pretraining:
    """What is learned before the task itself, on the way to better first weights.

    Weights that have the same name and shape in both networks are handed on.

    Attributes:
        title: what it is, as `a language model`.
        learner: what is trained.
        config: its configuration.
        splits: its data.
    """

    title: str
    learner: Learner
    config: Any
    splits: Splits


class Task(Learner, Protocol):
    """One family of networks: how it reads data, learns, and what is worth seeing in it."""

    name: str
    """The folder's name under `tasks/`, as `cnn`."""

    curves: tuple[str, ...]
    """The metrics that have a panel of their own among the training curves."""

    layers: tuple[str, ...]
    """The layers that `explain` looks at when none are named."""

    outputs: frozenset[str]
    """The names of what `predict` answers with."""

    feature_layer: str
    """The layer whose values stand for an input when inputs are compared, as `pool2`."""

    views: tuple[str, ...]
    """What `explain` runs, in this order: names as `glassnet.insight.views.load` takes them."""

    def load(self, config: Any) -> Splits:
        """Read the data that the configuration names."""

    def signature(self, splits: Splits, config: Any) -> Signature:
        """What a network for these data must know of them; only the training part is looked at."""

    def pretraining(self, config: Any, splits: Splits) -> Pretraining | None:
        """What is to be learned first; None where training begins from scratch."""

    def predict(self, network: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        """The network's answers to inputs as `tensors` gives them, by name, a row per input.

        A classifier answers with `probabilities` (n, classes); a network that rebuilds images with
        `reconstruction` (n, H, W[, channels]) uint8.
        """

    def results(self, evidence: Evidence, effort: EvaluateOptions) -> dict[str, Any]:
        """The test numbers that go into run.json, each with its n and interval.

        Beside the numbers it has `headline`, the key of the first of them; `sentence`, which goes
        on from "vae on mnist: "; and `numbers`, rows of (label, value, note) for a person, the most
        telling first.
        """

    def read_inputs(self, paths: Sequence[Path], signature: Signature) -> np.ndarray:
        """The user's files as inputs for a network of this signature, one row per file."""
