"""export, and predict with the ONNX file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from calls import Capture, call, done, refused, two_lines
from generators import generator
from PIL import Image

import glassnet as gn
from glassnet.export import parity
from glassnet.runs.folder import Run

NUMBER = re.compile(r"[0-9]+\.[0-9]+(?:e-[0-9]+)?")


pytestmark = pytest.mark.usefixtures("here")


def test_the_largest_difference_is_printed(trained: Run, capsys: Capture) -> None:
    out, err = done(capsys, "export", trained.path, "--format", "onnx")
    first, *measures, last = out.splitlines()
    assert first == str(trained.path / "model.onnx")
    assert len(measures) == 3
    assert all(line.startswith("largest difference  ") for line in measures)
    assert measures[0].endswith(" in probabilities (tolerance: 1e-05)")
    assert last == "checked on          300 test examples, with ONNX Runtime"
    assert err == ""


def test_json_has_the_metadata_of_the_file(
    text_classifier: Run, here: Path, capsys: Capture
) -> None:
    out, _ = done(capsys, "export", text_classifier.path, "--out", "new/reader.onnx", "--json")
    info = json.loads(out)
    assert info["file"] == "new/reader.onnx"
    assert info["class_names"] == ["negative", "positive"]
    assert info["parity"]["max_differences"]["probabilities"] < 1e-5
    assert {path.name for path in (here / "new").iterdir()} == {
        "reader.onnx",
        "reader.tokenizer.json",
    }


def test_a_mismatch_fails_and_leaves_no_file(
    trained: Run, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setitem(parity.TOLERANCES, "probabilities", 1e-12)
    code, out, err = call(capsys, "export", trained.path, "--out", "a.onnx")
    assert (code, out) == (1, "")
    message, hint = two_lines(err)
    assert "differs from the network: probabilities by up to" in message
    assert "no file was written" in hint
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["--format", "torchscript"], "TorchScript is deprecated", "--format onnx"),
        (["--format", "torch"], "writes pickles", "--format onnx"),
        (["--format", "onx"], "--format onx: unknown format", "did you mean onnx?"),
        (["--out", "a.bin"], "a.bin: the file of an ONNX export ends in .onnx", "name it a.onnx"),
    ],
)
def test_wrong_arguments_of_export_are_refused(
    words: list[str], message: str, hint: str, trained: Run, here: Path, capsys: Capture
) -> None:
    printed = refused(capsys, "export", trained.path, *words)
    assert message in printed[0]
    assert hint in printed[1]
    assert list(here.iterdir()) == []


def test_an_onnx_file_predicts_like_its_run(trained: Run, here: Path, capsys: Capture) -> None:
    run = gn.load(trained.path)
    run.export(here / "digits.onnx")
    for number, image in enumerate(run.data.test.inputs[:5]):
        Image.fromarray(image).save(here / f"{number}.png")
    for more in ([], ["--json"], ["--csv", "-"]):
        by_run, _ = done(capsys, "predict", trained.path, "*.png", *more)
        by_file, _ = done(capsys, "predict", "digits.onnx", "*.png", *more)
        assert NUMBER.sub("", by_file) == NUMBER.sub("", by_run)
        numbers = [float(text) for text in NUMBER.findall(by_run)]
        assert [float(text) for text in NUMBER.findall(by_file)] == pytest.approx(
            numbers, abs=2e-6 if more else 0.11
        )


def test_predict_refuses_an_exported_decoder(
    digits: str, here: Path, tmp_path_factory: pytest.TempPathFactory, capsys: Capture
) -> None:
    generator("plain", here, tmp_path_factory).export(here / "decoder.onnx")
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(here / "a.png")
    printed = refused(capsys, "predict", "decoder.onnx", "a.png")
    assert "decoder.onnx: a decoder" in printed[0]


def test_predict_refuses_missing_and_damaged_files(here: Path, capsys: Capture) -> None:
    assert "none.onnx: there is no such file" in refused(capsys, "predict", "none.onnx", "a")[0]
    (here / "a.onnx").write_text("x")
    assert "a.onnx: cannot be opened" in refused(capsys, "predict", "a.onnx", "a")[0]
