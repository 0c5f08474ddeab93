"""Names, output shapes, parameters and links of a network's layers, traced by one forward pass."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from torch import Tensor, nn

from glassnet.findings import Layer
from glassnet.inference import dataflow

MAX_CALLS = 4
"""Uses of one layer that are boxes of their own; more, as in a loop over time, are one box."""

Links = tuple[tuple[int, int], ...]
"""As in `Diagram`: 0 is the input, k the k-th layer, and the number after the last the result."""


def trace(
    network: nn.Module, forward: Callable[[Tensor], object], example: Tensor
) -> tuple[tuple[Layer, ...], Links]:
    """Run one example and list all layers in the order of their use, and which feeds which.

    A layer is a module without submodules, or one with the attribute `is_layer`. Dropout of 0 is
    left out. A layer that is used again is listed again, as `relu (2)`, with its parameters at the
    first use alone.
    """
    names = {name for name, _ in network.named_modules()}  # a shared module has one
    modules = {
        name: module
        for name, module in _layers(network)
        if name in names and not (isinstance(module, nn.Dropout) and module.p == 0)
    }
    graph = dataflow.record(network, forward, example, list(modules))
    uses = Counter(call.name for call in graph.calls)
    boxes: dict[tuple[str, int], int] = {}  # name and use -> number
    numbers = [dataflow.INPUT]  # of each call's box
    layers: list[Layer] = []
    used = Counter[str]()
    for call in graph.calls:
        name = call.name
        used[name] += 1
        use = used[name] if uses[name] <= MAX_CALLS else 1
        if (name, use) not in boxes:
            boxes[name, use] = len(boxes) + 1
            layers.append(_layer(name, use, modules[name], call.shape))
        numbers.append(boxes[name, use])
    links = {
        (numbers[source], numbers[number])
        for number, call in enumerate(graph.calls, 1)
        for source in call.sources or {dataflow.INPUT}  # as after a comparison of its values
    } | {(numbers[source], len(layers) + 1) for source in graph.result}
    return tuple(layers), tuple(sorted(link for link in links if link[0] < link[1]))


def _layers(network: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Module]]:
    """The layers of a network and their names, those of submodules included."""
    for name, module in network.named_children():
        if not list(module.children()) or _is_layer(module):
            yield prefix + name, module
        else:
            yield from _layers(module, f"{prefix}{name}.")


def _is_layer(module: nn.Module) -> bool:
    return isinstance(module, nn.MultiheadAttention) or getattr(module, "is_layer", False)


def _layer(name: str, use: int, module: nn.Module, shape: tuple[int, ...]) -> Layer:
    return Layer(
        name=name if use == 1 else f"{name} ({use})",
        family=family(module),
        kind=describe(module),
        shape=shape,
        parameters=sum(p.numel() for p in module.parameters()) if use == 1 else 0,
    )


IDENTITY_IN_EVALUATION = (nn.modules.dropout._DropoutNd, nn.Identity)
"""Layers that return their input in evaluation mode."""


def even_layers(
    network: nn.Module, forward: Callable[[Tensor], object], inputs: Sequence[Tensor]
) -> tuple[str, ...]:
    """List the layers of `trace` whose number of values is the same for each of the inputs.

    Layers that return their input in evaluation mode are left out.

    Args:
        inputs: batches of one, of shapes that differ as much as inputs can.
    """
    modules = dict(network.named_modules())
    traced = [
        {layer.name: layer.shape for layer in trace(network, forward, example)[0]}
        for example in inputs
    ]
    return tuple(
        name
        for name, shape in traced[0].items()
        if shape
        and name in modules  # not a layer's second use
        and not isinstance(modules[name], IDENTITY_IN_EVALUATION)
        and all(other.get(name) == shape for other in traced[1:])
    )


def family(module: nn.Module) -> str:
    """Find the family of a layer, one of `LAYER_FAMILIES`, from torch's class that it inherits.

    Example:
        >>> family(nn.Conv2d(1, 8, 5)), family(nn.LSTM(3, 4)), family(nn.Flatten())
        ('conv', 'linear', 'other')
    """
    for name, classes in SPECIAL_FAMILIES.items():
        if isinstance(module, classes):
            return name
    modules = [kind.__module__.rpartition(".")[2] for kind in type(module).__mro__]
    return next((FAMILIES[module] for module in modules if module in FAMILIES), "other")


SPECIAL_FAMILIES: dict[str, tuple[type[nn.Module], ...]] = {
    "softmax": (nn.Softmax, nn.Softmax2d, nn.LogSoftmax),
    "linear": (nn.MultiheadAttention,),
    "other": (nn.Identity,),
}
"""Families of classes that torch defines among others."""

FAMILIES = {
    "activation": "activation",
    "batchnorm": "norm",
    "conv": "conv",
    "dropout": "dropout",
    "instancenorm": "norm",
    "linear": "linear",
    "normalization": "norm",
    "pooling": "pool",
    "rnn": "linear",
    "sparse": "linear",
}
"""Module of `torch.nn.modules` -> family of the layers that it defines."""


def describe(module: nn.Module) -> str:
    """Describe a layer in a few words.

    Example:
        >>> describe(nn.Conv2d(1, 8, 5, stride=2))
        'convolution 5×5, stride 2'
    """
    if isinstance(module, nn.Conv2d):
        words = f"convolution {_sides(module.kernel_size)}"
        return words if _sides(module.stride) == "1×1" else f"{words}, stride {module.stride[0]}"
    if isinstance(module, nn.MaxPool2d):
        return f"max pooling {_sides(module.kernel_size)}"
    if isinstance(module, nn.Dropout):
        return f"dropout {module.p:g}"
    return NAMES.get(type(module).__name__, type(module).__name__)


def _sides(size: int | tuple[int, ...]) -> str:
    return "×".join(map(str, (size, size) if isinstance(size, int) else size))


NAMES = {
    "AdaptiveAvgPool2d": "mean over the image",
    "BatchNorm2d": "batch normalisation",
    "GroupNorm": "group normalisation",
    "LayerNorm": "layer normalisation",
    "PixelShuffle": "pixel shuffle",
    "Unflatten": "reshape",
    "Embedding": "embedding",
    "Last": "last hidden state",
    "Linear": "linear",
    "Max": "maximum",
    "Mean": "mean",
    "NGrams": "n-gram scores",
    "ReLU": "ReLU",
    "Sample": "sampling",
    "SiLU": "SiLU",
    "Softmax": "softmax",
}
