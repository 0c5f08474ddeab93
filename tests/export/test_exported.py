"""Exported networks as Python has them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from generators import generator

import glassnet as gn
from glassnet.errors import DataError, UsageError
from glassnet.export.onnx_predictor import Exported
from glassnet.runs.folder import Run


@pytest.fixture
def digits_file(trained: Run, tmp_path: Path) -> Path:
    gn.load(trained.path).export(tmp_path / "digits.onnx")
    return tmp_path / "digits.onnx"


@pytest.fixture
def reader_file(reader: Run, tmp_path: Path) -> Path:
    gn.load(reader.path).export(tmp_path / "reader.onnx")
    return tmp_path / "reader.onnx"


def test_it_answers_as_its_run(digits_file: Path, trained: Run) -> None:
    run, file = gn.load(trained.path), Exported(digits_file)
    images = run.evidence.test.inputs
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


def test_texts_of_all_lengths_in_their_order(reader_file: Path, reader: Run) -> None:
    run, file = gn.load(reader.path), Exported(reader_file)
    texts = [f"{'the film was a ' * (k % 60)}{('good', 'bad')[k % 2]}" for k in range(300)]
    np.testing.assert_allclose(file.predict_proba(texts), run.predict_proba(texts), atol=1e-5)


@pytest.mark.parametrize(
    "inputs",
    [np.zeros((2, 28, 28)), np.zeros((2, 27, 28), np.uint8), np.zeros((2, 28, 28, 3), np.uint8)],
)
def test_inputs_that_do_not_fit(digits_file: Path, inputs: np.ndarray) -> None:
    with pytest.raises(UsageError):
        Exported(digits_file).predict(inputs)


def test_a_generator_names_no_classes(
    digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    generator("plain", tmp_path, tmp_path_factory).export(tmp_path / "draws.onnx")
    with pytest.raises(UsageError, match="names no classes"):
        Exported(tmp_path / "draws.onnx").predict(np.zeros((1, 28, 28), np.uint8))


def test_a_tokenizer_that_is_missing_or_another(reader_file: Path) -> None:
    beside = reader_file.with_name("reader.tokenizer.json")
    content = beside.read_text()
    beside.write_text(content.replace('"good"', '"evil"'))
    with pytest.raises(DataError, match=r"not the tokenizer that was exported with reader\.onnx"):
        Exported(reader_file)
    beside.unlink()
    with pytest.raises(DataError, match=r"reader\.onnx reads texts by"):
        Exported(reader_file)


def test_what_is_no_exported_network(digits_file: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        Exported(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(DataError, match="cannot be opened as an ONNX file"):
        Exported(tmp_path / "text.onnx")
    (tmp_path / "torn.onnx").write_bytes(digits_file.read_bytes()[:5000])
    with pytest.raises(DataError, match="cannot be opened as an ONNX file"):
        Exported(tmp_path / "torn.onnx")
    model = onnx.load(digits_file)
    del model.metadata_props[:]
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(DataError, match=r"other\.onnx: not exported by glassnet"):
        Exported(tmp_path / "other.onnx")
