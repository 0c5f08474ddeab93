"""What an estimator has learned: a network that can be asked, copied, pickled and saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import config, seeding, tasks
from glassnet.contract import LatentModel, Signature, Task
from glassnet.inference import activations as capture
from glassnet.inference import latents, predict
from glassnet.training.in_memory import Moments, Standing, Weights


@dataclass(eq=False)
class Fitted:
    """A network with what it was built from.

    Pickles hold names, numbers and NumPy's arrays alone; the network is built anew.

    Attributes:
        name: the task's name.
        config: its configuration.
        signature: what it was built for.
        weights: on the CPU.
        moments: what the optimizer remembers, for `partial_fit` to go on; empty after `fit`.
        epochs: how many were trained.
        facts: what a model folder says of it beside all this.
    """

    name: str
    config: Any
    signature: Signature
    weights: Weights
    moments: Moments = field(default_factory=dict)
    epochs: int = 0
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> Task:
        """The family of networks that it is of."""
        return tasks.load(self.name)

    @cached_property
    def network(self) -> nn.Module:
        """The network, on the CPU, at rest."""
        return predict.build_network(
            self.task, self.config, self.signature, self.weights, "the estimator"
        )

    @property
    def standing(self) -> Standing:
        """From where training goes on."""
        return Standing(self.weights, self.moments, self.epochs)

    def inputs(self, examples: np.ndarray) -> Tensor:
        """Images or texts as the network takes them."""
        with seeding.untouched():
            return predict.inputs_of(self.task, self.config, self.signature, examples)

    def outputs(self, examples: np.ndarray) -> dict[str, np.ndarray]:
        """The network's answers, by name, a row per example."""
        ask = partial(self.task.predict, self.network)
        return predict.outputs(self.task, self.inputs(examples), ask)

    def activations(self, examples: np.ndarray, layer: str | None) -> np.ndarray:
        """(n, features) float32 of a layer; None takes the one that examples are compared by."""
        chosen = layer or self.task.feature_layer
        inputs = self.inputs(examples)
        return predict.activations(self.task, self.network, inputs, [chosen])[chosen]

    @property
    def generator(self) -> LatentModel:
        """The network, where it makes images."""
        assert isinstance(self.network, LatentModel)  # noqa: S101
        return self.network

    def codes(self, images: np.ndarray, layer: str | None) -> np.ndarray:
        """(n, features) float32 of a generator's layer, by default the means of the codes.

        The encoder is shown the pixels in [0, 1] themselves, whatever the likelihood draws of them.
        """
        encoder, chosen = self.generator, layer or self.task.feature_layer

        def encode(pixels: Tensor) -> object:
            return encoder.encode(pixels.float() / 255)

        inputs = self.inputs(images)
        return capture.activations(self.network, encode, inputs, [chosen])[chosen]

    def bounds(self, images: np.ndarray) -> np.ndarray:
        """(n,) the negative ELBO of images, in nats."""
        observed = latents.observe(self.generator, self.inputs(images))
        codes = latents.encode(self.generator, observed)
        reconstruction, kl = latents.elbo(self.generator, observed, None, codes)
        return reconstruction + kl.sum(axis=1)

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in vars(self).items() if name != "network"}
        return state | {
            "config": config.as_dict(self.config),
            "weights": _arrays(self.weights),
            "moments": {number: _arrays(kept) for number, kept in self.moments.items()},
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        kind = tasks.config_type(state["name"])
        vars(self).update(
            state,
            config=kind(**config.checked(kind, state["config"], "the pickled configuration")),
            weights=_tensors(state["weights"]),
            moments={number: _tensors(kept) for number, kept in state["moments"].items()},
        )


def _arrays(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.numpy() if isinstance(value, Tensor) else value
        for name, value in values.items()
    }


def _tensors(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        # A copy: joblib maps large arrays from a file that cannot be written.
        name: torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else value
        for name, value in values.items()
    }
