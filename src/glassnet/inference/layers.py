"""Names, output shapes and parameters of a network's layers, traced by one forward pass."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from glassnet.findings import Layer
from glassnet.inference.activations import capture


def trace(
    network: nn.Module, forward: Callable[[Tensor], object], example: Tensor
) -> tuple[Layer, ...]:
    """Run one example and list all leaf modules in the order of their first use.

    Dropout of 0 is left out.
    """
    leaves = {
        name: module
        for name, module in network.named_modules()
        if name
        and not list(module.children())
        and not (isinstance(module, nn.Dropout) and module.p == 0)
    }
    with capture(network, list(leaves)) as outputs, torch.inference_mode():
        forward(example)
    return tuple(
        Layer(
            name=name,
            family=family(leaves[name]),
            kind=describe(leaves[name]),
            shape=tuple(output.shape[1:]),
            parameters=sum(p.numel() for p in leaves[name].parameters()),
        )
        for name, output in outputs.items()  # in order of first use
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
        {layer.name: layer.shape for layer in trace(network, forward, example)}
        for example in inputs
    ]
    return tuple(
        name
        for name, shape in traced[0].items()
        if shape
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
    "ReLU": "ReLU",
    "SiLU": "SiLU",
    "Softmax": "softmax",
}
