"""The network as a chain of layers with shapes and parameters, as one pass through it shows."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Diagram
from glassnet.findings.claims import count, fraction
from glassnet.inference.layers import trace


def network_diagram(evidence: Evidence, options: ExplainOptions) -> Iterator[Diagram]:
    """The layers in the order in which an input meets them."""
    layers = trace(evidence.network, evidence.forward, evidence.example_input)
    parameters = sum(layer.parameters for layer in layers)
    heaviest = max(layers, key=lambda layer: layer.parameters)
    record = ClaimRecorder()
    layers_told = record(count("layers", len(layers)))
    whole = record(count("parameters", parameters))
    part = record(count(f"parameters of {heaviest.name}", heaviest.parameters))
    share = heaviest.parameters / max(parameters, 1)
    percent = record(fraction(f"share of the parameters in {heaviest.name}", share, digits=0))
    yield Diagram(
        name="network",
        section="network",
        title=f"{layers_told} layers, {whole} parameters",
        summary=f"The layer {heaviest.name} holds {part} of the {whole} parameters ({percent}).",
        provenance=evidence.provenance(),
        claims=record.claims,
        input_shape=tuple(evidence.example_input.shape[1:]),
        layers=layers,
    )
