"""export, and predict with what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from calls import Capture, call, done, refused, two_lines
from generators import generator
from PIL import Image

import glassnet as gn
from glassnet.export import parity
from glassnet.runs.folder import Run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of one's own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def test_the_largest_difference_is_printed(trained: Run, capsys: Capture) -> None:
    out, err = done(capsys, "export", trained.path, "--format", "onnx")
    first, *measures, last = out.splitlines()
    assert first == str(trained.path / "model.onnx")
    assert len(measures) == 3
    assert all(line.startswith("largest difference  ") for line in measures)
    assert measures[0].endswith(" in probabilities (tolerated: 1e-05)")
    assert last == "checked on          300 examples, by ONNX Runtime"
    assert err == ""


def test_json_has_all_that_the_file_says(reader: Run, here: Path, capsys: Capture) -> None:
    out, _ = done(capsys, "export", reader.path, "--out", "new/reader.onnx", "--json")
    info = json.loads(out)
    assert info["file"] == "new/reader.onnx"
    assert info["class_names"] == ["negative", "positive"]
    assert info["parity"]["largest"]["probabilities"] < 1e-5
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
    assert "answers otherwise than the network: probabilities differ by up to" in message
    assert "no file was written" in hint
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["--format", "torchscript"], "torch has given TorchScript up", "--format onnx"),
        (["--format", "torch"], "are pickled", "--format onnx"),
        (["--format", "onx"], "there is no format 'onx'", "did you mean onnx?"),
        (["--out", "a.bin"], "a.bin: a network is written as ONNX", "name it a.onnx"),
    ],
)
def test_what_cannot_be_exported(
    words: list[str], message: str, hint: str, trained: Run, here: Path, capsys: Capture
) -> None:
    said = refused(capsys, "export", trained.path, *words)
    assert message in said[0]
    assert hint in said[1]
    assert list(here.iterdir()) == []


def test_predict_asks_the_file_as_it_asks_the_run(
    trained: Run, here: Path, capsys: Capture
) -> None:
    run = gn.load(trained.path)
    run.export(here / "digits.onnx")
    for number, image in enumerate(run.evidence.test.inputs[:5]):
        Image.fromarray(image).save(here / f"{number}.png")
    for more in ([], ["--json"], ["--csv", "-"]):
        by_run, _ = done(capsys, "predict", trained.path, "*.png", *more)
        by_file, _ = done(capsys, "predict", "digits.onnx", "*.png", *more)
        assert by_file == by_run


def test_predict_asks_no_file_that_only_draws(
    digits: str, here: Path, tmp_path_factory: pytest.TempPathFactory, capsys: Capture
) -> None:
    generator("plain", here, tmp_path_factory).export(here / "draws.onnx")
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(here / "a.png")
    said = refused(capsys, "predict", "draws.onnx", "a.png")
    assert "draws.onnx: draws images from codes" in said[0]


def test_predict_says_what_is_wrong_with_a_file(here: Path, capsys: Capture) -> None:
    assert "none.onnx: there is no such file" in refused(capsys, "predict", "none.onnx", "a")[0]
    (here / "a.onnx").write_text("x")
    assert "a.onnx: cannot be opened" in refused(capsys, "predict", "a.onnx", "a")[0]
