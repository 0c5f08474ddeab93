"""Which layer feeds which: the graph of a network, recorded in one forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map_only

INPUT = 0
"""The number of the network's input among the sources of a tensor; that of the k-th call is k."""

Sources = frozenset[int]
"""What a tensor is computed from, without layers between."""

NOTHING: Sources = frozenset()


@dataclass(frozen=True)
class Call:
    """One use of a layer: its name, what feeds it, and the shape of its output, without batch."""

    name: str
    sources: Sources
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """All uses of layers in their order, and what feeds the network's outputs."""

    calls: tuple[Call, ...]
    result: Sources


def record(
    network: nn.Module, forward: Callable[[Tensor], object], example: Tensor, layers: list[str]
) -> Graph:
    """Run a batch and record which of the layers feeds which.

    What is computed between layers, such as a sum or a concatenation, is fed by all of its
    arguments. Truth values carry nothing, nor do integers that are computed from other numbers:
    masks and choices are no inputs.

    Args:
        network: any module.
        forward: runs the network.
        example: a batch of one.
        layers: names as in `network.named_modules()`.
    """
    flow = _Flow()
    flow.set(example, frozenset({INPUT}))
    modules = dict(network.named_modules())
    handles = [
        modules[name].register_forward_hook(flow.hook(name), with_kwargs=True) for name in layers
    ]
    try:
        with torch.inference_mode(), flow:
            outputs = forward(example)
    finally:
        for handle in handles:
            handle.remove()
    return Graph(tuple(flow.calls), flow.sources(outputs))


@dataclass
class _Flow(TorchFunctionMode):
    """Follows tensors from the output of one layer to the input of the next."""

    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._known: dict[int, tuple[Tensor, Sources]] = {}  # a tensor that is kept keeps its id

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        given = list(_tensors((args, kwargs)))
        assigned = getattr(func, "__name__", "") == "__setitem__"
        for tensor in given[:1] if assigned else _tensors(result):
            self.set(tensor, NOTHING.union(*(self._passed(each, tensor) for each in given)))
        return result

    def hook(self, name: str) -> Callable[..., Any]:
        """A forward hook that records the calls of a layer."""

        def record_call(module: nn.Module, args: Any, kwargs: Any, output: Any) -> Any:
            given = {id(each) for each in _tensors((args, kwargs))}
            if not getattr(module, "inplace", False):  # what a layer only passes on is its output
                output = tree_map_only(
                    Tensor, lambda each: each.clone() if id(each) in given else each, output
                )
            tensors = list(_tensors(output))
            shape = tuple(tensors[0].shape[1:]) if tensors else ()
            self.calls.append(Call(name, self.sources((args, kwargs)), shape))
            for tensor in tensors:
                self.set(tensor, frozenset({len(self.calls)}))
            return output

        return record_call

    def set(self, tensor: Tensor, sources: Sources) -> None:
        """Say what a tensor is computed from."""
        self._known[id(tensor)] = tensor, sources

    def sources(self, value: object) -> Sources:
        """What all tensors in a value are computed from."""
        return NOTHING.union(*(self._of(each) for each in _tensors(value)))

    def _of(self, tensor: Tensor) -> Sources:
        return self._known.get(id(tensor), (tensor, NOTHING))[1]

    def _passed(self, argument: Tensor, result: Tensor) -> Sources:
        chosen = argument.is_floating_point() and not result.is_floating_point()
        return NOTHING if chosen or result.dtype == torch.bool else self._of(argument)


def _tensors(value: object) -> Iterator[Tensor]:
    return (each for each in tree_leaves(value) if isinstance(each, Tensor))
