"""Networks from weights, and their outputs and activations for many inputs, in batches."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from glassnet import progress, seeding
from glassnet.contract import Rows, Signature, Split, Task
from glassnet.data.ragged import RaggedTensor
from glassnet.errors import RunError
from glassnet.inference import activations as capture

Forward = Callable[[Tensor], Mapping[str, Tensor]]
"""Computes the outputs for a batch of inputs, by name."""


@torch.inference_mode(False)  # gradients may be needed later
def build_network(
    task: Task, config: Any, signature: Signature, weights: Mapping[str, Tensor], where: object
) -> nn.Module:
    """Build a network with these weights, on the CPU, in evaluation mode and without gradients.

    Args:
        where: the file with the weights, for the error.

    Raises:
        RunError: the weights do not fit the network.
    """
    with seeding.fork_rng():
        # Takes no memory, whatever size the configuration names.
        with torch.device("meta"), _Uninitialised():
            empty = task.build(config, signature)
        if odd := _difference(empty, weights):
            raise RunError(
                f"the weights do not fit the network in run.json ({odd})",
                "restore both from the same copy",
                where,
            )
        network = task.build(config, signature)
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


class _Uninitialised(TorchFunctionMode):
    """Leaves values that would be drawn from a normal distribution as they are.

    On the meta device there are none, and torch would import its compiler, for over a second.
    """

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        named = kwargs or {}
        if func.__name__ == "normal_":
            return args[0] if args else named["tensor"]
        return func(*args, **named)


def _difference(network: nn.Module, weights: Mapping[str, Tensor]) -> str:
    """Describe the first weight that is missing, unknown or of another shape; empty if none is."""
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    actual = {name: tuple(value.shape) for name, value in weights.items()}
    for name in expected | actual:
        if name not in actual:
            return f"{name} is missing"
        if name not in expected:
            return f"{name} is unknown"
        if expected[name] != actual[name]:
            return f"{name} has the shape {actual[name]}, not {expected[name]}"
    return ""


def inputs_of(task: Task, config: Any, signature: Signature, examples: np.ndarray) -> Rows:
    """Convert examples without labels, images or texts, to the network's inputs."""
    unlabelled = np.zeros(len(examples), np.int64)
    return task.tensors(Split(examples, unlabelled, unlabelled), config, signature)[0]


def outputs(inputs: Rows, forward: Forward) -> dict[str, np.ndarray]:
    """Compute the outputs for any number of inputs, by name, one row per input."""
    batches: list[Mapping[str, Tensor]] = []
    places = order(inputs)
    with (
        torch.inference_mode(),
        progress.stage("prediction", len(inputs), "examples") as advance,
    ):
        for batch in places.split(capture.BATCH):
            batches.append(forward(inputs[batch]))
            advance(len(batch))
    back = places.argsort()
    return {
        name: torch.cat([batch[name] for batch in batches])[back].numpy() for name in batches[0]
    }


def activations(
    task: Task, network: nn.Module, inputs: Rows, layers: Sequence[str]
) -> dict[str, np.ndarray]:
    """Compute activations for any number of inputs: layer -> (n, features) float32.

    Raises:
        UsageError: as for `inference.activations.activations`.
    """
    places = order(inputs)
    ordered = inputs.take(places) if isinstance(inputs, RaggedTensor) else inputs
    by_layer = capture.activations(
        network, lambda batch: task.predict(network, batch), ordered, layers
    )
    back = places.argsort().numpy()
    return {layer: values[back] for layer, values in by_layer.items()}


def order(inputs: Rows) -> Tensor:
    """Order inputs so that a batch holds similar lengths: their positions (n,)."""
    if isinstance(inputs, RaggedTensor):
        return inputs.lengths.argsort(stable=True)
    return torch.arange(len(inputs))
