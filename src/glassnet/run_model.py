"""A trained network from its folder, and for a run its data, predictions and cache.

Expensive results are cached in the run folder under the digest of the weights.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import atomic, config, formats, tasks
from glassnet.class_labels import class_labels
from glassnet.contract import Cache, Calibration, Family, Modality, Rows, Signature, Split, Splits
from glassnet.data.ragged import RaggedTensor
from glassnet.data.splits import subsample
from glassnet.data.texts.vocabulary import Vocabulary
from glassnet.errors import DataError, RunError, UsageError, suggest
from glassnet.inference import predict, temperature
from glassnet.inference.layers import even_layers
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run

BAG_OF_WORDS = 2000
"""Number of words, the most frequent ones, whose presence represents a raw text."""

N_WORDS = 9
"""Words of the longer of two texts that show which layers have outputs of a fixed size."""

ELSEWHERE = "give their new place with --data (in Python: gn.load(run, data=...))"


class SavedNetwork(Protocol):
    """A folder with a trained network, a run or a model folder.

    Attributes:
        path: the folder.
        info: the task, the configuration and the signature, as in run.json.
    """

    path: Path
    info: dict[str, Any]

    @property
    def name(self) -> str:
        """The folder's name."""

    @property
    def info_file(self) -> Path:
        """The file that `info` is read from."""

    @property
    def best(self) -> Path:
        """The file with the selected weights."""

    def weights(self, path: Path) -> dict[str, Any]:
        """Parameter name -> tensor."""

    def read_vocabulary(self) -> str:
        """The tokenizer as JSON; empty if the network does not take texts."""


class LoadedNetwork:
    """A trained network with its configuration; implements `contract.TrainedNetwork`.

    Args:
        folder: a run with at least one complete epoch, or a model folder.
    """

    def __init__(self, folder: SavedNetwork) -> None:
        self.folder = folder
        self.task = tasks.load(folder.info["task"])

    @property
    def family(self) -> Family:
        """Whether the network classifies or generates."""
        return self.task.family

    @property
    def modality(self) -> Modality:
        """Whether the inputs are images or texts."""
        return self.task.modality

    @cached_property
    def config(self) -> config.TrainingConfig:
        """The configuration of its training."""
        kind, info = tasks.config_type(self.folder.info["task"]), self.folder.info
        return kind(**config.checked(kind, info["config"], str(self.folder.info_file)))

    @property
    def calibration(self) -> Calibration:
        """How its class probabilities are calibrated."""
        return Calibration(**self.folder.info.get("calibration", {}))

    @cached_property
    def signature(self) -> Signature:
        """What the network knows of its data."""
        return Signature.from_description(self.folder.info["data"], self.folder.read_vocabulary())

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""
        return self.signature.class_names

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Words and token ids of the network's texts."""
        file = str(self.folder.path / "tokenizer.json")
        return Vocabulary(self.signature.vocabulary, self.signature.input_shape[0], file)

    @cached_property
    def network(self) -> nn.Module:
        """The network with the selected weights, on the CPU, in evaluation mode."""
        return self.network_with(self.folder.best)

    def network_with(self, path: Path) -> nn.Module:
        """The network with the weights of a file, on the CPU, in evaluation mode."""
        weights = self.folder.weights(path)
        return predict.build_network(self.task, self.config, self.signature, weights, path)

    @property
    def feature_layer(self) -> str:
        """The layer whose values represent an input."""
        return self.task.feature_layer

    def inputs_of(self, examples: np.ndarray) -> Rows:
        """Images or texts as the network's inputs."""
        return predict.inputs_of(self.task, self.config, self.signature, examples)

    def forward(self, inputs: Tensor) -> Mapping[str, Tensor]:
        """The outputs for a batch of inputs, by name; probabilities are calibrated."""
        return temperature.calibrated(self.uncalibrated(inputs), self.calibration)

    def uncalibrated(self, inputs: Tensor) -> Mapping[str, Tensor]:
        """The outputs of the network itself for a batch of inputs, by name."""
        return self.task.predict(self.network, inputs)

    def forward_pass(self, inputs: Tensor) -> object:
        """The pass through the network that its diagram shows."""
        return self.task.forward_pass(self.network, inputs)

    def predict(
        self, inputs: Rows, forward: predict.Forward | None = None
    ) -> dict[str, np.ndarray]:
        """The outputs for any number of inputs, in batches, by `forward` or the network's own."""
        return predict.outputs(inputs, forward or self.forward)

    def activations(
        self, inputs: Rows, layers: Sequence[str], network: nn.Module | None = None
    ) -> dict[str, np.ndarray]:
        """Layer -> (n, features) float32 for any number of inputs, in batches."""
        return predict.activations(self.task, network or self.network, inputs, layers)

    def check_layers(self, layers: Sequence[str]) -> None:
        """Check that the network has these layers.

        Raises:
            UsageError: the nearest name is suggested.
        """
        known = [name for name, _ in self.network.named_modules() if name]
        for layer in layers:
            if layer not in known:
                raise UsageError(f"the network has no layer {layer!r}", suggest(layer, known))


class RunData:
    """The data of a run; implements `contract.Data`.

    Args:
        run: names the data.
        network: turns examples into its inputs.
        moved: where the data are now, if they were moved.
    """

    def __init__(self, run: Run, network: LoadedNetwork, moved: str | None = None) -> None:
        self.run, self._network, self._moved = run, network, moved

    @cached_property
    def splits(self) -> Splits:
        """The data of the training, under the name that they had then.

        Raises:
            RunError: they are not there any more, or have changed since then.
        """
        # The name in run.json is an absolute path, independent of the working directory.
        name, network = self.run.info["data"]["name"], self._network
        try:
            splits = network.task.load(replace(network.config, data=self._moved or name))
        except DataError as error:
            if self._moved:
                raise
            trained = f"{self.run.name} was trained on {name}"
            raise RunError(
                f"{trained}, which cannot be used any more: {error.reason}",
                f"put the data back, or {ELSEWHERE}",
            ) from None
        _check_same_data(self.run, splits)
        return replace(splits, name=name)

    @property
    def modality(self) -> Modality:
        """Whether the examples are images or texts."""
        return self._network.modality

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """One label per class, on one line and short: all findings name the classes by them."""
        return class_labels(self._network.class_names)

    @property
    def train(self) -> Split:
        """The training examples."""
        return self.splits.train

    @property
    def valid(self) -> Split:
        """The validation examples."""
        return self.splits.valid

    @property
    def test(self) -> Split:
        """The test examples."""
        return self.splits.test

    @property
    def vocabulary(self) -> Vocabulary:
        """Words and token ids of texts."""
        return self._network.vocabulary

    @cached_property
    def example_input(self) -> Tensor:
        """A batch of one: the first test example."""
        return self.inputs(self.test.take(np.arange(1)))[:]

    def inputs(self, split: Split) -> Rows:
        """Examples as the network's inputs."""
        network = self._network
        return network.task.tensors(split, network.config, network.signature)[0]

    def inputs_of(self, examples: np.ndarray) -> Rows:
        """Images or texts as the network's inputs."""
        return self._network.inputs_of(examples)

    def raw_inputs(self, inputs: Rows) -> np.ndarray:
        """Inputs as features for comparison: (n, features) float32.

        Pixels in [0, 255]; 1 or 0 for each of the `BAG_OF_WORDS` most frequent words.
        """
        if isinstance(inputs, RaggedTensor):
            return self._bags_of_words(inputs)
        return inputs[:].flatten(1).float().numpy()

    def _bags_of_words(self, inputs: RaggedTensor) -> np.ndarray:
        first = self.vocabulary.unknown + 1  # the most frequent word
        words, texts = inputs.flat()
        bags = torch.zeros(len(inputs), first + BAG_OF_WORDS + 1)
        bags[texts, words.clamp(max=first + BAG_OF_WORDS)] = 1
        return bags[:, first:-1].numpy()

    def subsample(self, n: int, seed: int) -> np.ndarray:
        """Positions of a seeded, stratified subsample of the test split: (n,) int64."""
        return subsample(self.test.labels, n, seed)


class RunModel(LoadedNetwork):
    """The trained network of a run, with its data and its cache; implements `contract.Model`.

    Args:
        run: a run with at least one complete epoch.
        data: where its data are now, if they were moved.
        cache: stores results; the default stores them in the run folder.

    Attributes:
        run, cache: as given.
        data: the run's data.
    """

    def __init__(self, run: Run, data: str | None = None, cache: Cache | None = None) -> None:
        super().__init__(run)
        self.run, self.data = run, RunData(run, self, data)
        self.cache: Cache = cache or self._stored

    @property
    def digest(self) -> str:
        """Beginning of the SHA-256 of the weights' file."""
        return self._best[0]

    @property
    def best_epoch(self) -> int:
        """The checkpoint's epoch, counted from 1."""
        return int(self._best[1]["epoch"])

    @property
    def best_value(self) -> float:
        """Its validation metric, which selected it."""
        return float(self._best[1]["value"])

    @cached_property
    def network(self) -> nn.Module:
        """The network with the best weights so far, on the CPU, in evaluation mode."""
        weights, path = self._best[1]["network"], self.run.best
        return predict.build_network(self.task, self.config, self.signature, weights, path)

    @cached_property
    def _best(self) -> tuple[str, checkpoint.State]:
        """Digest and state of the best checkpoint, read once: training may replace it meanwhile."""
        if not self.run.best.exists():
            raise RunError(
                "no epoch is complete yet",
                f"resume with: glassnet train --resume {self.run.path}",
                self.run.path,
            )
        return checkpoint.load_with_digest(self.run.best)

    @cached_property
    def predictions(self) -> Mapping[str, np.ndarray]:
        """Outputs for the whole test set; probabilities are calibrated."""
        outputs = self.uncalibrated_predictions
        tensors = {name: torch.from_numpy(values) for name, values in outputs.items()}
        calibrated = temperature.calibrated(tensors, self.calibration)
        return {name: values.numpy() for name, values in calibrated.items()}

    @cached_property
    def uncalibrated_predictions(self) -> Mapping[str, np.ndarray]:
        """The network's own outputs for the test set; computed once for its weights, then cached.

        What is cached does not depend on the temperature, which is fitted after training.
        """
        return self.cache(
            "test", lambda: self.predict(self.data.inputs(self.data.test), self.uncalibrated)
        )

    @cached_property
    def all_layers(self) -> tuple[str, ...]:
        """All layers without submodules whose output has a fixed size."""
        return even_layers(self.network, self.forward, self._shortest_and_longest())

    def _shortest_and_longest(self) -> tuple[Tensor, Tensor]:
        """Two batches of one input, which differ in length if inputs can.

        Texts of one word and of several: those of a split may all have one length.
        """
        if self.modality != Modality.TEXTS:
            return self.data.example_input, self.data.example_input
        token = self.vocabulary.unknown
        longest = torch.full((1, min(N_WORDS, self.vocabulary.max_length)), token)
        shortest = torch.full_like(longest, self.vocabulary.padding)
        shortest[:, 0] = token
        return shortest, longest

    def _stored(
        self, name: str, make: Callable[[], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        """The arrays in the run folder, else `make()`, which is written there."""
        path = self.run.path / "cache" / self.digest / f"{name}.npz"
        try:
            return formats.decode_npz(formats.read(path))
        except (OSError, ValueError):
            arrays = make()
        atomic.write(path, formats.encode_npz(arrays))
        return arrays


def _check_same_data(run: Run, splits: Splits) -> None:
    """Check that the data are those that the run started with.

    Raises:
        RunError: the fingerprints differ.
    """
    expected, trained_on = run.info["data"]["fingerprint"], run.info["data"]["name"]
    if expected == splits.fingerprint:
        return
    fingerprints = f"fingerprint {expected[:12]} then, {splits.fingerprint[:12]} now"
    if splits.name == trained_on:
        raise RunError(
            f"{run.name} was trained on {trained_on}, where the data have changed since "
            f"({fingerprints})",
            f"restore the data, {ELSEWHERE}, or start a new run",
        )
    raise RunError(
        f"not the data that {run.name} was trained on, {trained_on} ({fingerprints})",
        "give the same files, with the same names within their folder",
        splits.name,
    )
