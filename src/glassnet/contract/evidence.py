"""Interfaces of a trained model and of the evidence that views make findings of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from glassnet.contract.data import Split
from glassnet.contract.families import Family, Metric, Modality
from glassnet.contract.models import ReferenceClassifier, Vocabulary

if TYPE_CHECKING:
    from torch import Tensor, nn

    from glassnet.findings import Examples, Provenance, Record


CONTROL_NETWORKS = ("untrained", "shuffled labels", "shuffled pixels")
"""Networks of the same architecture that did not learn the task. A classifier has the first two, an
image generator the first and the last."""


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
class ExplainOptions:
    """Options of `explain`.

    Attributes:
        layers: layers to show, by module name.
        methods: projection methods, of `pca` and `tsne`.
        points: number of examples in projections.
        seed: selects the examples and initialises t-SNE.
        control_networks: show the control networks for every layer and method, not for the feature
            layer alone.
    """

    layers: tuple[str, ...]
    methods: tuple[str, ...] = ("pca", "tsne")
    points: int = 5000
    seed: int = 0
    control_networks: bool = False


class Model(Protocol):
    """A trained network and its data; each part is loaded on first use and cached."""

    @property
    def family(self) -> Family:
        """Whether the network classifies or generates."""

    @property
    def modality(self) -> Modality:
        """Whether the inputs are images or texts."""

    @property
    def network(self) -> nn.Module:
        """The network with the selected weights, in evaluation mode."""

    @property
    def config(self) -> Any:
        """The run's configuration."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""

    @property
    def test(self) -> Split:
        """The test examples."""

    @property
    def train(self) -> Split:
        """The training examples."""

    @property
    def valid(self) -> Split:
        """The validation examples."""

    def inputs(self, split: Split) -> Tensor:
        """Examples as the network's inputs; the first axis is the example."""

    def inputs_of(self, examples: np.ndarray) -> Tensor:
        """Images, or (n,) texts, as the network's inputs."""

    @property
    def example_input(self) -> Tensor:
        """A batch of one input."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Words and token ids of texts; for text models only."""

    def forward(self, inputs: Tensor) -> Mapping[str, Tensor]:
        """The network's outputs for a batch of inputs, by name."""

    @property
    def predictions(self) -> Mapping[str, np.ndarray]:
        """The network's outputs for the whole test set, by name."""

    @property
    def feature_layer(self) -> str:
        """The layer whose values represent an input."""

    @property
    def all_layers(self) -> tuple[str, ...]:
        """All layers without submodules whose output has a fixed size, in forward order.

        Layers that do nothing in evaluation mode are left out.
        """

    def activations(
        self, inputs: Tensor, layers: Sequence[str], network: nn.Module | None = None
    ) -> dict[str, np.ndarray]:
        """Layer -> (n, features) float32 for any number of inputs, in batches.

        Args:
            network: another one of the same architecture, of `network_at` or `control_network`.
        """

    def raw_inputs(self, inputs: Tensor) -> np.ndarray:
        """Inputs as features for comparison: (n, features) float32."""

    def subsample(self, n: int, seed: int) -> np.ndarray:
        """Positions of a seeded, stratified subsample of the test split: (n,) int64."""

    def examples(self, n: int, seed: int) -> Examples:
        """The examples of the subsample, for projections."""

    def subsample_activations(
        self, n: int, seed: int, layers: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        """Layer -> (n, features) float32 of the subsample; `input` is the raw input."""

    def cached(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """The arrays cached under this name for these weights, else `make()`, which is cached."""


class Evidence(Model, Protocol):
    """All that views can use: the model, its data, and its training."""

    @property
    def log(self) -> dict[str, np.ndarray]:
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
    def n_valid(self) -> int:
        """Number of validation examples."""

    @property
    def results(self) -> dict[str, Any]:
        """Test results of the run, of `Task.results`."""

    @property
    def training_dynamics(self) -> TrainingDynamics | ExampleLoss | None:
        """Outcomes of each training example by epoch; None if they were not recorded."""

    @property
    def snapshots(self) -> tuple[int, ...]:
        """Epochs whose weights were saved, in rising order; 0 is the untrained network."""

    def network_at(self, epoch: int) -> nn.Module:
        """The network with the weights of a snapshot, or of the best epoch, in evaluation mode."""

    def control_network(self, name: str) -> nn.Module | None:
        """A control network, in evaluation mode; None if the task has no such control.

        Args:
            name: one of `CONTROL_NETWORKS`.
        """

    @property
    def reference_classifier(self) -> ReferenceClassifier | None:
        """A classifier trained on the same data that scores images; None if there is none."""

    def provenance(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        """Provenance of a finding based on `n` examples of a split."""


View = Callable[[Evidence, ExplainOptions], Iterable["Record"]]
"""A function from evidence to findings; independent of tasks and folders."""
