"""What the engines know of data, tasks and insights: a few plain types, and nothing else.

Training and insight are written against this page alone, so a new family of networks is one folder
under `tasks/` that keeps what is promised here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

    from glassnet.findings import Examples, Finding, Receipt


@dataclass(frozen=True, eq=False)
class Split:
    """Examples held whole in memory.

    Attributes:
        inputs: (n, height, width) or (n, height, width, channels) uint8 for images.
        labels: (n,) int64 class numbers.
        ids: (n,) int64, each example's position in the file or folder that it came from.
    """

    inputs: np.ndarray
    labels: np.ndarray
    ids: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, where: np.ndarray) -> Split:
        """The examples at these positions, in this order."""
        return Split(self.inputs[where], self.labels[where], self.ids[where])


@dataclass(frozen=True, eq=False)
class Splits:
    """A data set in three parts that share no example.

    Attributes:
        name: the catalogue's name, or the path that it was read from.
        train, valid, test: the parts; `valid` is held out of the training set.
        class_names: one name per class, in the order of the class numbers.
        fingerprint: SHA-256 over the content, as hex: the same content has the same fingerprint.
    """

    name: str
    train: Split
    valid: Split
    test: Split
    class_names: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True)
class Signature:
    """What a network must know of its data: one input's shape, and the classes' names."""

    input_shape: tuple[int, ...]
    class_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class StepResult:
    """What one batch gave.

    Attributes:
        loss: scalar tensor with gradients, the mean over the batch.
        metrics: name -> scalar tensor without gradients, each a mean over the batch.
        count: number of examples in the batch.
    """

    loss: Tensor
    metrics: dict[str, Tensor]
    count: int


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says of a split; `probabilities` is (n, classes) float32."""

    split: Split
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """(n,) int64, the most probable class of each example."""
        return self.probabilities.argmax(axis=1)


class Task(Protocol):
    """One family of networks: how it reads data, learns, and what is worth seeing in it."""

    name: str
    """The folder's name under `tasks/`, as `cnn`."""

    headline: str
    """The metric that a line of progress and a table show first, as `accuracy`."""

    maximise: frozenset[str]
    """The metrics of which more is better; of all others less is."""

    shares: frozenset[str]
    """The metrics that are shares in [0, 1], shown in per cent."""

    layers: tuple[str, ...]
    """The layers that `explain` looks at when none are named."""

    insights: tuple[Insight, ...]
    """What `explain` runs, in this order."""

    def load(self, config: Any) -> Splits:
        """Read the data that the configuration names."""

    def build(self, config: Any, signature: Signature) -> nn.Module:
        """Make the network, freshly initialised from torch's current random state."""

    def tensors(self, split: Split) -> tuple[Tensor, ...]:
        """The split as whole tensors; the first axis of each is the example."""

    def step(self, network: nn.Module, batch: tuple[Tensor, ...], config: Any) -> StepResult:
        """Loss and metrics of one batch; augments only while `network.training`."""

    def predict(self, network: nn.Module, inputs: Tensor) -> Tensor:
        """(n, classes) probabilities for inputs as `tensors` gives them, without augmentation."""

    def results(self, prediction: Prediction) -> dict[str, Any]:
        """The test numbers that go into run.json, each with its n and interval."""

    def read_inputs(self, paths: Sequence[Path], signature: Signature) -> np.ndarray:
        """The user's files as inputs for a network of this signature, one row per file."""


@dataclass(frozen=True)
class Options:
    """What `explain` was asked for.

    Attributes:
        layers: the layers to look at, by module name.
        methods: projections, of `pca` and `tsne`.
        points: how many examples the projections show.
        seed: draws the examples and starts t-SNE.
    """

    layers: tuple[str, ...]
    methods: tuple[str, ...] = ("pca", "tsne")
    points: int = 5000
    seed: int = 0


class Evidence(Protocol):
    """What insights may look at; each part is made when it is first asked for, and then kept."""

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
    def shares(self) -> frozenset[str]:
        """The metrics that are shown in per cent."""

    @property
    def n_valid(self) -> int:
        """Number of validation examples."""

    @property
    def network(self) -> nn.Module:
        """The network with the chosen weights, at rest."""

    def forward(self, inputs: Tensor) -> Tensor:
        """The network's answer to a batch of inputs, (B, classes) probabilities."""

    @property
    def example_input(self) -> Tensor:
        """A batch of one input."""

    @property
    def prediction(self) -> Prediction:
        """The network's answers on the whole test set."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""

    def examples(self, n: int, seed: int) -> Examples:
        """A seeded, stratified draw of test examples, for projections."""

    def activations(self, n: int, seed: int, layers: Sequence[str]) -> Mapping[str, np.ndarray]:
        """Layer -> (n, features) float32 for the same draw; `input` is the raw input."""

    def keep(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Arrays kept under this name for these weights, or `make()`, which is then kept."""

    def receipt(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Receipt:
        """The receipt of a finding that rests on these examples."""


Insight = Callable[[Evidence, Options], Iterable["Finding"]]
"""From evidence to findings: names no task and knows no folder."""
