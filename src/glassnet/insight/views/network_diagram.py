"""Network diagram: the layers with their output shapes and parameters."""

from collections.abc import Iterator

from glassnet.contract import Data, MakeProvenance, Model
from glassnet.findings import ClaimRecorder, Diagram, count, fraction
from glassnet.inference.layers import trace

SECTION = "network"


def network_diagram(data: Data, model: Model, provenance: MakeProvenance) -> Iterator[Diagram]:
    """Show which layer feeds which."""
    layers, links = trace(model.network, model.forward_pass, data.example_input)
    parameters = sum(layer.parameters for layer in layers)
    largest = max(layers, key=lambda layer: layer.parameters)
    record = ClaimRecorder()
    n_layers = record(count("layers", len(layers)))
    total = record(count("parameters", parameters))
    part = record(count("parameters", largest.parameters, layer=largest.name))
    share = largest.parameters / max(parameters, 1)
    percent = record(fraction("share of the parameters", share, digits=0, layer=largest.name))
    yield Diagram(
        name="network",
        section=SECTION,
        title=f"{n_layers} layers, {total} parameters",
        summary=f"The layer {largest.name} has {part} of the {total} parameters ({percent}).",
        provenance=provenance(),
        claims=record.claims,
        input_shape=tuple(data.example_input.shape[1:]),
        layers=layers,
        links=links,
    )
