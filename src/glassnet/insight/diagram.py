"""The network as a chain of layers with shapes and parameters, as one pass through it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from glassnet.contract import Evidence, Options
from glassnet.findings import Diagram, Layer


def network_diagram(evidence: Evidence, options: Options) -> Iterator[Diagram]:
    """The layers in the order in which an input meets them."""
    layers = trace(evidence.network, evidence.forward, evidence.example_input)
    parameters = sum(layer.parameters for layer in layers)
    heaviest = max(layers, key=lambda layer: layer.parameters)
    share = 100 * heaviest.parameters / max(parameters, 1)
    yield Diagram(
        name="network",
        section="network",
        title=f"{len(layers)} layers, {parameters:,} parameters",
        reading=f"The layer {heaviest.name} holds {heaviest.parameters:,} of the {parameters:,} "
        f"parameters ({share:.0f} %).",
        receipt=evidence.receipt(),
        input_shape=tuple(evidence.example_input.shape[1:]),
        layers=layers,
    )


def trace(
    network: nn.Module, forward: Callable[[Tensor], object], example: Tensor
) -> tuple[Layer, ...]:
    """Run one example and note every layer without parts of its own, in order of first use.

    Layers that do nothing (dropout of 0) are left out.
    """
    found: dict[str, Layer] = {}
    handles = []

    def note(name: str, module: nn.Module) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: object, output: object) -> None:
            value = output[0] if isinstance(output, tuple) else output
            if isinstance(value, Tensor) and name not in found:
                count = sum(p.numel() for p in module.parameters())
                found[name] = Layer(
                    name=name,
                    kind=describe(module),
                    shape=tuple(value.shape[1:]),
                    parameters=count,
                )

        return hook

    try:
        for name, module in network.named_modules():
            idle = isinstance(module, nn.Dropout) and module.p == 0
            if name and not idle and not list(module.children()):
                handles.append(module.register_forward_hook(note(name, module)))
        with torch.inference_mode():
            forward(example)
    finally:
        for handle in handles:
            handle.remove()
    return tuple(found.values())


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
    "Linear": "linear",
    "ReLU": "ReLU",
    "Softmax": "softmax",
}
