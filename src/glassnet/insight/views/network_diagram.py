"""Network diagram: the layers with their output shapes and parameters."""

from collections.abc import Iterator, Sequence

from glassnet.contract import Data, MakeProvenance, Model
from glassnet.findings import ClaimRecorder, Diagram, Layer, count, fraction
from glassnet.inference.layers import Links, trace

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
        summary=f"The layer {largest.name} has {part} of the {total} parameters ({percent})."
        + _unused(layers, links),
        provenance=provenance(),
        claims=record.claims,
        input_shape=tuple(data.example_input.shape[1:]),
        layers=layers,
        links=links,
    )


def _unused(layers: Sequence[Layer], links: Links) -> str:
    """Name the layers whose output feeds nothing: the network computes them to be looked at."""
    feeding = {source for source, _ in links}
    names = [layer.name for number, layer in enumerate(layers, 1) if number not in feeding]
    if not names:
        return ""
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    verb = "is" if len(names) == 1 else "are"
    return f" Nothing is computed from {listed}, which {verb} there to be explained."
