"""Predictions of exported ONNX files from Python, and files that are refused."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import onnx
import pytest
from generators import generator

import glassnet as gn
from glassnet.errors import DataError, UsageError
from glassnet.export.onnx_predictor import OnnxPredictor
from glassnet.runs.folder import Run


@pytest.fixture
def digits_file(trained: Run, tmp_path: Path) -> Path:
    gn.load(trained.path).export(tmp_path / "digits.onnx")
    return tmp_path / "digits.onnx"


@pytest.fixture
def text_file(text_classifier: Run, tmp_path: Path) -> Path:
    gn.load(text_classifier.path).export(tmp_path / "reader.onnx")
    return tmp_path / "reader.onnx"


def test_its_predictions_are_those_of_the_run(digits_file: Path, trained: Run) -> None:
    run, file = gn.load(trained.path), OnnxPredictor(digits_file)
    images = run.data.test.inputs
    np.testing.assert_allclose(file.predict_proba(images), run.predict_proba(images), atol=1e-5)
    np.testing.assert_array_equal(file.predict(images), run.predict(images))
    np.testing.assert_array_equal(file.predict(images[..., None]), run.predict(images))
    assert (file.class_names, file.false_positive_rate, file.output_names) == (
        run.class_names,
        run.false_positive_rate,
        run.output_names,
    )
    assert set(file.outputs(images[:2])) == {"probabilities"}
    assert set(file.outputs(images[:2], ood_scores=True)) == {"probabilities", "ood_score"}


def test_predictions_of_texts_are_in_the_order_of_the_texts(
    text_file: Path, text_classifier: Run
) -> None:
    run, file = gn.load(text_classifier.path), OnnxPredictor(text_file)
    texts = [f"{'the film was a ' * (k % 60)}{('good', 'bad')[k % 2]}" for k in range(300)]
    np.testing.assert_allclose(file.predict_proba(texts), run.predict_proba(texts), atol=1e-5)


@pytest.mark.parametrize(
    "inputs",
    [np.zeros((2, 28, 28)), np.zeros((2, 27, 28), np.uint8), np.zeros((2, 28, 28, 3), np.uint8)],
)
def test_inputs_of_another_shape_or_type_are_refused(digits_file: Path, inputs: np.ndarray) -> None:
    with pytest.raises(UsageError):
        OnnxPredictor(digits_file).predict(inputs)


def test_an_image_generator_does_not_predict_classes(
    digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    generator("plain", tmp_path, tmp_path_factory).export(tmp_path / "decoder.onnx")
    with pytest.raises(UsageError, match="does not predict classes"):
        OnnxPredictor(tmp_path / "decoder.onnx").predict(np.zeros((1, 28, 28), np.uint8))


def test_a_renamed_file_finds_its_tokenizer(text_file: Path) -> None:
    before = OnnxPredictor(text_file).predict_proba(["a good film"])
    (text_file.parent / "another.tokenizer.json").write_text("{}")
    renamed = text_file.rename(text_file.with_name("film-reviews.onnx"))
    np.testing.assert_array_equal(OnnxPredictor(renamed).predict_proba(["a good film"]), before)
    tokenizer = text_file.with_name("reader.tokenizer.json")
    tokenizer.rename(text_file.with_name("tokenizer.json"))
    np.testing.assert_array_equal(OnnxPredictor(renamed).predict_proba(["a good film"]), before)


def test_a_missing_or_a_changed_tokenizer_is_refused(text_file: Path) -> None:
    path = text_file.with_name("reader.tokenizer.json")
    content = path.read_text()
    path.write_text(content.replace('"good"', '"evil"'))
    with pytest.raises(DataError, match=r"not the tokenizer that was exported with reader\.onnx"):
        OnnxPredictor(text_file)
    path.unlink()
    with pytest.raises(DataError, match=r"the tokenizer of reader\.onnx is missing"):
        OnnxPredictor(text_file)


def test_no_flipped_bit_goes_unnoticed(digits_file: Path) -> None:
    content, draw = digits_file.read_bytes(), random.Random(0)
    for _ in range(100):
        damaged = bytearray(content)
        damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        digits_file.write_bytes(damaged)
        with pytest.raises(DataError, match=r"digits\.onnx: ") as caught:
            OnnxPredictor(digits_file)
        assert len(str(caught.value).splitlines()) == 2


def test_other_files_are_refused(digits_file: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        OnnxPredictor(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("a text")
    with pytest.raises(DataError, match="cannot be opened as an ONNX file"):
        OnnxPredictor(tmp_path / "text.onnx")
    (tmp_path / "torn.onnx").write_bytes(digits_file.read_bytes()[:5000])
    with pytest.raises(DataError, match="cannot be opened as an ONNX file"):
        OnnxPredictor(tmp_path / "torn.onnx")
    model = onnx.load(digits_file)
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(DataError, match=r"other\.onnx: not exported by glassnet"):
        OnnxPredictor(tmp_path / "other.onnx")
