"""Errors of the command line: two lines, and an exit code that scripts can rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calls import Capture, call, refused

from glassnet import png
from glassnet.cli import COMMANDS, main, runs as runs_command
from glassnet.runs.folder import Run


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("trian cnn", "there is no command 'trian'", "did you mean train?"),
        ("--verson", "No such option", "did you mean --version?"),
        ("train", "glassnet train needs a task", "give cnn, "),
        ("train cnnn", "there is no task 'cnnn'", "did you mean cnn?"),
        ("train cnn --preset papr", "cnn has no preset 'papr'", "did you mean paper?"),
        ("train cnn --epoch 3", "No such option '--epoch'", "did you mean --epochs?"),
        ("train cnn --lr 0.1", "No such option '--lr'", "did you mean --learning-rate?"),
        ("train vae --dataset mnist", "No such option '--dataset'", "did you mean --data?"),
        ("predict x y --topk 3", "No such option '--topk'", "did you mean --top?"),
        ("train --lr 3", "No such option '--lr'", "options of the training follow the task"),
        ("train cnn --epochs three", "'three' is not a valid integer", "train cnn --help"),
        ("train cnn --epochs 0", "epochs = 0 is out of bounds", "give 1 or more"),
        ("train cnn --dropout 1", "dropout = 1.0 is out of bounds", "give from 0 to"),
        ("train cnn --optimizer adma", "--optimizer adma", "did you mean adam?"),
        ("train cnn --kernel-size 4", "--kernel-size 4", "known: 3, 5, 7"),
        ("train cnn --channels 8,x,8", "--channels 8,x,8: not a list of integers", "24,48,96"),
        (
            "train cnn --data mnits",
            "there is no data set, file or folder named 'mnits'",
            "did you mean mnist?",
        ),
        ("train cnn --config none.toml", "none.toml: cannot be read", "--config"),
        ("train vae --latent-dim 0", "latent_dim = 0 is out of bounds", "give from 1 to 4096"),
        ("train vae --latent-dim two", "'two' is not a valid integer", "train vae --help"),
        ("train vae --likelihood bernouli", "--likelihood bernouli", "did you mean bernoulli?"),
        ("train vae --conditional yes", "unexpected extra argument", "train vae --help"),
        ("train vae --nll-examples 1", "nll_examples = 1 is out", "give 2 or more"),
        ("train cnn extra", "unexpected extra argument", "train cnn --help"),
        ("train --resume nothing", "there is no run 'nothing'", "there are none yet"),
        ("show", "Missing argument 'RUN'", "see glassnet show --help"),
        ("show nothing", "there is no run 'nothing'", "there are none yet"),
        ("explain nothing", "there is no run 'nothing'", "there are none yet"),
        ("evaluate nothing", "there is no run 'nothing'", "there are none yet"),
        ("predict nothing a.png", "there is no run 'nothing'", "there are none yet"),
        ("generate nothing --out a.png", "there is no run 'nothing'", "there are none yet"),
        ("generate", "Missing argument 'RUN|MODEL_FOLDER'", "see glassnet generate --help"),
        ("generate nothing", "Missing option '--out'", "see glassnet generate --help"),
        ("report nothing", "there is no run 'nothing'", "there are none yet"),
        ("report", "Missing argument 'RUN...'", "see glassnet report --help"),
        (
            "data show mnits",
            "there is no data set, file or folder named 'mnits'",
            "did you mean mnist?",
        ),
        ("data shwo mnist", "there is no data command 'shwo'", "did you mean show?"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_written(
    line: str,
    message: str,
    hint: str,
    capsys: Capture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = refused(capsys, *line.split())
    assert message.lower() in printed[0].lower()
    assert hint in printed[1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["explain", "RUN", "--layers", "pol1"], "no layer 'pol1'", "did you mean pool1?"),
        (["explain", "RUN", "--method", "tnse"], "no projection 'tnse'", "did you mean tsne?"),
        (["explain", "RUN", "--points", "3"], "3 points are too few", "give 20 or more"),
        (["explain", "RUN", "--seed", "-1"], "seed -1 is negative", "give 0 or more"),
        (["explain", "RUN", "--width", "3.25"], "the width '3.25' is no length", "3.25in"),
        (["explain", "RUN", "--format", "pdf,jpg"], "there is no format 'jpg'", "png"),
        (["predict", "RUN"], "Missing argument 'FILE...'", "see glassnet predict --help"),
        (["predict", "RUN", "none.png"], "none.png: there is no such file", "check the path"),
        (["predict", "RUN", "text.png"], "text.png: unknown image format", "PNG"),
        (["predict", "RUN", "empty"], "empty: there is no image in this folder", "PNG"),
        (
            ["generate", "RUN", "--out", "a.png"],
            "(cnn) does not generate images",
            "use an image generator",
        ),
        (["evaluate", "RUN", "--samples", "9"], "without samples", "leave out --samples"),
        (["evaluate", "RUN", "--examples", "9"], "without samples", "leave out --samples"),
        (["predict", "RUN", "digit.png", "--out", "x"], "--out is for networks", "remove it"),
        (
            ["explain", "RUN", "--reference-classifier", "none"],
            "there is no run 'none'",
            "known: cnn-digits",
        ),
        (["train", "--resume", "RUN"], "is finished", "glassnet show"),
        (
            ["train", "--resume", "RUN", "cnn"],
            "--resume takes the task from the run",
            "remove 'cnn'",
        ),
        (["show", "RUNx"], "there is no run", "did you mean cnn-digits?"),
    ],
)
def test_wrong_arguments_for_a_run_are_refused(
    words: list[str],
    message: str,
    hint: str,
    trained: Run,
    capsys: Capture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLASSNET_RUNS", str(trained.path.parent))
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "digit.png").write_bytes(png.encode(np.zeros((28, 28), np.uint8)))
    (tmp_path / "empty").mkdir()
    printed = refused(capsys, *(word.replace("RUN", trained.name) for word in words))
    assert message in printed[0]
    assert hint in printed[1]
    assert not (tmp_path / "a.png").exists()


def test_a_damaged_run_json_is_refused(trained: Run, capsys: Capture) -> None:
    (trained.path / "run.json").write_text("{")
    message, _ = refused(capsys, "show", trained.path)
    assert "run.json: cannot be read" in message


def test_an_incomplete_run_json_is_refused(trained: Run, capsys: Capture) -> None:
    """It may be edited by hand, or interrupted: that is no bug of glassnet."""
    (trained.path / "run.json").write_text(json.dumps({"format": 1, "task": "cnn"}))
    for words in (["show"], ["explain"], ["evaluate"]):
        message, _ = refused(capsys, *words, trained.path)
        assert "run.json" in message


def test_an_invalid_run_does_not_hide_the_others(trained: Run, capsys: Capture) -> None:
    odd = trained.path.parent / "odd"
    odd.mkdir()
    for info in ({"task": "cnn"}, {"task": "cnn", "results": None, "config": None}):
        (odd / "run.json").write_text(json.dumps(info))
        code, out, _ = call(capsys, "runs", "--runs", trained.path.parent)
        assert code == 0
        assert trained.name in out


def test_an_error_names_the_environment_variable(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_THREADS", "many")
    message, _ = refused(capsys, "train", "cnn")
    assert "the environment: threads = 'many'" in message


def test_glassnet_without_arguments_lists_the_commands(capsys: Capture) -> None:
    _, out, err = call(capsys)
    for command in COMMANDS:
        assert command in out + err


def test_a_bug_gives_two_lines_or_a_traceback_with_glassnet_debug(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any) -> None:
        raise KeyError("a\nb")

    monkeypatch.setattr(runs_command, "all_runs", fail)
    code, out, err = call(capsys, "runs")
    assert (code, out) == (1, "")
    first, second = err.splitlines()
    assert first.startswith("glassnet: unexpected KeyError: ")
    assert "GLASSNET_DEBUG=1" in second
    monkeypatch.setenv("GLASSNET_DEBUG", "1")
    with pytest.raises(KeyError):
        main(["runs"])


def test_an_exception_without_a_message_gives_two_lines(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error in (ValueError(), ValueError("  \n "), MemoryError()):

        def fail(*arguments: Any, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(runs_command, "all_runs", fail)
        code, _, err = call(capsys, "runs")
        assert code == 1
        assert len(err.splitlines()) == 2


def test_ctrl_c_gives_exit_code_130(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runs_command, "all_runs", interrupt)
    code, out, err = call(capsys, "runs")
    assert (code, out) == (130, "")
    assert err.strip().splitlines() == [
        "glassnet: interrupted",
        "  run the command again to complete it",
    ]


def test_a_closed_stdout_is_no_error(trained_folder: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "glassnet",
        "runs",
        "--json",
        "--runs",
        str(trained_folder.parent),
    ]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


INTERRUPTED_IN_A_FINALIZER = """
import signal, sys, time, types
from glassnet import cli

class Dropped:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

@cli.glassnet.command()
def wait():
    Dropped()
    time.sleep(60)

cli.COMMANDS["wait"] = "Wait."
sys.modules["glassnet.cli.wait"] = types.SimpleNamespace(command=wait)
cli.main()
"""


def test_ctrl_c_within_a_finalizer_interrupts_the_command_after_it() -> None:
    words = [sys.executable, "-c", INTERRUPTED_IN_A_FINALIZER, "wait"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stderr) == (
        130,
        "glassnet: interrupted\n  run the command again to complete it\n",
    )
