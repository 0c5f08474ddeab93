from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

import glassnet as gn
from glassnet.data.batches import Batches
from glassnet.runs import metrics_log
from glassnet.runs.folder import all_runs
from glassnet.training.loop import evaluate
from glassnet.training.setup import open_fabric

Launch = Callable[..., "subprocess.Popen[str]"]

WORDS = ["train", "cnn", "--data", "digits", "--batch-size", "100", "--channels", "8,16,16"]
WORDS += ["--runs", "runs", "--device", "cpu", "--processes", "2", "--threads", "1", "--no-test"]

ENDED = r"glassnet: process 2 of 2 has ended \(killed by SIGKILL\)"
STOPPED = r"glassnet: stopped in epoch \d+, after \d+ steps"


def children(process: subprocess.Popen[str]) -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in tasks.read_text().split()]


def child(process: subprocess.Popen[str]) -> int:
    """The other process, as soon as it is there."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if found := children(process):
            return found[0]
        time.sleep(0.01)
    raise AssertionError("there is no other process")


def has_ended(number: int) -> bool:
    """Whether a process is gone, or waits for a parent to take note, within 20 seconds."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(FileNotFoundError):
            if Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.1)
                continue
        return True
    return False


def messages(err: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith("glassnet: ")]


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds processes in /proc")
@pytest.mark.parametrize(
    ("number", "to", "code", "message", "status"),
    [
        (signal.SIGTERM, "first", 130, STOPPED, "interrupted"),
        (signal.SIGTERM, "other", 130, STOPPED, "interrupted"),
        (signal.SIGINT, "all", 130, STOPPED, "interrupted"),
        (signal.SIGKILL, "other", 1, ENDED, "interrupted"),
        (signal.SIGKILL, "first", -signal.SIGKILL, None, "training"),
    ],
    ids=lambda value: getattr(value, "name", None) or (value if value != STOPPED else None),
)
def test_all_processes_end_with_one_message(
    number: int,
    to: str,
    code: int,
    message: str | None,
    status: str,
    launch: Launch,
    tmp_path: Path,
) -> None:
    process = launch(*WORDS, "--epochs", "500", start_new_session=True)
    assert process.stderr is not None
    next(line for line in process.stderr if line.startswith("epoch "))
    other = child(process)
    if to == "all":  # as Ctrl-C does
        os.killpg(process.pid, number)
    else:
        os.kill(other if to == "other" else process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert len(messages(err)) == (message is not None)
    assert message is None or re.match(message, messages(err)[0])
    assert "Traceback" not in err
    assert has_ended(other)
    (run,) = all_runs(tmp_path / "runs")
    assert run.info["status"] == status


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds processes in /proc")
@pytest.mark.parametrize("seconds", [0, 1.5])
def test_the_end_of_a_process_before_training(
    seconds: float, launch: Launch, tmp_path: Path
) -> None:
    """It loads the program, or the data, and nobody waits for it to answer."""
    process = launch(*WORDS, "--epochs", "500")
    other = child(process)
    time.sleep(seconds)
    os.kill(other, signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(messages(err)) == 1
    assert re.match(ENDED, messages(err)[0])


def test_two_processes_train_one_network(digits: str, launch: Launch, tmp_path: Path) -> None:
    words = [word for word in WORDS if word != "--no-test"]
    process = launch(*words, "--epochs", "3")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert len(re.findall(r"^status +finished$", out, re.M)) == 1, "one process speaks"
    assert err.count("epoch 1/3") == 1
    (run,) = all_runs(tmp_path / "runs")
    assert run.info["config"]["processes"] == 2
    assert run.info["results"]["test"]["n"] == 300
    assert run.info["results"]["test"]["accuracy"] > 0.6
    rows = metrics_log.read(run.metrics)
    assert rows["epoch"].tolist() == [1, 2, 3]
    assert rows["step"].tolist() == [11, 22, 33], "both share each batch"
    model = gn.load(run.path).model
    config, splits = model.config, model.data.splits
    batches = Batches(model.task.tensors(splits.valid, config, model.signature), 500, None)
    with open_fabric(replace(config, processes=1)) as fabric:
        means = evaluate(fabric, model.task, config, model.network, batches)
    saved = rows["valid_loss"][model.best_epoch - 1]
    assert means["loss"] == pytest.approx(saved, 1e-5), "validation was of the saved network"
