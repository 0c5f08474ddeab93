"""Naming: a traced graph gets the names of the network's layers, as a person reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

TRACED = "network."
"""What the names of the network's parts begin with."""


def rename(model: ModelProto) -> None:
    """Name nodes by the modules that they belong to, and values by the nodes that give them.

    The tracer calls a node `/network/conv1/Conv` and its weights `onnx::Conv_31`. A module's only
    node, or its only one with weights, is called as the module, `conv1`; others have their
    operation behind it, as `pool.max/Where`. Weights are `output.weight` as in the network where
    they are the network's, and else what they are to their node, as `conv1.W`. Inputs and outputs
    keep their names.
    """
    kept = {value.name for value in (*model.graph.input, *model.graph.output)}
    _rename_graph(model.graph, {name: name for name in kept}, set())


def _rename_graph(graph: GraphProto, new: dict[str, str], taken: set[str]) -> None:
    """Rename a graph, and those within its nodes, which see its values.

    Args:
        graph: the graph.
        new: name of a value -> its new one, of those that are seen from outside.
        taken: names of nodes that are in use.
    """
    weights = {tensor.name for tensor in graph.initializer}
    for node, name in zip(graph.node, _node_names(graph.node, weights, taken), strict=True):
        node.name = name
        for place, output in enumerate(node.output):
            new.setdefault(output, name if not place else f"{name}:{place}")
    for node in graph.node:
        for place, value in enumerate(node.input):
            if value and value not in new:
                new[value] = _weight_name(value, node, place, set(new.values()))
    for node in graph.node:
        node.input[:] = [new.get(value, value) for value in node.input]
        node.output[:] = [new.get(value, value) for value in node.output]
        node.doc_string = ""
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename_graph(attribute.g, new, taken)
                for value in attribute.g.output:
                    value.name = new.get(value.name, value.name)
    for tensor in graph.initializer:
        tensor.name = new.get(tensor.name, tensor.name)
    del graph.value_info[:]  # shapes of values by their old names; whoever reads infers them


def _node_names(nodes: Sequence[NodeProto], weights: set[str], taken: set[str]) -> list[str]:
    scopes = [_scope(node.name) for node in nodes]
    n_threads = [node.op_type != "Constant" for node in nodes]
    heavy = [bool(weights & set(node.input)) for node in nodes]
    busy, weighed = (
        Counter(scope for scope, counted in zip(scopes, which, strict=True) if counted)
        for which in (n_threads, heavy)
    )
    names = []
    for scope, node, works, weighs in zip(scopes, nodes, n_threads, heavy, strict=True):
        alone = (works and busy[scope] == 1) or (weighs and weighed[scope] == 1)
        base = scope if scope and alone else f"{scope}/{node.op_type}".lstrip("/")
        names.append(_free(base, taken))
        taken.add(names[-1])
    return names


def _scope(name: str) -> str:
    """The module of a traced node: `/network/pool/max/Where_1` lies in `pool.max`.

    A member of a list repeats the list's name: `/network/blocks/blocks.0/Relu` lies in `blocks.0`.
    """
    scope = ""
    for module in name.strip("/").split("/")[:-1]:
        own = scope.rpartition(".")[2]
        inner = module.removeprefix(f"{own}.") if own else module
        scope = f"{scope}.{inner}".lstrip(".")
    return scope.removeprefix(TRACED) if scope != TRACED[:-1] else ""


def _weight_name(value: str, node: NodeProto, place: int, taken: set[str]) -> str:
    """`network.output.weight` is the network's own name; others are named by their use."""
    if value.startswith(TRACED):
        return _free(value.removeprefix(TRACED), taken)
    import onnx

    formal = onnx.defs.get_schema(node.op_type, 18).inputs
    return _free(f"{node.name}.{formal[min(place, len(formal) - 1)].name}", taken)


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
