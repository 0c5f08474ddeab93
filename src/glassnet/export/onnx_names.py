"""Names of an ONNX graph's nodes and weights, after the network's layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

NETWORK = "network."
"""The prefix of the network's modules in the traced module."""


def rename(model: ModelProto) -> None:
    """Rename nodes after their modules, and values after the nodes that compute them.

    The tracer names a node `/network/conv1/Conv` and its weights `onnx::Conv_31`. A module's only
    node, or its only one with weights, gets the name of the module, `conv1`; other nodes have their
    operation appended, such as `pool.max/Where`. Weights are named as in the network, such as
    `output.weight`, or else after the node and the operator's parameter, such as `conv1.W`. The
    graph's inputs and outputs keep their names.
    """
    interface = {value.name for value in (*model.graph.input, *model.graph.output)}
    _rename_graph(model.graph, {name: name for name in interface}, set())


def _rename_graph(graph: GraphProto, new: dict[str, str], taken: set[str]) -> None:
    """Rename a graph and its subgraphs, which share its values.

    Args:
        graph: the graph.
        new: name of a value -> its new name, for values of the enclosing graphs.
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
    del graph.value_info[:]  # shapes under the old names; readers infer them


def _node_names(nodes: Sequence[NodeProto], weights: set[str], taken: set[str]) -> list[str]:
    scopes = [_scope(node.name) for node in nodes]
    computes = [node.op_type != "Constant" for node in nodes]
    has_weights = [bool(weights & set(node.input)) for node in nodes]
    computing, weighted = (
        Counter(scope for scope, counts in zip(scopes, flags, strict=True) if counts)
        for flags in (computes, has_weights)
    )
    names = []
    for i, (scope, node) in enumerate(zip(scopes, nodes, strict=True)):
        only_one = (computes[i] and computing[scope] == 1) or (
            has_weights[i] and weighted[scope] == 1
        )
        base = scope if scope and only_one else f"{scope}/{node.op_type}".lstrip("/")
        names.append(_free(base, taken))
        taken.add(names[-1])
    return names


def _scope(name: str) -> str:
    """The module of a traced node: `/network/pool/max/Where_1` belongs to `pool.max`.

    A list's member repeats the list's name: `/network/blocks/blocks.0/Relu` is in `blocks.0`.
    """
    scope = ""
    for module in name.strip("/").split("/")[:-1]:
        own = scope.rpartition(".")[2]
        inner = module.removeprefix(f"{own}.") if own else module
        scope = f"{scope}.{inner}".lstrip(".")
    return scope.removeprefix(NETWORK) if scope != NETWORK[:-1] else ""


def _weight_name(value: str, node: NodeProto, place: int, taken: set[str]) -> str:
    """The name in the network, such as `output.weight`, or one after the node that uses it."""
    if value.startswith(NETWORK):
        return _free(value.removeprefix(NETWORK), taken)
    import onnx

    parameters = onnx.defs.get_schema(node.op_type, 18).inputs
    return _free(f"{node.name}.{parameters[min(place, len(parameters) - 1)].name}", taken)


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number appended if it is taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
