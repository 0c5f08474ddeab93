"""What the engines know of data, tasks and insights: a few plain types, and nothing else.

Training and insight are written against this page alone, so a new family of networks is one folder
under `tasks/` that keeps what is promised here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import torch
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


@dataclass(frozen=True)
class Effort:
    """How much work goes into test numbers that are estimated; None leaves it to the run.

    Attributes:
        samples: importance samples per example.
        examples: test examples that such an estimate rests on.
    """

    samples: int | None = None
    examples: int | None = None


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

    curves: tuple[str, ...]
    """The metrics that have a panel of their own among the training curves."""

    layers: tuple[str, ...]
    """The layers that `explain` looks at when none are named."""

    answers: frozenset[str]
    """The names of what `predict` answers with."""

    features: str
    """The layer whose values stand for an input when inputs are compared, as `pool2`."""

    insights: tuple[Insight, ...]
    """What `explain` runs, in this order."""

    def load(self, config: Any) -> Splits:
        """Read the data that the configuration names."""

    def build(self, config: Any, signature: Signature) -> nn.Module:
        """Make the network, freshly initialised from torch's current random state."""

    def tensors(self, split: Split, config: Any) -> tuple[Tensor, ...]:
        """The split as whole tensors, the inputs first; the first axis of each is the example."""

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Any, epoch: float
    ) -> StepResult:
        """Loss and metrics of one batch.

        Augments, and draws from torch's random state, only while `network.training`; at rest equal
        batches give equal results.

        Args:
            epoch: how many passes are done, with fractions; what is warmed up goes by it.
        """

    def predict(self, network: nn.Module, inputs: Tensor) -> dict[str, Tensor]:
        """The network's answers to inputs as `tensors` gives them, by name, a row per input.

        A classifier answers with `probabilities` (n, classes); a network that rebuilds images with
        `reconstruction` (n, H, W[, channels]) uint8.
        """

    def results(self, evidence: Evidence, effort: Effort) -> dict[str, Any]:
        """The test numbers that go into run.json, each with its n and interval.

        Beside the numbers it has `headline`, the key of the first of them; `sentence`, which goes
        on from "vae on mnist: "; and `numbers`, rows of (label, value, note) for a person, the most
        telling first.
        """

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

    @property
    def config(self) -> Any:
        """The run's configuration."""

    @property
    def curves(self) -> tuple[str, ...]:
        """The metrics that have a panel among the training curves."""

    @property
    def test(self) -> Split:
        """The test examples."""

    @property
    def train(self) -> Split:
        """The training examples."""

    def inputs(self, split: Split) -> Tensor:
        """The examples as the network's task gives them to it; the first axis is the example."""

    def forward(self, inputs: Tensor) -> Mapping[str, Tensor]:
        """The network's answers to a batch of inputs, by name."""

    @property
    def example_input(self) -> Tensor:
        """A batch of one input."""

    @property
    def answers(self) -> Mapping[str, np.ndarray]:
        """The network's answers on the whole test set, by name."""

    @property
    def results(self) -> dict[str, Any]:
        """The test numbers of the run, as its task gives them."""

    @property
    def snapshots(self) -> tuple[int, ...]:
        """The epochs whose weights were kept along the way, 0 for the untrained ones, rising."""

    def network_at(self, epoch: int) -> nn.Module:
        """The network with the weights of one of the snapshots, at rest."""

    @property
    def judge(self) -> Judge | None:
        """A classifier trained on the same data that judges images, or None where there is none."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""

    def draw(self, n: int, seed: int) -> np.ndarray:
        """Positions of a seeded, stratified draw of test examples: (n,) int64."""

    def examples(self, n: int, seed: int) -> Examples:
        """A seeded, stratified draw of test examples, for projections."""

    def activations(self, n: int, seed: int, layers: Sequence[str]) -> Mapping[str, np.ndarray]:
        """Layer -> (n, features) float32 for the same draw; `input` is the raw input."""

    def keep(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Arrays kept under this name for these weights, or `make()`, which is then kept."""

    def receipt(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Receipt:
        """The receipt of a finding that rests on these examples."""


class Judge(Protocol):
    """A trained classifier, as a measure of images that another network has made."""

    name: str
    """Its run's name."""

    layer: str
    """The layer whose values are its features."""

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, features) float32 for (n, H, W[, channels]) uint8 images."""

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """(n, classes) float32 for the same."""


@runtime_checkable
class LatentModel(Protocol):
    """A network that makes images from codes drawn from N(0, I): what insights may ask of it."""

    latent: int
    """Number of latent dimensions."""

    classes: int
    """Number of classes that it is told of, 0 where it is told of none."""

    def observe(self, pixels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """uint8 pixels (B, C, H, W) as what the likelihood is of, binarised where it says so."""

    def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z|x), (B, latent) each.

        Where there are classes, labels (B,) that are not given are the likeliest ones.
        """

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """Codes (B, latent) to the parameters of p(x|z); labels (B,) where there are classes."""

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        """log p(x|z) in nats, (B,), for parameters and observations of equal batch size."""

    def images(self, parameters: Tensor) -> Tensor:
        """The mean image of p(x|z): (B, C, H, W) in [0, 1]."""


Insight = Callable[[Evidence, Options], Iterable["Finding"]]
"""From evidence to findings: names no task and knows no folder."""
