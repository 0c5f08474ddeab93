"""Parts of a run with given activations for each layer and epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from toy_parts import parts_of_a_run

from glassnet.contract import Split

CLASSES = ("circle", "square", "triangle")


@dataclass
class ToyData:
    """As much of `contract.Data` as animations use; an example's input is its position."""

    labels: np.ndarray
    class_names: tuple[str, ...] = CLASSES

    @property
    def test(self) -> Split:
        n = len(self.labels)
        return Split(np.arange(n), self.labels, np.arange(n))

    def subsample(self, n: int, seed: int) -> np.ndarray:
        chosen = np.random.default_rng(seed).permutation(len(self.labels))[:n]
        return np.sort(chosen)

    def inputs(self, split: Split) -> Tensor:
        return torch.from_numpy(split.inputs)


@dataclass
class ToyModel:
    """As much of `contract.Model` as animations use.

    Attributes:
        features: (layer, epoch) -> (n, width); the last epoch is the best one.
        epochs_run: the epochs whose networks were run.
    """

    features: Mapping[tuple[str, int], np.ndarray]
    epochs_run: list[int] = field(default_factory=list)

    def activations(self, inputs: Tensor, layers: Sequence[str], network: Any) -> dict[str, Any]:
        self.epochs_run.append(network.epoch)
        return {layer: self.features[layer, network.epoch][inputs.numpy()] for layer in layers}


@dataclass
class ToyNetworks:
    """The snapshots of `contract.Networks`."""

    snapshots: tuple[int, ...]

    @property
    def best_epoch(self) -> int:
        return self.snapshots[-1]

    def network_at(self, epoch: int) -> Any:
        assert epoch in self.snapshots
        return SimpleNamespace(epoch=epoch)

    left_out: ClassVar[dict[str, str]] = {}

    def control_network(self, name: str) -> None:
        """There is none."""

    def out_of_fold_probabilities(self, folds: Any, epochs: int | None = None) -> np.ndarray:
        raise NotImplementedError


def animated(labels: np.ndarray, features: Mapping[tuple[str, int], np.ndarray]) -> Any:
    """The parts of a run whose layers have these values at each epoch."""
    networks = ToyNetworks(tuple(sorted({epoch for _, epoch in features})))
    return parts_of_a_run(data=ToyData(labels), model=ToyModel(features), networks=networks)
