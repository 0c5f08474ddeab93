"""runs, show, evaluate, predict, explain, report and train, with a run of real digits."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calls import Capture, done
from PIL import Image
from run_copies import copy_run

import glassnet as gn
from glassnet import config, tasks
from glassnet.cli import COMMANDS
from glassnet.data.images.load import load_images
from glassnet.drawing.paper import figure
from glassnet.errors import flag
from glassnet.findings import Finding
from glassnet.runs.folder import Run


@pytest.mark.parametrize(
    "command", ["", *COMMANDS, "train cnn", "train vae", "data show", "data list"]
)
def test_every_command_has_help(command: str, capsys: Capture) -> None:
    out, err = done(capsys, *command.split(), "--help")
    assert out.startswith(f"Usage: glassnet {command}".rstrip())
    assert err == ""
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("task", tasks.names())
def test_every_field_has_a_flag_with_help(task: str, capsys: Capture) -> None:
    out, _ = done(capsys, "train", task, "--help")
    for field, words in config.field_docs(tasks.config_type(task)).items():
        assert flag(field) in out
        assert words.split()[0] in out


def test_runs_prints_a_table(trained: Run, capsys: Capture) -> None:
    out, err = done(capsys, "runs", "--runs", trained.path.parent)
    header, row = out.splitlines()
    assert header.split("  ")[0] == "run"
    assert row.split()[:4] == [trained.name, "default", "finished", "4/4"]
    accuracy = trained.info["results"]["test"]["accuracy"]
    assert f"{100 * accuracy:.2f} %" in row
    assert err == ""


def test_runs_as_json_is_the_content_of_run_json(trained: Run, capsys: Capture) -> None:
    out, _ = done(capsys, "runs", "--json", "--runs", trained.path.parent)
    assert json.loads(out) == [trained.info]
    out, err = done(capsys, "runs", "--json", "--runs", trained.path)
    assert (json.loads(out), err) == ([], "")


def test_without_runs_there_is_a_note_on_stderr(capsys: Capture, tmp_path: Path) -> None:
    out, err = done(capsys, "runs", "--runs", tmp_path)
    assert out == ""
    assert "glassnet train" in err


def test_show_prints_the_results_of_a_run(trained: Run, capsys: Capture) -> None:
    out, err = done(capsys, "show", trained.path)
    results = trained.info["results"]["test"]
    assert re.search(r"^trained on +digits: 1,100 train, 100 valid, 300 test$", out, re.MULTILINE)
    assert results["numbers"]
    for label, value, note in results["numbers"]:
        assert re.search(rf"^{label} +{re.escape(f'{value}  ({note})')}$", out, re.MULTILINE)
    assert f"{100 * results['accuracy']:.2f} %" in out
    assert re.search("^best epoch +[1-4] of 4$", out, re.MULTILINE)
    assert re.search(
        r"^cached +weights of 5 epochs \([0-9.]+ MB\), training dynamics of", out, re.M
    )
    assert trained.info["command"] in out
    assert err == ""
    out, _ = done(capsys, "show", trained.name, "--runs", trained.path.parent, "--json")
    assert json.loads(out) == trained.info


def test_evaluate_computes_the_test_results(trained: Run, capsys: Capture) -> None:
    before = trained.info["results"]["test"]
    out, _ = done(capsys, "evaluate", trained.path, "--json")
    assert json.loads(out) == before
    trained.update(results={})
    out, _ = done(capsys, "evaluate", trained.path)
    assert re.search(f"^Test accuracy +{100 * before['accuracy']:.2f} % ", out, re.MULTILINE)
    assert Run.open(trained.path).info["results"]["test"] == before


@pytest.fixture
def folder(trained: Run, tmp_path: Path) -> Path:
    """The first twelve test digits as PNG files, and something else."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number, image in enumerate(load_images("digits", seed=0).test.inputs[:12]):
        Image.fromarray(image).save(folder / f"{number:02}.PNG")
    (folder / "notes.txt").write_text("no image")
    return folder


def test_predict_classifies_image_files(trained: Run, folder: Path, capsys: Capture) -> None:
    out, err = done(capsys, "predict", trained.path, folder, "--json")
    rows = json.loads(out)
    assert [Path(row["file"]).name for row in rows] == [f"{number:02}.PNG" for number in range(12)]
    labels = load_images("digits", seed=0).test.labels[:12]
    right = np.array([row["class"] for row in rows]) == labels.astype(str)
    assert right.mean() >= 0.8
    for row in rows:
        assert row["probabilities"][0] == [row["class"], row["probability"]]
        assert len(row["probabilities"]) == 3
        assert row["probabilities"] == sorted(row["probabilities"], key=lambda pair: -pair[1])
    assert "Traceback" not in err


def test_predict_prints_a_line_per_file(trained: Run, folder: Path, capsys: Capture) -> None:
    files = [folder / "00.PNG", folder / "01.PNG"]
    out, _ = done(capsys, "predict", trained.path, *files, "--top", "1")
    first, second = out.splitlines()
    assert first.startswith(f"{files[0]}  7 ")
    assert first.endswith(" %")
    assert second.startswith(f"{files[1]}  ")


def test_images_of_another_size_and_colour_are_converted(
    trained: Run, folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    large = Image.open(folder / "00.PNG").resize((280, 280)).convert("RGB")
    large.save(tmp_path / "large.jpg")
    out, _ = done(capsys, "predict", trained.path, tmp_path / "large.jpg", "--json")
    assert json.loads(out)[0]["class"] == "7"


def hashes(folder: Path) -> dict[str, str]:
    """Name -> SHA-256 of each file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_explain_is_deterministic_to_the_byte(
    trained: Run, digits: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From Python and from the command line, without a cache; of the figures, two are drawn."""
    draw, names = figure.draw, []

    def draw_two(record: Finding, path: Path, *style: Any) -> list[Path]:
        names.append(record.name)
        return draw(record, path, *style) if record.name in ("network", "pca") else []

    monkeypatch.setattr(figure, "draw", draw_two)
    other = gn.load(copy_run(trained.path, tmp_path / "other"))
    other.explain(points=60)
    first, figures = hashes(other.run.findings), hashes(other.run.figures)
    drawn = {name for name in figures if name.endswith((".png", ".svg"))}
    assert drawn == {"network.png", "network.svg", "pca.png", "pca.svg"}
    assert not (trained.path / "cache").exists() or not any((trained.path / "cache").rglob("tsne*"))
    out, _ = done(capsys, "explain", trained.path, "--points", "60")
    assert hashes(trained.findings) == first
    assert hashes(trained.figures) == figures
    for name in ("training-curves", "tsne", "separability", "confusion-matrix", "animation"):
        assert names.count(name) == 2
        assert any(line.startswith(f"{name} ") for line in out.splitlines())
    assert out.splitlines()[-1].endswith(str(trained.figures))

    # Once more in the same folder, with the cache.
    for path in trained.findings.iterdir():
        path.unlink()
    done(capsys, "explain", trained.path, "--points", "60", "--method", "pca,tsne", "--seed", "0")
    assert hashes(trained.findings) == first


def test_report_prints_the_path_of_the_file(
    verifiable: Run, capsys: Capture, tmp_path: Path
) -> None:
    out, _ = done(capsys, "report", verifiable.path, "--out", tmp_path / "new" / "page.html")
    assert out == f"{tmp_path / 'new' / 'page.html'}\n"
    assert "</html>" in (tmp_path / "new" / "page.html").read_text(encoding="utf-8")


def test_a_report_makes_what_its_runs_lack(
    trained: Run, cheap_views: None, undrawn: list[str], capsys: Capture, tmp_path: Path
) -> None:
    """One was not evaluated, and the data of another are gone, which costs the others nothing."""
    unevaluated, gone = (
        Run.open(copy_run(trained.path, tmp_path / name)) for name in ("unevaluated", "gone")
    )
    with unevaluated.editing() as info:
        info |= {"status": "trained", "results": {}}
    with gone.editing() as info:
        info["data"]["name"] = str(tmp_path / "nowhere")
    page = tmp_path / "page.html"
    runs = trained.path, unevaluated.path, gone.path
    _, err = done(capsys, "report", *runs, "--out", page)
    lines = err.splitlines()
    assert re.fullmatch(
        r"3 runs have no findings yet: making them takes about \d+ (s|min)", lines[0]
    )
    assert f"{unevaluated.name} is not evaluated yet: evaluating it first" in lines
    assert any(
        line.startswith(f"{gone.name}: ") and "cannot be used any more" in line for line in lines
    )
    assert Run.open(unevaluated.path).info["status"] == "finished"
    text = page.read_text(encoding="utf-8")
    assert text.count('id="run-') > 2
    assert "It has no findings yet." in text


def test_train_prints_results_to_stdout_and_progress_to_stderr(
    digits: str, tmp_path: Path, capsys: Capture
) -> None:
    words = ["train", "cnn", "--data", digits, "--epochs", "1", "--batch-size", "400"]
    words += ["--device", "cpu", "--runs", str(tmp_path), "--channels", "4,8,8"]
    out, err = done(capsys, *words)
    assert re.search("^Test accuracy +[0-9.]+ % ", out, re.MULTILINE)
    others = re.sub("^(best epoch|cached) .*$", "", out, flags=re.MULTILINE)
    assert "epoch" not in others
    assert err.startswith("epoch 1/1   train loss ")
    out, err = done(capsys, *words, "--quiet", "--no-test")
    assert err == ""
    assert "status      trained" in out
    assert "Test accuracy" not in out


def test_python_dash_m_glassnet_runs_the_command_line() -> None:
    words = [sys.executable, "-m", "glassnet", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("glassnet ")
