"""ONNX export: the file computes what the network computes, or it is not written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from generators import generator
from onnx import numpy_helper

import glassnet as gn
from glassnet.data.texts.vocabulary import pad
from glassnet.errors import ExportError, UsageError
from glassnet.export import graph as graphs, onnx as onnx_export, parity
from glassnet.export.metadata import from_metadata
from glassnet.export.session import Session
from glassnet.runs.folder import Run
from glassnet.tasks.cnn import task as cnn
from glassnet.tasks.lstm.network import LSTMTextClassifier
from glassnet.tasks.lstm.task import TASK as TASK


def open_session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def test_raw_images_go_in_and_probabilities_come_out(trained: Run, tmp_path: Path) -> None:
    run = gn.load(trained.path)
    info = run.export(tmp_path / "new" / "digits.onnx")
    test = run.data.test.inputs
    assert test.dtype == np.uint8
    session = open_session(tmp_path / "new" / "digits.onnx")
    assert [(each.name, each.type, each.shape) for each in session.get_inputs()] == [
        ("images", "tensor(uint8)", ["n", 28, 28])
    ]
    assert [each.name for each in session.get_outputs()] == ["probabilities", "ood_score"]
    for images in (test[:1], test[:3], test):
        probabilities, distance = session.run(None, {"images": images})
        assert (probabilities.dtype, probabilities.shape) == (np.float32, (len(images), 10))
        expected = run.outputs(images, ood_scores=True)
        np.testing.assert_allclose(probabilities, expected["probabilities"], atol=1e-5)
        np.testing.assert_allclose(distance, expected["ood_score"], rtol=1e-3)
    assert info.parity["examples"] == 300
    assert set(info.parity["max_differences"]) == {
        "probabilities",
        "ratio of probabilities",
        "ood_score",
    }
    assert 0 < info.parity["max_differences"]["probabilities"] < 1e-5


def test_the_file_has_metadata_but_no_paths(trained: Run) -> None:
    run = gn.load(trained.path)
    info = run.export()
    path = trained.path / "model.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert from_metadata({each.key: each.value for each in model.metadata_props}, path) == info
    assert info.class_names == run.class_names
    assert info.provenance["run"] == run.name
    assert run.model.digest in info.provenance["checkpoint"]
    assert info.provenance["fingerprint"] == trained.info["data"]["fingerprint"]
    assert info.provenance["results"]["test"]["interval"] == run.results["test"]["interval"]
    assert info.out_of_distribution["rule"] == "ood_score > 1"
    assert info.out_of_distribution["false_positive_rate"] == run.false_positive_rate
    assert info.input["colour"] == "grey"
    assert str(trained.path.parent).encode() not in path.read_bytes()
    assert b".py" not in path.read_bytes()
    assert not list(trained.path.glob("*.tokenizer.json"))


def test_the_file_has_the_names_of_the_layers(trained: Run, tmp_path: Path) -> None:
    gn.load(trained.path).export(tmp_path / "a.onnx")
    nodes = {node.name: node.op_type for node in onnx.load(tmp_path / "a.onnx").graph.node}
    layers = {"conv1": "Conv", "relu1": "Relu", "pool1": "MaxPool", "output": "Gemm"}
    assert layers.items() <= nodes.items()


@pytest.mark.parametrize("factor", [1.01, 0.99])
def test_a_normalisation_that_is_off_by_one_per_cent_fails_the_export(
    factor: float, trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The traced graph scales pixels otherwise than the network does."""
    run = gn.load(trained.path)
    forward = graphs.Classifier.forward
    to_unit_range = cnn.to_unit_range

    def off(self: graphs.Classifier, inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        with monkeypatch.context() as patch:
            patch.setattr(cnn, "to_unit_range", lambda pixels: to_unit_range(pixels) * factor)
            return forward(self, inputs)

    monkeypatch.setattr(graphs.Classifier, "forward", off)
    with pytest.raises(ExportError, match="differs from the network"):
        run.export(tmp_path / "a.onnx")
    assert list(tmp_path.glob("*.onnx")) == []
    assert list(tmp_path.glob(".*.part")) == []


def test_a_changed_constant_in_the_file_is_found(trained: Run, tmp_path: Path) -> None:
    run = gn.load(trained.path)
    run.export(tmp_path / "a.onnx")
    model = onnx.load(tmp_path / "a.onnx")
    (divisor,) = (
        node.attribute[0].t
        for node in model.graph.node
        if node.op_type == "Constant" and numpy_helper.to_array(node.attribute[0].t).size == 1
        if node.attribute[0].t.data_type == onnx.TensorProto.FLOAT  # the OOD detector has 64 bits
        if numpy_helper.to_array(node.attribute[0].t).item() == 255
    )
    divisor.CopyFrom(numpy_helper.from_array(np.array(255 * 1.01, np.float32)))
    graph = graphs.build_graph(run.model, run.ood_detector)
    session = Session(model.SerializeToString())
    assert "probabilities" in parity.compare(session, graph.examples, graph.expected).failed


def test_token_ids_of_any_length_go_in(text_classifier: Run, tmp_path: Path) -> None:
    run = gn.load(text_classifier.path)
    info = run.export(tmp_path / "reader.onnx")
    session = open_session(tmp_path / "reader.onnx")
    (only,) = session.get_inputs()
    assert (only.name, only.type, only.shape) == ("words", "tensor(int64)", ["n", "length"])
    texts = ["good", "A superb story.", "", "the film was dull and its music awful!"]
    words = pad(run.data.vocabulary.encode(texts))
    expected = run.predict_proba(texts)
    for width in (words.shape[1], 9):
        probabilities, _ = session.run(None, {"words": words[:, :width]})
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)
    tokenizer = json.loads((tmp_path / "reader.tokenizer.json").read_text())
    assert tokenizer["model"]["type"] == "WordLevel"
    assert info.input["tokenizer"] == "reader.tokenizer.json"
    assert info.input["max_length"] == run.data.vocabulary.max_length
    assert info.parity["examples"] == 301, "and a text without words"


@pytest.mark.parametrize(
    "options",
    [
        {"num_layers": 2, "pooling": "attention", "max_ngram": 3},
        {"num_layers": 1, "pooling": "last", "bidirectional": False},
        {"num_layers": 3, "pooling": "mean", "bidirectional": False, "max_ngram": 1, "classes": 3},
        {"num_layers": 2, "pooling": "last", "max_ngram": 2},
        {"num_layers": 1, "pooling": "max"},
    ],
    ids=str,
)
def test_every_kind_of_text_classifier_is_exported(options: dict) -> None:
    torch.manual_seed(0)
    sizes = {
        "num_embeddings": 50,
        "classes": 2,
        "embedding_dim": 6,
        "hidden_size": 5,
        "ngram_buckets": 64,
    } | options
    network = LSTMTextClassifier(**sizes).eval().requires_grad_(False)
    for weights in network.parameters():
        weights.data.normal_(0, 0.5)

    class Probabilities(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, words: torch.Tensor) -> torch.Tensor:
            return TASK.predict(self.network, words)["probabilities"]

    words = torch.randint(2, 50, (60, 30), generator=torch.Generator().manual_seed(0))
    for row, length in enumerate(torch.arange(60) % 31):
        words[row, length:] = 0
    with torch.inference_mode():
        expected = TASK.predict(network, words)["probabilities"].numpy()
    graph = graphs.Graph(
        module=Probabilities(),
        inputs={"words": words[3:5, :7]},
        outputs=("probabilities",),
        axes={"words": {0: "n", 1: "length"}, "probabilities": {0: "n"}},
        examples={"words": words.numpy()},
        expected={"probabilities": expected},
    )
    session = Session(onnx_export.trace(graph).SerializeToString())
    parity.compare(session, graph.examples, graph.expected).check()
    for width in (1, 2):  # fewer words than the longest n-grams have
        short = words[:, :width]
        with torch.inference_mode():
            expected = TASK.predict(network, short)["probabilities"].numpy()
        found = session({"words": short.numpy()})["probabilities"]
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("descending", [False, True])
def test_a_network_that_sorts_keeps_equal_values_in_order(descending: bool) -> None:
    """torch's exporter supports `sort` only without `stable`."""

    class Sorting(torch.nn.Module):
        def forward(self, words: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            ordered, places = words.sort(dim=1, stable=True, descending=descending)
            mask = torch.zeros_like(words, dtype=torch.bool).scatter(1, places, ordered > 2)
            return places.float(), mask.float()

    words = torch.randint(0, 5, (40, 60), generator=torch.Generator().manual_seed(0))
    names = ("places", "mask")
    expected = dict(zip(names, (each.numpy() for each in Sorting()(words)), strict=True))
    axes = {name: {0: "n", 1: "length"} for name in ("words", *names)}
    graph = graphs.Graph(
        Sorting(), {"words": words[:2, :9]}, names, axes, {"words": words.numpy()}, expected
    )
    found = Session(onnx_export.trace(graph).SerializeToString())(graph.examples)
    for name in names:
        np.testing.assert_array_equal(found[name], expected[name])


@pytest.mark.parametrize("name", ["plain", "conditional"])
def test_the_decoder_of_an_image_generator_is_exported(
    name: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, digits: str
) -> None:
    run = generator(name, tmp_path, tmp_path_factory)
    info = run.export(tmp_path / "decoder.onnx")
    session = open_session(tmp_path / "decoder.onnx")
    codes = np.random.default_rng(0).standard_normal((9, 4)).astype(np.float32)
    inputs = {"codes": codes}
    if name == "conditional":
        inputs["classes"] = np.full(9, 7)
    assert {each.name for each in session.get_inputs()} == set(inputs)
    (images,) = session.run(None, inputs)
    assert (images.dtype, images.shape) == (np.uint8, (9, 28, 28))
    expected = run.decode(codes, "7" if name == "conditional" else None)
    assert np.abs(images.astype(int) - expected).max() <= 1
    assert info.parity["max_differences"]["grey levels"] <= 1
    assert info.out_of_distribution == {}


def test_another_extension_is_refused(trained: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends in \.onnx\nname it digits\.onnx"):
        gn.load(trained.path).export(tmp_path / "digits.bin")


def test_a_network_that_is_too_large_for_one_file_is_refused(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "MAX_BYTES", 1000)
    with pytest.raises(ExportError, match="GB of weights"):
        gn.load(trained.path).export(tmp_path / "a.onnx")


def test_a_missing_package_is_named(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = onnx_export.metadata.version

    def version(name: str) -> str:
        if name == "onnx":
            raise onnx_export.metadata.PackageNotFoundError(name)
        return find(name)

    monkeypatch.setattr(onnx_export.metadata, "version", version)
    with pytest.raises(UsageError, match=r"onnx is not installed.*\n.*glassnet\[onnx\]"):
        gn.load(trained.path).export(tmp_path / "a.onnx")


def test_an_export_without_the_data_is_compared_on_random_inputs(
    trained: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gn.load(trained.path).ood_detector is not None
    trained.update(data=trained.info["data"] | {"name": str(tmp_path / "gone")})
    parity = gn.load(trained.path).export(tmp_path / "a.onnx").parity
    assert parity["max_differences"]["probabilities"] <= parity["tolerances"]["probabilities"]
    assert "the file is checked on random inputs" in capsys.readouterr().err
