"""A run's network: its weights, configuration and data, predictions and activations.

What is expensive to compute is cached in the run folder under the digest of the weights that it
depends on.
"""

from __future__ import annotations

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
from glassnet.contract import CLASSES, Signature, Split, Splits
from glassnet.data.batches import lengths
from glassnet.data.splits import subsample
from glassnet.data.texts.vocabulary import Vocabulary
from glassnet.errors import RunError, UsageError, suggest
from glassnet.findings import Examples, arrays_of, bytes_of
from glassnet.inference import predict
from glassnet.inference.layers import even_layers
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run

BAG = 2000
"""Words whose presence stands for a text where texts are compared as they are given."""


HOVER = 280
"""Characters of a text that stand in a note beside its point."""


def check_same_data(run: Run, splits: Splits) -> None:
    """Refuse other data than the run began with.

    Raises:
        RunError: the fingerprints differ.
    """
    before = run.info["data"]["fingerprint"]
    if before != splits.fingerprint:
        raise RunError(
            f"{splits.name}: the data have changed since {run.name} began "
            f"({before[:12]} then, {splits.fingerprint[:12]} now)",
            "restore the data, or start a new run",
        )


class RunModel:
    """A run's network with its chosen weights, and what it was trained on.

    Args:
        run: a run with at least one epoch done.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.task = tasks.load(run.info["task"])
        self._memory: dict[tuple[Any, ...], dict[str, np.ndarray]] = {}

    @cached_property
    def config(self) -> config.TrainingConfig:
        """The run's configuration."""
        kind = tasks.config_type(self.run.info["task"])
        return kind(
            **config.checked(kind, self.run.info["config"], str(self.run.path / "run.json"))
        )

    @cached_property
    def splits(self) -> Splits:
        """The data, as training saw them.

        Raises:
            RunError: they have changed since.
        """
        self.run.check_data_there()
        # By the name that was found then: a path is absolute, wherever one stands now.
        splits = self.task.load(replace(self.config, data=self.run.info["data"]["name"]))
        check_same_data(self.run, splits)
        return splits

    @cached_property
    def signature(self) -> Signature:
        """What the network was built for."""
        data = self.run.info["data"]
        shape, names = tuple(data["input_shape"]), tuple(data["class_names"])
        return Signature(shape, names, self.run.read_vocabulary(), data["n_words"])

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """How the network's texts become words and numbers."""
        return Vocabulary(self.signature.vocabulary, self.signature.input_shape[0])

    @cached_property
    def network(self) -> nn.Module:
        """The network with the chosen weights, on the CPU, at rest."""
        return self._network(self.run.best)

    @property
    def snapshots(self) -> tuple[int, ...]:
        """The epochs whose weights were kept, rising; 0 are the untrained ones."""
        return self.run.snapshots

    def network_at(self, epoch: int) -> nn.Module:
        """The network with the weights of a snapshot."""
        return self._network(self.run.snapshot(epoch))

    def _network(self, path: Path) -> nn.Module:
        weights = self.run.weights(path)
        return predict.build_network(self.task, self.config, self.signature, weights, path)

    @cached_property
    def digest(self) -> str:
        """Which weights: the beginning of their file's SHA-256."""
        if not self.run.best.exists():
            raise RunError(
                f"{self.run.path}: no epoch is done yet",
                f"go on with: glassnet train --resume {self.run.path}",
            )
        return checkpoint.digest(self.run.best)

    @cached_property
    def best_epoch(self) -> int:
        """The checkpoint's epoch, counted from 1."""
        return int(checkpoint.header(self.run.best)["epoch"])

    @property
    def feature_layer(self) -> str:
        """The layer whose values stand for an input."""
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
        """The examples as the task gives them to the network."""
        return self.task.tensors(split, self.config, self.signature)[0]

    def inputs_of(self, examples: np.ndarray) -> Tensor:
        """Examples without labels, likewise: images or texts."""
        return predict.inputs_of(self.task, self.config, self.signature, examples)

    @cached_property
    def example_input(self) -> Tensor:
        """A batch of one: the first test example."""
        return self.inputs(self.test.take(np.arange(1)))

    def forward(self, inputs: Tensor) -> Mapping[str, Tensor]:
        """The network's answers to a batch of inputs, by name."""
        return self.task.predict(self.network, inputs)

    def predict(
        self, inputs: Tensor, forward: predict.Forward | None = None
    ) -> dict[str, np.ndarray]:
        """The answers to any number of inputs, in batches; `ask` stands in for `forward`."""
        return predict.outputs(self.task, inputs, forward or self.forward)

    @cached_property
    def predictions(self) -> Mapping[str, np.ndarray]:
        """The answers on the whole test set; computed once for these weights, then read."""
        return self.cached("test", lambda: self.predict(self.inputs(self.test)))

    @cached_property
    def all_layers(self) -> tuple[str, ...]:
        """Every layer without parts of its own that gives all inputs equally many values."""
        return even_layers(self.network, self.forward, self._two_inputs())

    def _two_inputs(self) -> tuple[Tensor, Tensor]:
        """Batches of one that differ in length, if inputs do."""
        some = self.inputs(self.test.take(np.arange(min(100, len(self.test)))))
        if self.task.padding is None:
            return some[:1], some[:1]
        order = lengths(some, self.task.padding).argsort()
        return some[order[:1]], some[order[-1:]]

    def activations(
        self, inputs: Tensor, layers: Sequence[str], network: nn.Module | None = None
    ) -> dict[str, np.ndarray]:
        """Layer -> (n, features) float32 for any number of inputs, in batches."""
        return predict.activations(self.task, network or self.network, inputs, layers)

    def raw_inputs(self, inputs: Tensor) -> np.ndarray:
        """Inputs before any layer, as numbers that can be compared: (n, features) float32.

        Of images these are the pixels in [0, 255]; of texts, whose words' numbers are no
        quantities, 0 or 1 for each of the `BAG` commonest words.
        """
        even = self.task.padding is None
        return inputs.flatten(1).float().numpy() if even else self._bags(inputs)

    def _bags(self, inputs: Tensor) -> np.ndarray:
        known = self.vocabulary.unknown + 1  # the commonest word's number
        bags = torch.zeros(len(inputs), known + BAG + 1)
        bags.scatter_(1, inputs.clamp(max=known + BAG), 1)
        return bags[:, known:-1].numpy()

    def check_layers(self, layers: Sequence[str]) -> None:
        """Refuse a name that the network does not have.

        Raises:
            UsageError: the nearest name is suggested.
        """
        known = [name for name, _ in self.network.named_modules() if name]
        for layer in layers:
            if layer not in known:
                raise UsageError(f"the network has no layer {layer!r}", suggest(layer, known))

    def cached(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Arrays kept before for these weights, if whole, or else `make()`, which is then kept."""
        path = self.run.path / "cache" / self.digest / f"{name}.npz"
        try:
            return arrays_of(path.read_bytes())
        except (OSError, ValueError):
            arrays = make()
        atomic.write(path, bytes_of(arrays))
        return arrays

    def examples(self, n: int, seed: int) -> Examples:
        """A seeded, stratified draw of test examples, with the classes that the network names."""
        where = self.subsample(n, seed)
        test = self.test.take(where)
        named, words = CLASSES in self.task.outputs, test.inputs.dtype.kind == "T"
        probabilities = self.predictions[CLASSES][where] if named else None
        return Examples(
            name="examples",
            ids=test.ids,
            images=None if words else test.inputs,
            labels=test.labels,
            predicted=None if probabilities is None else probabilities.argmax(axis=1),
            confidence=None if probabilities is None else probabilities.max(axis=1),
            class_names=self.class_names,
            texts=tuple(shorten(t, HOVER, placeholder=" ...") for t in test.inputs if words),
        )

    def subsample_activations(
        self, n: int, seed: int, layers: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        """Layer -> (n, features) float32 for the examples; `input` is the raw input."""
        key = (n, seed, *layers)
        if key not in self._memory:
            inputs = self.inputs(self.test.take(self.subsample(n, seed)))
            found = self.activations(inputs, layers)
            found["input"] = self.raw_inputs(inputs)
            self._memory = {key: found}
        return self._memory[key]

    def subsample(self, n: int, seed: int) -> np.ndarray:
        """Positions of a seeded, stratified draw of test examples: (n,) int64."""
        return subsample(self.test.labels, n, seed)
