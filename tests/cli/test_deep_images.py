"""Images of 12 bits from training to predictions: one scale, kept with the network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from calls import Capture, done
from PIL import Image

import glassnet as gn
from glassnet.inference.predictor import Predictor


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "scans"
    rng = np.random.default_rng(0)
    for k in range(40):
        pixels = rng.integers(0, 4096, (8, 8))
        pixels[:, :4] //= 1 + 7 * (k % 2)
        (root / "ab"[k % 2]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype(np.uint16)).save(root / "ab"[k % 2] / f"{k}.png")
    return root


@pytest.fixture(scope="module")
def run(scans: Path, tmp_path_factory: pytest.TempPathFactory) -> gn.TrainedRun:
    return gn.train("cnn", data=str(scans), epochs=1, runs=tmp_path_factory.mktemp("runs"))


def test_every_form_of_the_network_reads_as_training_did(
    run: gn.TrainedRun, scans: Path, tmp_path: Path
) -> None:
    description = json.loads((run.path / "run.json").read_text())["data"]
    assert description["value_ranges"] == {"integers": [0, 4095]}
    run.save(tmp_path / "saved")
    run.export(tmp_path / "saved.onnx")
    files = sorted(scans.glob("*/*"))
    test = run.data.test
    for path in (run.path, tmp_path / "saved", tmp_path / "saved.onnx"):
        model = gn.load(path)
        assert isinstance(model, Predictor)
        for image, number in zip(test.inputs, test.ids, strict=True):
            np.testing.assert_array_equal(model.read_input(files[number])[0], image)


def test_predict_says_which_values_are_unlike_the_training(
    run: gn.TrainedRun, scans: Path, tmp_path: Path, capsys: Capture
) -> None:
    pixels = np.random.default_rng(1).random((8, 8))
    Image.fromarray(pixels.astype(np.float32)).save(tmp_path / "float.tif")
    Image.fromarray((pixels * 60000).astype(np.uint16)).save(tmp_path / "bright.png")
    names = [str(tmp_path / "float.tif"), str(tmp_path / "bright.png"), str(scans / "a" / "0.png")]
    _, err = done(capsys, "predict", run.path, *names)
    assert f"unlike the training images, scaled by their own bit depth ({names[0]})" in err
    assert f"with values outside the range of the training images ({names[1]})" in err
