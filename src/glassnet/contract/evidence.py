"""What insights are given, and what they are: from a network's evidence to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from glassnet.contract.data import Split
from glassnet.contract.models import ReferenceClassifier, Vocabulary

if TYPE_CHECKING:
    from torch import Tensor, nn

    from glassnet.findings import Examples, Provenance, Record


CONTROL_NETWORKS = ("untrained", "shuffled labels", "shuffled pixels")
"""Networks of the same build: what they show as well is architecture, not learning. A network that
names classes has the first two, a generator of images the first and the last."""


@dataclass(frozen=True, eq=False)
class TrainingDynamics:
    """What a network said of each training example while it learned from it.

    That is before each step, with dropout and on augmented inputs, as training has them.

    Attributes:
        epochs: (e,) int64, counted from 1.
        chances: (e, n) float32, the probability of the example's own class.
        right: (e, n) bool, whether that class was the answer.
    """

    epochs: np.ndarray
    probabilities: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, eq=False)
class ExampleLoss:
    """What each training example cost a generator while it learned from it, as `TrainingDynamics`.

    Attributes:
        epochs: (e,) int64, counted from 1.
        nats: (e, n) float32, the negative ELBO of the example.
    """

    epochs: np.ndarray
    nats: np.ndarray


@dataclass(frozen=True)
class ExplainOptions:
    """What `explain` was asked for.

    Attributes:
        layers: the layers to look at, by module name.
        methods: projections, of `pca` and `tsne`.
        points: how many examples the projections show.
        seed: draws the examples and starts t-SNE.
        twins: show the twins beside every layer and method, not beside the main one alone.
    """

    layers: tuple[str, ...]
    methods: tuple[str, ...] = ("pca", "tsne")
    points: int = 5000
    seed: int = 0
    control_networks: bool = False


class Model(Protocol):
    """A trained network and its data; each part is made on first use, and then kept."""

    @property
    def network(self) -> nn.Module:
        """The network with the chosen weights, at rest."""

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
        """The examples as the network's task gives them to it; the first axis is the example."""

    def inputs_of(self, examples: np.ndarray) -> Tensor:
        """Examples without labels, likewise: images, or (n,) texts."""

    @property
    def example_input(self) -> Tensor:
        """A batch of one input."""

    @property
    def vocabulary(self) -> Vocabulary:
        """How texts become words and numbers; for networks that read texts alone."""

    def forward(self, inputs: Tensor) -> Mapping[str, Tensor]:
        """The network's answers to a batch of inputs, by name."""

    @property
    def predictions(self) -> Mapping[str, np.ndarray]:
        """The network's answers on the whole test set, by name."""

    @property
    def feature_layer(self) -> str:
        """The layer whose values stand for an input."""

    @property
    def all_layers(self) -> tuple[str, ...]:
        """Every layer without parts of its own that gives all inputs equally many values.

        In the order in which an input meets them; layers that do nothing at rest are left out.
        """

    def activations(
        self, inputs: Tensor, layers: Sequence[str], network: nn.Module | None = None
    ) -> dict[str, np.ndarray]:
        """Layer -> (n, features) float32 for any number of inputs, in batches.

        Args:
            network: another one of the same build, as `network_at` and `control_network` give it.
        """

    def raw_inputs(self, inputs: Tensor) -> np.ndarray:
        """Inputs before any layer, as numbers that can be compared: (n, features) float32."""

    def subsample(self, n: int, seed: int) -> np.ndarray:
        """Positions of a seeded, stratified draw of test examples: (n,) int64."""

    def examples(self, n: int, seed: int) -> Examples:
        """A seeded, stratified draw of test examples, for projections."""

    def subsample_activations(
        self, n: int, seed: int, layers: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        """Layer -> (n, features) float32 for the same draw; `input` is the raw input."""

    def cached(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Arrays kept under this name for these weights, or `make()`, which is then kept."""


class Evidence(Model, Protocol):
    """What views may look at: the network, its data, and how its training went."""

    @property
    def log(self) -> dict[str, np.ndarray]:
        """metrics.csv: column -> (epochs,) float64."""

    @property
    def headline(self) -> str:
        """The task's first metric."""

    @property
    def monitor(self) -> str:
        """The metric that chose the checkpoint on the validation split."""

    @property
    def best_epoch(self) -> int:
        """The epoch of the checkpoint, counted from 1."""

    @property
    def percentages(self) -> frozenset[str]:
        """The metrics that are shown in per cent."""

    @property
    def n_valid(self) -> int:
        """Number of validation examples."""

    @property
    def curves(self) -> tuple[str, ...]:
        """The metrics that have a panel among the training curves."""

    @property
    def results(self) -> dict[str, Any]:
        """The test numbers of the run, as its task gives them."""

    @property
    def learning(self) -> TrainingDynamics | ExampleLoss | None:
        """What the network said of each training example as it learned; None where not kept."""

    @property
    def snapshots(self) -> tuple[int, ...]:
        """The epochs whose weights were kept along the way, 0 for the untrained ones, rising."""

    def network_at(self, epoch: int) -> nn.Module:
        """The network with the weights of one of the snapshots, at rest."""

    def control_network(self, name: str) -> nn.Module | None:
        """A network of the same build that did not learn the task, at rest.

        Args:
            name: one of `CONTROL_NETWORKS`.

        Returns:
            The network; None where there can be none, as without classes to shuffle.
        """

    @property
    def reference_classifier(self) -> ReferenceClassifier | None:
        """A classifier trained on the same data that judges images, or None where there is none."""

    def provenance(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        """The receipt of a finding that rests on these examples."""


View = Callable[[Evidence, ExplainOptions], Iterable["Record"]]
"""From evidence to findings: names no task and knows no folder."""
