"""Exported networks predict in an environment without torch."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import glassnet as gn
from glassnet.runs.folder import Run

pytestmark = pytest.mark.slow

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy.md"

PACKAGES = ("click", "numpy", "PIL", "tokenizers", "onnxruntime", "flatbuffers", "google")
"""The packages that predicting needs; `google` contains protobuf."""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with only those packages, in the installed versions."""
    root = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
    purelib = Path(sysconfig.get_path("purelib", vars={"base": str(root)}))
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.submodule_search_locations
        place = Path(next(iter(spec.submodule_search_locations)))
        (purelib / name).symlink_to(place)
    return root / "bin" / "python"


def execute(
    python: Path, *arguments: str | Path, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    source = str(Path(gn.__file__).parents[1])
    return subprocess.run(
        [str(python), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env={"PYTHONPATH": source, "PATH": os.environ["PATH"]},
    )


def predict(python: Path, *arguments: str | Path, stdin: str = "") -> str:
    done = execute(python, "-m", "glassnet", "predict", *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_environment_has_no_torch(python: Path) -> None:
    for name in ("torch", "sklearn", "rich"):
        assert execute(python, "-c", f"import {name}").returncode != 0


def test_predictions_of_images_are_those_of_the_run(
    python: Path, trained: Run, tmp_path: Path
) -> None:
    run = gn.load(trained.path)
    run.export(tmp_path / "digits.onnx")
    digits = run.data.test.inputs[:40]
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    (tmp_path / "images").mkdir()
    for number, image in enumerate([*digits, noise]):
        Image.fromarray(image).save(tmp_path / "images" / f"{number:02}.png")
    rows = json.loads(predict(python, tmp_path / "digits.onnx", tmp_path / "images", "--json"))
    found = run.outputs(np.stack([*digits, noise]), ood_scores=True)
    probabilities, scores = found["probabilities"], found["ood_score"]
    assert [row["probability"] for row in rows] == pytest.approx(probabilities.max(1), abs=1e-5)
    assert [row["ood_score"] for row in rows] == pytest.approx(scores, abs=1e-2, rel=1e-3)
    assert [row["class"] for row in rows] == [run.class_names[k] for k in probabilities.argmax(1)]
    assert rows[-1]["out_of_distribution"]


def test_predictions_of_texts_are_those_of_the_run(
    python: Path, text_classifier: Run, reviews: Path, tmp_path: Path
) -> None:
    run = gn.load(text_classifier.path)
    run.export(tmp_path / "reviews.onnx")
    rows = list(csv.DictReader(io.StringIO(predict(python, tmp_path / "reviews.onnx", reviews))))
    probabilities = run.predict_proba([row["text"] for row in rows])
    assert [float(row["probability"]) for row in rows] == pytest.approx(
        probabilities.max(1), abs=1e-5
    )
    lines = predict(python, tmp_path / "reviews.onnx", "-", "--csv", "-", stdin="good\n\nbad\n")
    assert [line.split(",")[:3] for line in lines.splitlines()] == [
        ["source", "text", "class"],
        ["line 1", "good", "positive"],
        ["line 2", "", ""],
        ["line 3", "bad", "negative"],
    ]


def blocks() -> list[str]:
    """The scripts of the page on deployment, which do not need glassnet, either."""
    return re.findall(r"^```py\n(.*?)^```", DEPLOY.read_text(), re.M | re.S)


def test_the_documented_script_for_images_works(python: Path, trained: Run, tmp_path: Path) -> None:
    run = gn.load(trained.path)
    run.export(tmp_path / "digits.onnx")
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    images = np.stack([*run.data.test.inputs[:5], noise])
    for number, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / f"{number}.png")
    lines = classified(python, tmp_path, [f"{number}.png" for number in range(6)])
    probabilities = run.predict_proba(images)
    for line, row in zip(lines, probabilities, strict=True):
        path, name, probability, *_ = line.split()
        assert name == run.class_names[row.argmax()], path
        assert float(probability) == pytest.approx(row.max(), abs=1e-4)
    assert lines[-1].endswith("  out of distribution")


def unusual_images(folder: Path) -> list[str]:
    """Names of files that are transparent, rotated, panoramic, large, tiny or paletted."""
    random = np.random.default_rng(0)
    colour = random.integers(0, 256, (90, 240, 3), np.uint8)
    glass = np.dstack([colour, random.integers(0, 256, (90, 240), np.uint8)])
    drawing = np.full((40, 40, 4), 255, np.uint8)
    drawing[..., 3] = 255 * (random.random((40, 40)) < 0.2)
    exif = Image.Exif()
    exif[0x0112] = 6
    smooth = Image.fromarray(random.integers(0, 256, (9, 12, 3), np.uint8)).resize((1200, 900))
    Image.fromarray(glass).save(folder / "transparent.png")
    Image.fromarray(drawing).save(folder / "white.png")
    drawing[..., 3] = 0
    Image.fromarray(drawing).save(folder / "invisible.png")
    smooth.save(folder / "rotated.jpg", exif=exif)
    Image.fromarray(colour).save(folder / "rotated.png", exif=exif)
    Image.fromarray(colour).save(folder / "panorama.png")
    Image.fromarray(np.swapaxes(colour, 0, 1)).save(folder / "tower.webp", lossless=True)
    Image.fromarray(colour[:3, :5]).save(folder / "tiny.bmp")
    Image.fromarray(colour).quantize(16).save(folder / "palette.gif", transparency=3)
    Image.fromarray(colour[..., 0] > 99).save(folder / "bilevel.tiff")
    frames = [Image.fromarray(colour[..., k]) for k in range(3)]
    frames[0].save(folder / "animation.gif", save_all=True, append_images=frames[1:])
    Image.fromarray(colour).convert("CMYK").save(folder / "print.jpg")
    deep = random.integers(0, 4000, (60, 50)).astype(np.uint16)
    Image.fromarray(deep).save(folder / "12-bit.png", exif=exif)
    Image.fromarray(deep * np.uint16(16)).save(folder / "16-bit.tiff")
    Image.fromarray((deep / 4000).astype(np.float32)).save(folder / "fractions.tiff")
    return sorted(path.name for path in folder.glob("*.*") if path.suffix not in (".onnx", ".py"))


def test_the_documented_script_reads_images_as_predict_does(
    python: Path, trained: Run, tmp_path: Path
) -> None:
    gn.load(trained.path).export(tmp_path / "digits.onnx")
    names = unusual_images(tmp_path)
    rows = json.loads(
        predict(python, tmp_path / "digits.onnx", *(tmp_path / name for name in names), "--json")
    )
    lines = classified(python, tmp_path, names)
    for name, line, row in zip(names, lines, rows, strict=True):
        assert line.split()[:2] == [name, row["class"]], name
        assert float(line.split()[2]) == pytest.approx(row["probability"], abs=1e-4), name


def test_the_documented_script_scales_deep_images_as_the_training_did(
    python: Path, tmp_path: Path
) -> None:
    """A network that was trained on 12-bit scans: the range is in the exported file."""
    random = np.random.default_rng(0)
    folder = tmp_path / "scans"
    for k in range(40):
        pixels = random.integers(0, 4096, (8, 8)) // (1 + 7 * (k % 2))
        (folder / "ab"[k % 2]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.astype(np.uint16)).save(folder / "ab"[k % 2] / f"{k}.png")
    run = gn.train("cnn", data=str(folder), epochs=1, runs=tmp_path / "runs")
    run.export(tmp_path / "digits.onnx")
    files = sorted(folder.glob("*/*"))[15:25]
    probabilities = run.predict_proba(np.concatenate([run.read_input(path) for path in files]))
    lines = classified(python, tmp_path, [str(path) for path in files])
    assert len(set(probabilities.max(1).round(3))) > 5
    for line, row in zip(lines, probabilities, strict=True):
        assert float(line.split()[2]) == pytest.approx(row.max(), abs=1e-4)


def test_each_documented_script_has_at_most_20_lines() -> None:
    for script in blocks():
        lines = [one for one in script.splitlines() if one.strip() and not one.startswith("#")]
        assert len(lines) <= 20
        assert max(map(len, lines)) <= 100


def test_the_documented_script_for_texts_works(
    python: Path, text_classifier: Run, tmp_path: Path
) -> None:
    run = gn.load(text_classifier.path)
    run.export(tmp_path / "reviews.onnx")
    special = ["bad [padding] [padding]", "[unknown]", "a [padding]", "so<br />bad", "na\u0308iv"]
    texts = ["A superb story!", "bad", "", "the film " * 30 + "was dull", *special]
    lines = deployed(python, blocks()[2], tmp_path, *texts)
    for line, row in zip(lines, run.predict_proba(texts), strict=True):
        name, probability, *_ = line.split()
        assert name == run.class_names[row.argmax()]
        assert float(probability) == pytest.approx(row.max(), abs=1e-4)


def classified(python: Path, folder: Path, names: list[str]) -> list[str]:
    """The output of the script for images, which reads them with another one."""
    reading, classifying, _ = blocks()
    (folder / "read_image.py").write_text(reading)
    return deployed(python, classifying, folder, *names)


def deployed(python: Path, script: str, folder: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [str(python), "-c", script, *arguments], cwd=folder, capture_output=True, text=True, env={}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_error_for_a_run_names_torch(python: Path, trained: Run) -> None:
    done = execute(python, "-m", "glassnet", "predict", trained.path, trained.path / "x.png")
    assert done.returncode == 1
    assert "is not installed" in done.stderr
    assert len(done.stderr.splitlines()) == 2
