"""A run's network: its weights, configuration and data, predictions and activations.

Expensive results are cached in the run folder under the digest of the weights.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import atomic, config, tasks
from glassnet.contract import CLASSES, Family, Modality, Signature, Split, Splits
from glassnet.data.batches import lengths
from glassnet.data.splits import subsample
from glassnet.data.texts.vocabulary import Vocabulary
from glassnet.errors import DataError, RunError, UsageError, suggest
from glassnet.findings import Examples, arrays_of, bytes_of
from glassnet.inference import predict
from glassnet.inference.layers import even_layers
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run

BAG_OF_WORDS = 2000
"""Number of words, the most frequent ones, whose presence represents a raw text."""

MAX_CHARACTERS = 280
"""Maximum length of a text in a tooltip."""


ELSEWHERE = "give their new place with --data (in Python: gn.load(run, data=...))"


def check_same_data(run: Run, splits: Splits) -> None:
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
        f"{splits.name}: not the data that {run.name} was trained on, {trained_on} "
        f"({fingerprints})",
        "give the same files, with the same names within their folder",
    )


class RunModel:
    """A run's network with its selected weights, and its data; implements `contract.Model`.

    Args:
        run: a run with at least one complete epoch.
        data: where its data are now, if they were moved.
    """

    def __init__(self, run: Run, data: str | None = None) -> None:
        self.run = run
        self.moved_data = data
        self.task = tasks.load(run.info["task"])
        self._memory: dict[tuple[Any, ...], dict[str, np.ndarray]] = {}

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
        """The run's configuration."""
        kind = tasks.config_type(self.run.info["task"])
        return kind(
            **config.checked(kind, self.run.info["config"], str(self.run.path / "run.json"))
        )

    @cached_property
    def splits(self) -> Splits:
        """The data of the training, under the name that they had then.

        Raises:
            RunError: they are not there any more, or have changed since then.
        """
        self.run.check_data_there()
        # The name in run.json is an absolute path, independent of the working directory.
        name = self.run.info["data"]["name"]
        try:
            splits = self.task.load(replace(self.config, data=self.moved_data or name))
        except DataError as error:
            if self.moved_data:
                raise
            raise RunError(
                f"{self.run.name} was trained on {name}, which cannot be used any more: "
                f"{error.message.removeprefix(f'{name}: ').removeprefix(f'{name!r}: ')}",
                f"put the data back, or {ELSEWHERE}",
            ) from None
        check_same_data(self.run, splits)
        return replace(splits, name=name)

    @cached_property
    def signature(self) -> Signature:
        """What the network knows of its data."""
        return Signature.from_description(self.run.info["data"], self.run.read_vocabulary())

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Words and token ids of the network's texts."""
        return Vocabulary(self.signature.vocabulary, self.signature.input_shape[0])

    @cached_property
    def network(self) -> nn.Module:
        """The network with the selected weights, on the CPU, in evaluation mode."""
        return self._network(self.run.best)

    def _network(self, path: Path) -> nn.Module:
        weights = self.run.weights(path)
        return predict.build_network(self.task, self.config, self.signature, weights, path)

    @cached_property
    def digest(self) -> str:
        """Beginning of the SHA-256 of the weights' file."""
        if not self.run.best.exists():
            raise RunError(
                f"{self.run.path}: no epoch is complete yet",
                f"resume with: glassnet train --resume {self.run.path}",
            )
        return checkpoint.digest(self.run.best)

    @cached_property
    def best_epoch(self) -> int:
        """The checkpoint's epoch, counted from 1."""
        return int(checkpoint.header(self.run.best)["epoch"])

    @property
    def feature_layer(self) -> str:
        """The layer whose values represent an input."""
        return self.task.feature_layer

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""
        return self.signature.class_names

    @property
    def test(self) -> Split:
        """The test examples."""
        return self.splits.test

    @property
    def train(self) -> Split:
        """The training examples."""
        return self.splits.train

    @property
    def valid(self) -> Split:
        """The validation examples."""
        return self.splits.valid

    def inputs(self, split: Split) -> Tensor:
        """Examples as the network's inputs."""
        return self.task.tensors(split, self.config, self.signature)[0]

    def inputs_of(self, examples: np.ndarray) -> Tensor:
        """Images or texts as the network's inputs."""
        return predict.inputs_of(self.task, self.config, self.signature, examples)

    @cached_property
    def example_input(self) -> Tensor:
        """A batch of one: the first test example."""
        return self.inputs(self.test.take(np.arange(1)))

    def forward(self, inputs: Tensor) -> Mapping[str, Tensor]:
        """The network's outputs for a batch of inputs, by name."""
        return self.task.predict(self.network, inputs)

    def predict(
        self, inputs: Tensor, forward: predict.Forward | None = None
    ) -> dict[str, np.ndarray]:
        """The answers to any number of inputs, in batches; `ask` stands in for `forward`."""
        return predict.outputs(self.task, inputs, forward or self.forward)

    @cached_property
    def predictions(self) -> Mapping[str, np.ndarray]:
        """Outputs for the whole test set; computed once for these weights, then cached."""
        return self.cached("test", lambda: self.predict(self.inputs(self.test)))

    @cached_property
    def all_layers(self) -> tuple[str, ...]:
        """All layers without submodules whose output has a fixed size."""
        return even_layers(self.network, self.forward, self._shortest_and_longest())

    def _shortest_and_longest(self) -> tuple[Tensor, Tensor]:
        """Two batches of one input, which differ in length if inputs do."""
        inputs = self.inputs(self.test.take(np.arange(min(100, len(self.test)))))
        if self.task.padding is None:
            return inputs[:1], inputs[:1]
        order = lengths(inputs, self.task.padding).argsort()
        return inputs[order[:1]], inputs[order[-1:]]

    def activations(
        self, inputs: Tensor, layers: Sequence[str], network: nn.Module | None = None
    ) -> dict[str, np.ndarray]:
        """Layer -> (n, features) float32 for any number of inputs, in batches."""
        return predict.activations(self.task, network or self.network, inputs, layers)

    def raw_inputs(self, inputs: Tensor) -> np.ndarray:
        """Inputs as features for comparison: (n, features) float32.

        Pixels in [0, 255]; 1 or 0 for each of the `BAG_OF_WORDS` most frequent words.
        """
        if self.modality == Modality.TEXTS:
            return self._bags_of_words(inputs)
        return inputs.flatten(1).float().numpy()

    def _bags_of_words(self, inputs: Tensor) -> np.ndarray:
        first = self.vocabulary.unknown + 1  # the most frequent word
        bags = torch.zeros(len(inputs), first + BAG_OF_WORDS + 1)
        bags.scatter_(1, inputs.clamp(max=first + BAG_OF_WORDS), 1)
        return bags[:, first:-1].numpy()

    def check_layers(self, layers: Sequence[str]) -> None:
        """Check that the network has these layers.

        Raises:
            UsageError: the nearest name is suggested.
        """
        known = [name for name, _ in self.network.named_modules() if name]
        for layer in layers:
            if layer not in known:
                raise UsageError(f"the network has no layer {layer!r}", suggest(layer, known))

    def cached(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """The arrays cached under this name for these weights, else `make()`, which is cached."""
        path = self.run.path / "cache" / self.digest / f"{name}.npz"
        try:
            return arrays_of(path.read_bytes())
        except (OSError, ValueError):
            arrays = make()
        atomic.write(path, bytes_of(arrays))
        return arrays

    def examples(self, n: int, seed: int) -> Examples:
        """The examples of the subsample, with the predictions of a classifier."""
        positions = self.subsample(n, seed)
        test, texts = self.test.take(positions), self.modality == Modality.TEXTS
        classifies = self.family == Family.CLASSIFIER
        probabilities = self.predictions[CLASSES][positions] if classifies else None
        return Examples(
            name="examples",
            ids=test.ids,
            images=None if texts else test.inputs,
            labels=test.labels,
            predicted=None if probabilities is None else probabilities.argmax(axis=1),
            confidence=None if probabilities is None else probabilities.max(axis=1),
            class_names=self.class_names,
            texts=tuple(
                shorten(t, MAX_CHARACTERS, placeholder=" ...") for t in test.inputs if texts
            ),
        )

    def subsample_activations(
        self, n: int, seed: int, layers: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        """Layer -> (n, features) float32 of the subsample; `input` is the raw input."""
        key = (n, seed, *layers)
        if key not in self._memory:
            inputs = self.inputs(self.test.take(self.subsample(n, seed)))
            activations = self.activations(inputs, layers)
            activations["input"] = self.raw_inputs(inputs)
            self._memory = {key: activations}
        return self._memory[key]

    def subsample(self, n: int, seed: int) -> np.ndarray:
        """Positions of a seeded, stratified subsample of the test split: (n,) int64."""
        return subsample(self.test.labels, n, seed)
