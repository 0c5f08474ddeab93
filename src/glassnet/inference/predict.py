"""From weights to a network at rest, and from inputs to its answers, in batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import progress, seeding
from glassnet.contract import Signature, Split, Task
from glassnet.data.batches import lengths
from glassnet.errors import RunError
from glassnet.inference import activations as capture

Ask = Callable[[Tensor], Mapping[str, Tensor]]
"""What answers a batch of inputs, by name."""

BATCH = 500
"""Examples that pass through the network at once when nothing is learned."""

BATCH_UNEVEN = 128
"""The same where examples differ in length; a batch takes the room of its longest one."""


@torch.inference_mode(False)  # wherever it is first asked for, gradients may be wanted later
def build_network(
    task: Task, config: Any, signature: Signature, weights: Mapping[str, Tensor], where: object
) -> nn.Module:
    """The network with these weights, on the CPU, at rest.

    Args:
        where: the file that the weights are from, for the error.

    Raises:
        RunError: the weights are not this network's.
    """
    with seeding.fork_rng():
        with torch.device("meta"):  # takes no memory, however large it is said to be
            sketch = task.build(config, signature)
        if odd := _difference(sketch, weights):
            raise RunError(
                f"{where}: does not fit the network that is described beside it ({odd})",
                "restore both from the same copy",
            )
        network = task.build(config, signature)
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


def _difference(network: nn.Module, weights: Mapping[str, Tensor]) -> str:
    """The first weight that is missing, too much or of another shape; empty where there is none."""
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in weights.items()}
    for name in wanted | found:
        if name not in found:
            return f"{name} is missing"
        if name not in wanted:
            return f"{name} is too much"
        if wanted[name] != found[name]:
            return f"{name} is {found[name]}, not {wanted[name]}"
    return ""


def inputs_of(task: Task, config: Any, signature: Signature, examples: np.ndarray) -> Tensor:
    """Examples without labels, images or texts, as the task gives them to the network."""
    nothing = np.zeros(len(examples), np.int64)
    return task.tensors(Split(examples, nothing, nothing), config, signature)[0]


def outputs(task: Task, inputs: Tensor, ask: Ask) -> dict[str, np.ndarray]:
    """The answers to any number of inputs, by name, a row per input."""
    found: list[Mapping[str, Tensor]] = []
    places, size = order(task, inputs)
    with (
        torch.inference_mode(),
        progress.stage("prediction", len(inputs), "examples") as advance,
    ):
        for batch in places.split(size):
            found.append(ask(inputs[batch]))
            advance(len(batch))
    back = places.argsort()
    return {name: torch.cat([answer[name] for answer in found])[back].numpy() for name in found[0]}


def activations(
    task: Task, network: nn.Module, inputs: Tensor, layers: Sequence[str]
) -> dict[str, np.ndarray]:
    """Layer -> (n, features) float32 for any number of inputs; raises as `capture.activations`."""
    places, size = order(task, inputs)
    found = capture.activations(
        network, lambda batch: task.predict(network, batch), inputs[places], layers, size
    )
    back = places.argsort().numpy()
    return {layer: values[back] for layer, values in found.items()}


def order(task: Task, inputs: Tensor) -> tuple[Tensor, int]:
    """In which order inputs are best run through the network, and how many at once."""
    if task.padding is None:
        return torch.arange(len(inputs)), BATCH
    return lengths(inputs, task.padding).argsort(stable=True), BATCH_UNEVEN
