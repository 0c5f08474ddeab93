"""ONNX export: a run's network as one file whose outputs are checked against the network's."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import warnings
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from glassnet import atomic, checksum, progress
from glassnet.data.texts.vocabulary import HEAD
from glassnet.errors import ExportError, GlassnetError, UsageError
from glassnet.export import onnx_names, parity
from glassnet.export.graph import Graph, build_graph
from glassnet.export.metadata import CHECKSUM_KEY, Metadata, tokenizer_beside
from glassnet.export.session import Session
from glassnet.inference.ood import OODDetector
from glassnet.run_model import RunModel
from glassnet.runs import manifest

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 18
"""Version of the operators (2022), which every current ONNX runtime supports."""

MAX_BYTES = 1_900_000_000
"""Weights that fit into one file, since the format is limited to 2 GiB."""

OUTPUTS = {
    "probabilities": "calibrated class probabilities in the order of class_names; each row sums to "
    "1",
    "ood_score": "distance from the training data; above 1 the input is out of distribution",
    "images": "the decoded images, uint8",
}
"""Output -> description."""


def write(
    model: RunModel, ood_detector: OODDetector | None, path: Path, inputs: str = "auto"
) -> Metadata:
    """Export a run's network to an ONNX file, and its tokenizer next to it.

    Args:
        model: the run's network and its data.
        ood_detector: gives the file the output `ood_score`, if it is not None.
        path: the file, with the extension `.onnx`.
        inputs: one of `PARITY`.

    Returns:
        The metadata of the file.

    Raises:
        UsageError: the file has another extension, or a package is missing.
        RunError: test examples are wanted, but the data are gone or have changed.
        ExportError: the network is too large, cannot be traced, or the file's outputs differ.
        StorageError: the file cannot be written.
    """
    if path.suffix.lower() != ".onnx":
        raise UsageError(
            f"{path}: the file of an ONNX export ends in .onnx", f"name it {path.stem}.onnx"
        )
    _check_packages()
    on_test_set = inputs == "test" or (inputs == "auto" and _has_data(model))
    graph = build_graph(model, ood_detector, on_test_set)
    _check_size(graph)
    with progress.live("export", 2) as advance:
        proto = trace(graph)
        advance()
        result = parity.compare(Session(proto.SerializeToString()), graph.examples, graph.expected)
        advance()
    result.check()
    if result.note:
        progress.log(result.note)
    tokenizer = model.signature.vocabulary
    info = dataclasses.replace(
        _metadata(model, graph, ood_detector, path),
        parity={
            "examples": result.examples,
            "inputs": "test examples" if on_test_set else "random inputs",
            "max_differences": result.differences,
            "tolerances": {name: parity.TOLERANCES[name] for name in result.differences},
            "versions": {name: metadata.version(name) for name in ("torch", "onnxruntime")},
        },
        tokenizer=hashlib.sha256(tokenizer.encode()).hexdigest() if tokenizer else "",
    )
    for key, text in info.as_metadata().items():
        proto.metadata_props.add(key=key, value=text)
    if tokenizer:
        with manifest.recording(model.run.path, [tokenizer_beside(path)]):
            atomic.write(tokenizer_beside(path), tokenizer)
    proto.metadata_props.add(key=CHECKSUM_KEY, value=checksum.BLANK)
    atomic.write(path, checksum.fill(proto.SerializeToString()))
    return info


def trace(graph: Graph) -> ModelProto:
    """Trace a graph as ONNX, with readable names and without paths of this machine.

    Raises:
        ExportError: torch cannot trace it.
    """
    import onnx

    buffer = io.BytesIO()
    torch.onnx.register_custom_op_symbolic("aten::sort", _sort, OPSET)
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")
            # torch's newer exporter fixes the length of texts where two LSTMs meet
            # (pytorch issue 191855) and takes ten times as long; parity is checked in any case.
            torch.onnx.export(
                graph.module.eval(),
                tuple(graph.inputs.values()),
                buffer,
                input_names=list(graph.inputs),
                output_names=list(graph.outputs),
                dynamic_axes=graph.axes,
                opset_version=OPSET,
                dynamo=False,
            )
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        raise ExportError(
            f"the network cannot be traced ({str(error).strip().splitlines()[0][:200]})",
            "please report it with the run's configuration",
        ) from None
    finally:
        torch.onnx.unregister_custom_op_symbolic("aten::sort", OPSET)
    proto = onnx.load_from_string(buffer.getvalue())
    onnx_names.rename(proto)
    proto.producer_name, proto.producer_version = "glassnet", metadata.version("glassnet")
    proto.graph.name, proto.graph.doc_string = "glassnet", ""
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _sort(graph: Any, values: Any, *arguments: Any) -> Any:
    """Export `sort(dim, descending)`, which torch can, and `sort(stable, dim, descending)`.

    TopK orders equal values by their positions, so that it is always stable.
    """
    axis, descending = (int(value.node().t("value")) for value in arguments[-2:])
    place = graph.op("Constant", value_t=torch.tensor([axis]))
    length = graph.op("Gather", graph.op("Shape", values), place)
    return graph.op(
        "TopK", values, length, axis_i=axis, largest_i=descending, sorted_i=1, outputs=2
    )


def _has_data(model: RunModel) -> bool:
    """Whether the run's data are there, unchanged; a note says why not."""
    try:
        _ = model.data.splits
    except GlassnetError as error:
        progress.log(f"{error.message}; the file is checked on random inputs")
        return False
    return True


def _check_packages() -> None:
    for name in ("onnx", "onnxruntime"):
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            raise UsageError(
                f"{name} is not installed, and the export needs it",
                "install it with: pip install 'glassnet[onnx]'",
            ) from None


def _check_size(graph: Graph) -> None:
    tensors = (*graph.module.parameters(), *graph.module.buffers())
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    if size > MAX_BYTES:
        raise ExportError(
            f"the network has {size / 1e9:.1f} GB of weights, but an ONNX file is limited to 2 GB",
            "train a smaller network, for example with fewer --ngram-buckets",
        )


def _metadata(
    model: RunModel, graph: Graph, ood_detector: OODDetector | None, path: Path
) -> Metadata:
    info = model.run.info
    return Metadata(
        task=str(info["task"]),
        family=model.family,
        modality=model.modality,
        version=metadata.version("glassnet"),
        class_names=model.class_names,
        input=_input(model, graph, path),
        outputs={name: OUTPUTS[name] for name in graph.outputs},
        provenance={
            "run": model.run.name,
            "checkpoint": f"best, epoch {model.best_epoch} ({model.digest})",
            "data": Path(info["data"]["name"]).name,
            "fingerprint": info["data"]["fingerprint"],
            "seed": info.get("seed"),
            "command": info.get("command", ""),
            "calibration": dataclasses.asdict(model.calibration),
            "results": info.get("results", {}),
        },
        out_of_distribution={}
        if ood_detector is None
        else {
            "rule": "ood_score > 1",
            "false_positive_rate": ood_detector.false_positive_rate,
            "validation_examples": ood_detector.examples,
            "layer": model.feature_layer,
        },
    )


def _input(model: RunModel, graph: Graph, path: Path) -> dict[str, Any]:
    """Describe the input and how it is prepared, for people and for `OnnxPredictor`."""
    name, examples = next(iter(graph.examples.items()))
    shape: list[Any] = list(examples.shape)
    for axis, length in graph.axes[name].items():
        shape[axis] = length
    common = {"name": name, "type": str(examples.dtype), "shape": shape}
    if name == "images":
        return common | {
            "colour": "grey" if model.signature.input_shape[0] == 1 else "rgb",
            "size": "scaled to fill the shape with the aspect ratio kept, then cropped at the "
            "centre",
            "normalisation": "part of the graph: the input are raw pixels from 0 to 255",
            "value_ranges": {
                kind: list(ends) for kind, ends in model.signature.value_ranges.items()
            },
        }
    if name == "words":
        return common | {
            "tokenizer": tokenizer_beside(path).name,
            "padding": model.vocabulary.padding,
            "unknown": model.vocabulary.unknown,
            "max_length": model.vocabulary.max_length,
            "tokens": model.vocabulary.unit,
            "head": HEAD,
            "rule": f"a text of more than max_length tokens is truncated in its middle: the first "
            f"{HEAD:.0%} of max_length are its beginning, the rest its end; shorter texts are "
            "padded at the end",
        }
    return common | {"distribution": "independent N(0, 1) for samples of the prior"}
