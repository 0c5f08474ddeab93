"""Writing a run's network as one ONNX file that answers as the network does, or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import warnings
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from glassnet import atomic, progress
from glassnet.data.texts.vocabulary import HEAD
from glassnet.errors import ExportError, UsageError
from glassnet.export import onnx_names, parity
from glassnet.export.graph import Graph, graph
from glassnet.export.metadata import Metadata, tokenizer_beside
from glassnet.export.session import Session
from glassnet.inference.ood import OODDetector
from glassnet.run_model import RunModel

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 18
"""Version of the operators, of 2022: whatever runs ONNX files today knows it."""

MOST_BYTES = 1_900_000_000
"""Weights that fit into one file, whose format ends at 2 GiB."""


def write(evidence: RunModel, ood_detector: OODDetector | None, path: Path) -> Metadata:
    """Write the network as `path`, and its tokenizer beside it.

    Args:
        evidence: of the run, its data at hand.
        familiarity: what warns of inputs unlike the training data, if it is known.
        path: the file, ending in `.onnx`.

    Raises:
        UsageError: the name ends otherwise, or a package is missing.
        ExportError: the network is too large, or the file does not answer as it does.
        StorageError: it cannot be written.
    """
    if path.suffix.lower() != ".onnx":
        raise UsageError(f"{path}: a network is written as ONNX", f"name it {path.stem}.onnx")
    _check_packages()
    chosen = graph(evidence, ood_detector)
    _check_size(chosen)
    with progress.live("export", 2) as advance:
        model = traced(chosen)
        advance()
        session = Session(model.SerializeToString())
        found = parity.compare(session, chosen.examples, chosen.expected)
        advance()
    found.check()
    tokenizer = evidence.signature.vocabulary
    info = dataclasses.replace(
        _metadata(evidence, chosen, ood_detector, path),
        parity={
            "examples": found.examples,
            "largest": found.differences,
            "tolerated": {name: parity.TOLERANCES[name] for name in found.differences},
            "versions": {name: metadata.version(name) for name in ("torch", "onnxruntime")},
        },
        tokenizer=hashlib.sha256(tokenizer.encode()).hexdigest() if tokenizer else "",
    )
    for name, text in info.as_metadata().items():
        model.metadata_props.add(key=name, value=text)
    if tokenizer:
        atomic.write(tokenizer_beside(path), tokenizer)
    atomic.write(path, model.SerializeToString())
    return info


def traced(chosen: Graph) -> ModelProto:
    """The graph as ONNX, with readable names and without a word of where it was made.

    Raises:
        ExportError: torch cannot trace it.
    """
    import onnx

    buffer = io.BytesIO()
    torch.onnx.register_custom_op_symbolic("aten::sort", _sorted, OPSET)
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")
            # torch's newer exporter freezes the length of texts where two LSTMs meet
            # (pytorch issue 191855) and takes ten times as long; parity guards whichever is used.
            torch.onnx.export(
                chosen.module.eval(),
                tuple(chosen.inputs.values()),
                buffer,
                input_names=list(chosen.inputs),
                output_names=list(chosen.outputs),
                dynamic_axes=chosen.axes,
                opset_version=OPSET,
                dynamo=False,
            )
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise ExportError(
            f"the network cannot be traced ({reason})", "please report it, with its configuration"
        ) from None
    finally:
        torch.onnx.unregister_custom_op_symbolic("aten::sort", OPSET)
    model = onnx.load_from_string(buffer.getvalue())
    onnx_names.rename(model)
    model.producer_name, model.producer_version = "glassnet", metadata.version("glassnet")
    model.graph.name, model.graph.doc_string = "glassnet", ""
    onnx.checker.check_model(model, full_check=True)
    return model


def _sorted(graph: Any, values: Any, *given: Any) -> Any:
    """`sort(dim, descending)` and `sort(stable, dim, descending)`, of which torch has the first.

    TopK puts equal values in the order of their places, so that it is always stable.
    """
    axis, descending = (int(value.node().t("value")) for value in given[-2:])
    place = graph.op("Constant", value_t=torch.tensor([axis]))
    length = graph.op("Gather", graph.op("Shape", values), place)
    options = {"axis_i": axis, "largest_i": descending, "sorted_i": 1}
    return graph.op("TopK", values, length, **options, outputs=2)


def _check_packages() -> None:
    for name in ("onnx", "onnxruntime"):
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            raise UsageError(
                f"{name} is not installed, which exporting needs",
                "install it with: pip install 'glassnet[onnx]'",
            ) from None


def _check_size(chosen: Graph) -> None:
    tensors = (*chosen.module.parameters(), *chosen.module.buffers())
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    if size > MOST_BYTES:
        raise ExportError(
            f"the network has {size / 1e9:.1f} GB of weights, and an ONNX file holds 2",
            "train a smaller one, with fewer --ngram-buckets for instance",
        )


def _metadata(
    evidence: RunModel, chosen: Graph, ood_detector: OODDetector | None, path: Path
) -> Metadata:
    run = evidence.run.info
    return Metadata(
        task=str(run["task"]),
        version=metadata.version("glassnet"),
        class_names=evidence.class_names,
        input=_input(evidence, chosen, path),
        outputs=_outputs(chosen),
        provenance={
            "run": evidence.run.name,
            "checkpoint": f"best, epoch {evidence.best_epoch} ({evidence.digest})",
            "data": Path(run["data"]["name"]).name,
            "fingerprint": run["data"]["fingerprint"],
            "seed": run.get("seed"),
            "command": run.get("command", ""),
            "results": run.get("results", {}),
        },
        unlike={}
        if ood_detector is None
        else {
            "rule": "distance > 1",
            "false_positive_rate": ood_detector.false_positive_rate,
            "validation_examples": ood_detector.examples,
            "layer": evidence.feature_layer,
        },
    )


def _input(evidence: RunModel, chosen: Graph, path: Path) -> dict[str, Any]:
    """What goes in, for a person and for `Exported`."""
    name, given = next(iter(chosen.examples.items()))
    shape: list[Any] = list(given.shape)
    for axis, length in chosen.axes[name].items():
        shape[axis] = length
    plain = {"name": name, "type": str(given.dtype), "shape": shape}
    if name == "images":
        channels = evidence.signature.input_shape[0]
        return plain | {
            "colour": "grey" if channels == 1 else "rgb",
            "size": "scaled, aspect kept; what is too much is cut off evenly",
            "normalisation": "in the graph: pixels go in as they are, from 0 to 255",
        }
    if name == "words":
        return plain | {
            "tokenizer": tokenizer_beside(path).name,
            "padding": evidence.vocabulary.padding,
            "unknown": evidence.vocabulary.unknown,
            "longest": evidence.vocabulary.max_length,
            "head": HEAD,
            "rule": f"of a text with more words than longest the first {HEAD:.0%} of what is kept "
            "are its beginning, the rest is its end; short ones are filled up at their end",
        }
    return plain | {"distribution": "independent N(0, 1) gives samples"}


def _outputs(chosen: Graph) -> dict[str, str]:
    known = {
        "probabilities": "of the classes, in their order; each row sums to 1",
        "ood_score": "from the training data; above 1 the input is unlike them",
        "images": "uint8, as the codes say",
    }
    return {name: known[name] for name in chosen.outputs}
