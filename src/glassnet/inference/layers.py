"""The layers of a network, traced by one forward pass: names, shapes, parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from glassnet.findings import Layer
from glassnet.inference.activations import capture


def trace(
    network: nn.Module, forward: Callable[[Tensor], object], example: Tensor
) -> tuple[Layer, ...]:
    """Run one example and note every layer without parts of its own, in order of first use.

    Layers that do nothing (dropout of 0) are left out.
    """
    leaves = {
        name: module
        for name, module in network.named_modules()
        if name and not list(module.children()) and not _idle(module)
    }
    with capture(network, list(leaves)) as seen, torch.inference_mode():
        forward(example)
    return tuple(
        Layer(
            name=name,
            kind=describe(leaves[name]),
            shape=tuple(output.shape[1:]),
            parameters=sum(p.numel() for p in leaves[name].parameters()),
        )
        for name, output in seen.items()  # in order of first use
    )


def _idle(module: nn.Module) -> bool:
    return isinstance(module, nn.Dropout) and module.p == 0


IDLE_AT_REST = (nn.modules.dropout._DropoutNd, nn.Identity)
"""Layers that pass on what they are given once nothing is learned."""


def even_layers(
    network: nn.Module, forward: Callable[[Tensor], object], inputs: Sequence[Tensor]
) -> tuple[str, ...]:
    """The layers of `trace` that do something at rest and give each of the inputs as many values.

    Args:
        inputs: batches of one, as different in shape as inputs can be.
    """
    modules = dict(network.named_modules())
    traced = [
        {layer.name: layer.shape for layer in trace(network, forward, each)} for each in inputs
    ]
    return tuple(
        name
        for name, shape in traced[0].items()
        if shape
        and not isinstance(modules[name], IDLE_AT_REST)
        and all(other.get(name) == shape for other in traced[1:])
    )


def describe(module: nn.Module) -> str:
    """What a layer does, in a few words.

    Example:
        >>> describe(nn.Conv2d(1, 8, 5, stride=2))
        'convolution 5×5, stride 2'
    """
    if isinstance(module, nn.Conv2d):
        stride = _sides(module.stride)
        words = f"convolution {_sides(module.kernel_size)}"
        return words if stride == "1×1" else f"{words}, stride {module.stride[0]}"
    if isinstance(module, nn.MaxPool2d):
        return f"max pooling {_sides(module.kernel_size)}"
    if isinstance(module, nn.Dropout):
        return f"dropout {module.p:g}"
    return WORDS.get(type(module).__name__, type(module).__name__)


def _sides(size: int | tuple[int, ...]) -> str:
    return "×".join(map(str, (size, size) if isinstance(size, int) else size))


WORDS = {
    "BatchNorm2d": "batch normalisation",
    "GroupNorm": "group normalisation",
    "LayerNorm": "layer normalisation",
    "PixelShuffle": "pixel shuffle",
    "Unflatten": "reshape",
    "Embedding": "table of vectors",
    "Last": "last state",
    "Linear": "linear",
    "Max": "maximum",
    "Mean": "mean",
    "ReLU": "ReLU",
    "SiLU": "SiLU",
    "Softmax": "softmax",
}
