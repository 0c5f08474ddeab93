"""Evidence with given activations for each layer and epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from glassnet.contract import Split
from glassnet.findings import Examples, Provenance

CLASSES = ("circle", "square", "triangle")


@dataclass
class ToyEvidence:
    """The part of `contract.Evidence` that animations use.

    Attributes:
        labels: (n,) the classes of the test examples.
        features: (layer, epoch) -> (n, width); the last epoch is the best one.
        cache: what `cached` holds, by name.
        made: the names of what was computed, not found in the cache.
        epochs_run: the epochs whose networks were run.
    """

    labels: np.ndarray
    features: Mapping[tuple[str, int], np.ndarray]
    cache: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    epochs_run: list[int] = field(default_factory=list)

    @property
    def snapshots(self) -> tuple[int, ...]:
        return tuple(sorted({epoch for _, epoch in self.features}))

    @property
    def best_epoch(self) -> int:
        return self.snapshots[-1]

    @property
    def network(self) -> Any:
        return SimpleNamespace(epoch=self.best_epoch)

    def network_at(self, epoch: int) -> Any:
        assert epoch in self.snapshots
        return SimpleNamespace(epoch=epoch)

    @property
    def test(self) -> Split:
        n = len(self.labels)
        return Split(np.arange(n), self.labels, np.arange(n))

    def subsample(self, n: int, seed: int) -> np.ndarray:
        chosen = np.random.default_rng(seed).permutation(len(self.labels))[:n]
        return np.sort(chosen)

    def examples(self, n: int, seed: int) -> Examples:
        where = self.subsample(n, seed)
        return Examples(
            name="examples",
            ids=where,
            images=None,
            labels=self.labels[where],
            predicted=None,
            confidence=None,
            class_names=CLASSES,
        )

    def inputs(self, split: Split) -> Tensor:
        return torch.from_numpy(split.inputs)

    def activations(self, inputs: Tensor, layers: Sequence[str], network: Any) -> dict[str, Any]:
        self.epochs_run.append(network.epoch)
        return {layer: self.features[layer, network.epoch][inputs.numpy()] for layer in layers}

    def cached(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        if name not in self.cache:
            self.made.append(name)
            self.cache[name] = make()
        return self.cache[name]

    def provenance(self, **rest: Any) -> Provenance:
        settings: dict[str, Any] = {"split": "", "n": 0, "seed": None} | rest
        return Provenance(run="toy", checkpoint="best", command="glassnet explain toy", **settings)
