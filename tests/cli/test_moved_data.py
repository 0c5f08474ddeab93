"""Runs whose data were moved, changed or deleted since their training."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from calls import Capture, call, done, refused, two_lines
from PIL import Image

import glassnet as gn
from glassnet.export.onnx_predictor import OnnxPredictor
from glassnet.runs.folder import Run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("cheap_views", "undrawn")]

VERBS = (
    ("evaluate", "RUN"),
    ("explain", "RUN", "--method", "pca", "--points", "20"),
    ("export", "RUN", "--parity", "test"),
    ("train", "--resume", "RUN"),
)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("first")
    random = np.random.default_rng(0)
    for k in range(60):
        path = root / "photos" / "ab"[k % 2] / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 128 + 127 * (k % 2), (8, 8), np.uint8)).save(path)
    run = gn.train("cnn", data=str(root / "photos"), epochs=1, runs=root, evaluate=False)
    return run.path


@pytest.fixture
def run(first_run: Path, tmp_path: Path) -> Run:
    """A run whose data are gone; those are in `tmp_path / "new"`."""
    shutil.copytree(first_run.parent / "photos", tmp_path / "new")
    shutil.copytree(first_run, tmp_path / "run")
    run = Run.open(tmp_path / "run")
    run.update(data=run.info["data"] | {"name": str(tmp_path / "old")}, status="interrupted")
    return run


@pytest.mark.parametrize("words", VERBS, ids=lambda words: words[0])
def test_the_path_is_named_and_the_new_place_taken(
    words: tuple[str, ...], run: Run, tmp_path: Path, capsys: Capture
) -> None:
    words = tuple(str(run.path) if word == "RUN" else word for word in words)
    message, hint = refused(capsys, *words)
    assert message.startswith(f"{run.name} was trained on {tmp_path / 'old'}, which cannot be used")
    assert "there is no such file or folder" in message
    assert "--data" in hint
    message, hint = refused(capsys, *words, "--data", tmp_path / "nowhere")
    assert message == f"'{tmp_path / 'nowhere'}': there is no such file or folder"
    done(capsys, *words, "--data", tmp_path / "new")
    (tmp_path / "new" / "a" / "0.png").unlink()
    if words[0] == "evaluate":  # another verb may need the cached predictions alone
        shutil.rmtree(run.path / "cache")
        out, _ = done(capsys, *words, "--data", tmp_path / "new")
        assert out.startswith("On new, "), "changed data are another data set"


def test_report_explains_first(run: Run, tmp_path: Path, capsys: Capture) -> None:
    code, _, err = call(capsys, "report", run.path)
    assert code == 2
    first = err.splitlines()[0]
    assert re.fullmatch(
        r"run has no findings yet: explaining it first \(about \d+ (s|min)\)", first
    )
    message, _ = two_lines("\n".join(err.splitlines()[1:]))
    assert "was trained on" in message
    out, err = done(capsys, "report", run.path, "--data", tmp_path / "new")
    assert "explaining it first" in err
    assert Path(out.strip()).read_text(encoding="utf-8").startswith("<!doctype html>")
    _, err = done(capsys, "report", run.path)
    assert "explaining" not in err


def test_verify_takes_the_new_place(run: Run, tmp_path: Path, capsys: Capture) -> None:
    new = tmp_path / "new"
    done(capsys, "evaluate", run.path, "--data", new)
    done(capsys, "explain", run.path, "--method", "pca", "--points", "20", "--data", new)
    message, _ = refused(capsys, "report", run.path, "--verify")
    assert "was trained on" in message
    out, _ = done(capsys, "report", run.path, "--verify", "--data", new)
    assert "agree" in out


def test_python_takes_the_new_place(run: Run, tmp_path: Path) -> None:
    assert gn.load(run.path, data=tmp_path / "new").evaluate()["n"] == 6
    assert gn.resume(run, data=tmp_path / "new").info["status"] == "finished"


def test_an_export_needs_no_data(run: Run, tmp_path: Path, capsys: Capture) -> None:
    out, err = done(capsys, "export", run.path, "--out", tmp_path / "a.onnx")
    assert "checked on          500 random inputs" in out
    assert "the file is checked on random inputs" in err
    _, err = done(capsys, "export", run.path, "--parity", "random")
    assert "the file is checked on" not in err
    images = np.random.default_rng(0).integers(0, 256, (5, 8, 8), np.uint8)
    np.testing.assert_allclose(
        OnnxPredictor(tmp_path / "a.onnx").predict_proba(images),
        gn.load(run.path).predict_proba(images),
        atol=1e-5,
    )


def test_data_for_several_runs_are_refused(run: Run, tmp_path: Path, capsys: Capture) -> None:
    message, _ = refused(capsys, "report", run.path, run.path, "--data", tmp_path / "new")
    assert message == "--data is for one run, and there are 2"
