"""The fitted network of an estimator: its outputs and activations, copies and pickles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import config, seeding, tasks
from glassnet.contract import Calibration, LatentModel, Rows, Signature, Task
from glassnet.inference import activations as capture, latents, predict, temperature
from glassnet.training.in_memory import Moments, PartialFit, Weights


@dataclass(eq=False)
class Fitted:
    """A trained network and everything that it was built from.

    A pickle contains names, numbers and NumPy arrays only; the network is rebuilt from them.

    Attributes:
        task_name: the task's name.
        config: the task's configuration.
        signature: shapes and classes that the network was built for.
        weights: tensors on the CPU.
        moments: optimizer state for the next `partial_fit`; empty after `fit`.
        epochs: number of epochs trained.
        info: further content of config.json in a model folder.
    """

    task_name: str
    config: Any
    signature: Signature
    weights: Weights
    moments: Moments = field(default_factory=dict)
    epochs: int = 0
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> Task:
        """The network's task."""
        return tasks.load(self.task_name)

    @cached_property
    def network(self) -> nn.Module:
        """The network in evaluation mode, on the CPU."""
        return predict.build_network(
            self.task, self.config, self.signature, self.weights, "the estimator"
        )

    @property
    def training_state(self) -> PartialFit:
        """The state from which `partial_fit` continues."""
        return PartialFit(self.weights, self.moments, self.epochs)

    def tensors(self, inputs: np.ndarray) -> Rows:
        """Images or texts as the network's input tensor."""
        with seeding.fork_rng():
            return predict.inputs_of(self.task, self.config, self.signature, inputs)

    def outputs(self, inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The outputs by name, one row per input; probabilities are calibrated."""

        def forward(batch: Tensor) -> Mapping[str, Tensor]:
            return temperature.calibrated(self.task.predict(self.network, batch), calibration)

        calibration = Calibration(**self.info.get("calibration", {}))
        return predict.outputs(self.tensors(inputs), forward)

    def activations(self, inputs: np.ndarray, layer: str | None) -> np.ndarray:
        """The activations of a layer, by default the feature layer: (n, features) float32."""
        name = layer or self.task.feature_layer
        return predict.activations(self.task, self.network, self.tensors(inputs), [name])[name]

    @property
    def latent_model(self) -> LatentModel:
        """The network as an image generator."""
        assert isinstance(self.network, LatentModel)  # noqa: S101
        return self.network

    def encoder_activations(self, images: np.ndarray, layer: str | None) -> np.ndarray:
        """The activations of an encoder's layer, by default the code means: (n, features) float32.

        The encoder gets the pixels in [0, 1] themselves, also if the likelihood binarises them.
        """
        model, name = self.latent_model, layer or self.task.feature_layer

        def encode(pixels: Tensor) -> object:
            return model.encode(pixels.float() / 255)

        return capture.activations(self.network, encode, self.tensors(images), [name])[name]

    def negative_elbo(self, images: np.ndarray) -> np.ndarray:
        """The negative ELBO of each image in nats: (n,)."""
        observed = latents.observe(self.latent_model, self.tensors(images)[:])
        codes = latents.encode(self.latent_model, observed)
        reconstruction, kl, gain = latents.elbo(self.latent_model, observed, None, codes)
        return reconstruction + kl.sum(axis=1) - gain

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in vars(self).items() if name != "network"}
        return state | {
            "config": config.as_dict(self.config),
            "weights": _arrays(self.weights),
            "moments": {number: _arrays(state) for number, state in self.moments.items()},
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        config_type = tasks.config_type(state["task_name"])
        vars(self).update(
            state,
            config=config_type(
                **config.checked(config_type, state["config"], "the pickled configuration")
            ),
            weights=_tensors(state["weights"]),
            moments={number: _tensors(moment) for number, moment in state["moments"].items()},
        )


def _arrays(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.numpy() if isinstance(value, Tensor) else value
        for name, value in values.items()
    }


def _tensors(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        # A copy: joblib maps large arrays from a read-only file.
        name: torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else value
        for name, value in values.items()
    }
