"""The parts of a run that views can ask for: data, model, other networks, log, cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from glassnet.contract.data import Rows, Split
from glassnet.contract.families import Family, Metric, Modality
from glassnet.contract.models import Vocabulary

if TYPE_CHECKING:
    from torch import Tensor, nn

    from glassnet.findings import Provenance, Record
    from glassnet.stats.folds import Fold


CONTROL_NETWORKS = ("untrained", "shuffled labels", "shuffled pixels")
"""Networks of the same architecture that did not learn the task. A classifier has the first two, an
image generator the first and the last."""


@dataclass(frozen=True)
class Phase:
    """The later part of a training, in which the network learns otherwise than at first.

    Attributes:
        first_epoch: counted from 1.
        text: what is different, a clause: `the prior is a mixture of Gaussians`.
    """

    first_epoch: int
    text: str


@dataclass(frozen=True, eq=False)
class TrainingDynamics:
    """Training dynamics of a classifier: its output for each training example in each epoch.

    Recorded before each optimizer step, with dropout and augmentation (dataset cartography).

    Attributes:
        epochs: (e,) int64, counted from 1.
        probabilities: (e, n) float32, the probability of the example's own class.
        correct: (e, n) bool, whether that class was predicted.
    """

    epochs: np.ndarray
    probabilities: np.ndarray
    correct: np.ndarray


@dataclass(frozen=True, eq=False)
class ExampleLoss:
    """Loss of each training example of a generator in each epoch, as `TrainingDynamics`.

    Attributes:
        epochs: (e,) int64, counted from 1.
        nats: (e, n) float32, the negative ELBO of the example.
    """

    epochs: np.ndarray
    nats: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """How a classifier's probabilities were calibrated after training.

    Attributes:
        temperature: what its logits are divided by; 1 leaves the probabilities as they are.
        n: number of validation examples; 0 if nothing was calibrated.
    """

    temperature: float = 1.0
    n: int = 0


@dataclass(frozen=True)
class ExplainOptions:
    """Options of `explain`.

    Attributes:
        layers: layers to show, by module name.
        methods: projection methods, of `pca` and `tsne`.
        points: number of examples in projections.
        seed: selects the examples and initialises t-SNE.
        control_networks: show the control networks for every layer and method, not for the feature
            layer alone.
        cross_validation: find label issues with networks that were trained without the examples
            which they predict.
    """

    layers: tuple[str, ...]
    methods: tuple[str, ...] = ("pca", "tsne")
    points: int = 5000
    seed: int = 0
    control_networks: bool = False
    cross_validation: bool = False


class Data(Protocol):
    """The examples that a network was trained and is tested on."""

    @property
    def modality(self) -> Modality:
        """Whether the examples are images or texts."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""

    @property
    def train(self) -> Split:
        """The training examples."""

    @property
    def valid(self) -> Split:
        """The validation examples."""

    @property
    def test(self) -> Split:
        """The test examples."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Words and token ids; of texts only."""

    @property
    def example_input(self) -> Tensor:
        """A batch of one: the first test example as the network's input."""

    def inputs(self, split: Split) -> Rows:
        """Examples as the network's inputs."""

    def inputs_of(self, examples: np.ndarray) -> Rows:
        """Images, or (n,) texts, as the network's inputs."""

    def raw_inputs(self, inputs: Rows) -> np.ndarray:
        """Inputs as features for comparison: (n, features) float32."""

    def subsample(self, n: int, seed: int) -> np.ndarray:
        """Positions of a seeded, stratified subsample of the test split: (n,) int64."""


class TrainedNetwork(Protocol):
    """A network with the weights of the best epoch; it needs no data."""

    @property
    def family(self) -> Family:
        """Whether the network classifies or generates."""

    @property
    def config(self) -> Any:
        """The configuration of its training."""

    @property
    def calibration(self) -> Calibration:
        """How its class probabilities are calibrated."""

    @property
    def network(self) -> nn.Module:
        """The network itself, in evaluation mode; its logits are not calibrated."""

    @property
    def feature_layer(self) -> str:
        """The layer whose values represent an input."""

    def forward(self, inputs: Tensor) -> Mapping[str, Tensor]:
        """The outputs for a batch of inputs, by name; probabilities are calibrated."""

    def predict(self, inputs: Rows) -> Mapping[str, np.ndarray]:
        """The same for any number of inputs, in batches."""

    def activations(
        self, inputs: Rows, layers: Sequence[str], network: nn.Module | None = None
    ) -> dict[str, np.ndarray]:
        """Layer -> (n, features) float32 for any number of inputs, in batches.

        Args:
            network: another one of the same architecture, from `Networks`.
        """


class Model(TrainedNetwork, Protocol):
    """A trained network with what it computed for the test examples."""

    @property
    def predictions(self) -> Mapping[str, np.ndarray]:
        """The outputs for the whole test set, by name; probabilities are calibrated."""

    @property
    def uncalibrated_predictions(self) -> Mapping[str, np.ndarray]:
        """The same with the network's own probabilities."""

    def forward_pass(self, inputs: Tensor) -> object:
        """The pass through the network that its diagram shows."""

    @property
    def all_layers(self) -> tuple[str, ...]:
        """All layers without submodules whose output has a fixed size, in forward order.

        Layers that do nothing in evaluation mode are left out.
        """


class Networks(Protocol):
    """Networks of the same architecture with other weights: snapshots and control networks."""

    @property
    def snapshots(self) -> tuple[int, ...]:
        """Epochs whose weights were saved, in rising order; 0 is the untrained network."""

    @property
    def best_epoch(self) -> int:
        """The epoch of the trained network, counted from 1."""

    @property
    def left_out(self) -> Mapping[str, str]:
        """Control networks that `control_network` could not make so far -> why."""

    def network_at(self, epoch: int) -> nn.Module:
        """The network with the weights of a snapshot, or of the best epoch, in evaluation mode."""

    def out_of_fold_probabilities(
        self, folds: Sequence[Fold], epochs: int | None = None
    ) -> np.ndarray:
        """Probabilities of the training examples by networks trained without them: (n, classes).

        Args:
            folds: of the training split.
            epochs: of each training; None for as many as the run's configuration has. A number of
                epochs means batches of half the size, too.
        """

    def control_network(self, name: str) -> nn.Module | None:
        """A control network, in evaluation mode; None if the task has no such control.

        Args:
            name: one of `CONTROL_NETWORKS`.
        """


class Log(Protocol):
    """What training wrote down."""

    @property
    def metrics(self) -> Mapping[str, np.ndarray]:
        """metrics.csv: column -> (epochs,) float64."""

    @property
    def headline(self) -> Metric:
        """The task's main metric."""

    @property
    def curves(self) -> tuple[Metric, ...]:
        """The loss, and the metrics that have a panel among the training curves."""

    @property
    def monitor(self) -> Metric:
        """The validation metric that selected the checkpoint."""

    @property
    def best_epoch(self) -> int:
        """The epoch of the checkpoint, counted from 1."""

    @property
    def later_phase(self) -> Phase | None:
        """The part of the training in which the network learned otherwise, if there was one."""

    @property
    def n_valid(self) -> int:
        """Number of validation examples."""

    @property
    def training_dynamics(self) -> TrainingDynamics | ExampleLoss | None:
        """Outcomes of each training example by epoch; None if they were not recorded."""


class Cache(Protocol):
    """Results that are expensive to compute, stored for the network's weights."""

    def __call__(
        self, name: str, make: Callable[[], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        """The arrays stored under this name, else `make()`, which is stored.

        Args:
            name: a file name; it contains every option that the arrays depend on.
        """


class MakeProvenance(Protocol):
    """Makes the provenance of a finding of this run, which names the checkpoint and the command."""

    def __call__(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        """Provenance of a finding based on `n` examples of a split."""


PARTS = (
    "data",
    "model",
    "latent_model",
    "text_model",
    "networks",
    "log",
    "results",
    "reference_classifier",
    "cache",
    "provenance",
    "options",
)
"""Names of a view's parameters, each for one part of a run:

- `data: Data`, `model: Model`, `networks: Networks`, `log: Log`, `cache: Cache`,
  `provenance: MakeProvenance`, `options: ExplainOptions`;
- `latent_model: LatentModel` and `text_model: TextModel`, the network of an image generator and of
  a text classifier;
- `results: Mapping[str, Any]`, the test results of `Task.results`;
- `reference_classifier: ReferenceClassifier | None`, a classifier trained on the same data that
  scores images.
"""

View = Callable[..., Iterable["Record"]]
"""A function from some of the `PARTS`, which its parameters name, to findings."""
