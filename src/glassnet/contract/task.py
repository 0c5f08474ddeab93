"""Interfaces of a network family: how it learns (`Learner`) and everything else (`Task`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glassnet.contract.data import Rows, Signature, Split, Splits
from glassnet.contract.families import Family, Metric, Modality
from glassnet.contract.parts import Cache, Data, Model, Phase

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class StepResult:
    """Loss and metrics of one batch.

    Attributes:
        loss: scalar tensor with gradients, the mean over the batch.
        metrics: name -> scalar tensor without gradients, each a mean over the batch.
        count: number of examples in the batch.
        outcomes: (B, len(Learner.outcomes)), values of each example for the training dynamics,
            without gradients; None in evaluation mode and where the learner has none.
    """

    loss: Tensor
    metrics: dict[str, Tensor]
    count: int
    outcomes: Tensor | None = None


CLASSES = "probabilities"
"""The output of a classifier."""


@dataclass(frozen=True)
class EvaluateOptions:
    """How precisely to estimate test results; None takes the run's configuration.

    Attributes:
        samples: importance samples per example.
        examples: number of test examples in the estimate.
    """

    samples: int | None = None
    examples: int | None = None


class Learner(ABC):
    """What training needs: how to build a network, and the loss of a batch."""

    metrics: tuple[Metric, ...]
    """What `step` gives besides the loss; progress and tables show the first one."""

    outcomes: tuple[str, ...] = ()
    """The columns of `StepResult.outcomes`: a classifier's are `probabilities` (of the example's
    own class) and `correct` (1 if that class was predicted, else 0); a generator's is `nats`."""

    def metric(self, name: str) -> Metric:
        """A metric by its name; the loss and metrics that are not listed have no title or unit."""
        return next((metric for metric in self.metrics if metric.name == name), Metric(name))

    @abstractmethod
    def build(self, config: Any, signature: Signature) -> nn.Module:
        """Make the network, initialised from torch's current random state."""

    @abstractmethod
    def tensors(self, split: Split, config: Any, signature: Signature) -> tuple[Rows, ...]:
        """The split as tensors, the inputs first; the first axis of each is the example.

        Inputs that differ in length are a `RaggedTensor`: inputs of similar length are then batched
        together, and padded per batch.

        If the examples have weights, they are the last tensor, as `training.sample_weights.column`
        makes it.
        """

    def prepare(  # noqa: B027
        self,
        network: nn.Module,
        examples: tuple[Rows, ...],
        unlabelled: tuple[Rows, ...] = (),
    ) -> None:
        """Set what is counted in the training examples rather than learned; by default nothing.

        Called once, before the first step.

        Args:
            network: the network.
            examples: the training split, as `tensors` gives it.
            unlabelled: the examples without labels, as `tensors` gives them; () without any.
        """

    def start_epoch(  # noqa: B027
        self,
        network: nn.Module,
        average: nn.Module,
        examples: tuple[Rows, ...],
        config: Any,
        epoch: int,
    ) -> None:
        """Set what is counted in the training examples again in each epoch; by default nothing.

        Called before the first step of an epoch. Uses no random state but its own.

        Args:
            network: the network.
            average: the average of its weights, which is evaluated; the network itself without one.
            examples: the training split, as `tensors` gives it.
            config: the configuration.
            epoch: number of epochs done.
        """

    @abstractmethod
    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Any, epoch: float
    ) -> StepResult:
        """Loss and metrics of one batch.

        Augments, and uses torch's random state, only while `network.training`; in evaluation mode
        equal batches give equal results.

        Args:
            epoch: number of epochs done, with fractions; warm-ups depend on it.
        """

    def unlabelled_loss(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Any, epoch: float
    ) -> Tensor:
        """What a training step adds to its loss for a batch of `Splits.unlabelled`: a scalar.

        By default nothing is learned from them.

        Args:
            network: the network, in training mode.
            batch: the examples as `tensors` gives them; their labels have no meaning.
            config: the configuration.
            epoch: number of epochs done, with fractions.
        """
        return batch[0].new_zeros(()).float()


@dataclass(frozen=True, eq=False)
class Pretraining:
    """A training before the task's own, whose weights initialise the network.

    Weights with the same name and shape in both networks are copied.

    Attributes:
        title: what is trained, as `a language model`.
        learner: how it learns.
        config: its configuration.
        splits: its data.
    """

    title: str
    learner: Learner
    config: Any
    splits: Splits


class Task(Learner):
    """One family of networks: how it reads data, learns and predicts, and which views it has.

    `glassnet.tasks` has bases for images, texts and classifiers, which implement most of it.
    """

    name: str
    """The folder's name under `tasks/`, as `cnn`."""

    family: Family
    modality: Modality

    layers: tuple[str, ...]
    """Layers that `explain` shows by default."""

    outputs: frozenset[str]
    """Names of the outputs of `predict`."""

    feature_layer: str
    """The layer whose values represent an input when inputs are compared, as `pool2`."""

    views: tuple[str, ...]
    """What `explain` runs, in this order: names as `glassnet.insight.views.load` takes them."""

    usual_steps: int = 0
    """Steps per epoch that the presets' epochs are enough for; smaller training sets have more
    epochs."""

    epoch_multiple: int = 2
    """The largest multiple of a preset's epochs that a smaller training set has."""

    @abstractmethod
    def load(self, config: Any) -> Splits:
        """Read the data that the configuration names."""

    def unlabelled(self, config: Any, splits: Splits) -> Split | None:
        """The examples to learn from without labels, for `Splits.unlabelled`; by default none.

        Args:
            config: the configuration.
            splits: the labelled examples.
        """
        return None

    @abstractmethod
    def signature(self, splits: Splits, config: Any) -> Signature:
        """What a network needs to know of its data; depends on the training split alone."""

    def pretraining(self, config: Any, splits: Splits) -> Pretraining | None:
        """A training before the task's own; None, the default, starts from random weights."""
        return None

    def later_phase(self, config: Any) -> Phase | None:
        """The part of the training in which the network learns otherwise; by default none."""
        return None

    @abstractmethod
    def predict(self, network: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        """Outputs by name, one row per input; `inputs` are a batch as `tensors` gives it.

        A classifier's output is `probabilities` (n, classes); that of a network that reconstructs
        images is `reconstruction` (n, H, W[, channels]) uint8.
        """

    def forward_pass(self, network: nn.Module, inputs: Tensor) -> object:
        """The pass through the network that its diagram shows: by default, a prediction."""
        return self.predict(network, inputs)

    @abstractmethod
    def results(
        self, data: Data, model: Model, cache: Cache, options: EvaluateOptions
    ) -> dict[str, Any]:
        """Test results for run.json, each with its n and interval.

        Besides the numbers it has `headline`, the key of the main result; `sentence`, which
        continues "vae on mnist: "; and `numbers`, rows of (label, value, note) for display, the
        most important first.
        """
