from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from glassnet.runs import metrics_log
from glassnet.runs.folder import all_runs

WORDS = [
    "train",
    "cnn",
    "--data",
    "digits",
    "--batch-size",
    "100",
    "--channels",
    "8,16,16",
    "--runs",
    "runs",
    "--device",
    "cpu",
]
WORDS += ["--processes", "2", "--threads", "1", "--no-test"]


def children(process: subprocess.Popen[str]) -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in tasks.read_text().split()]


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


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds processes in /proc")
@pytest.mark.parametrize(
    ("signal_number", "to_child", "code", "message"),
    [
        (signal.SIGTERM, False, 130, r"glassnet: stopped in epoch \d+, after \d+ steps"),
        (signal.SIGKILL, True, 1, "glassnet: another process of the training has ended"),
    ],
    ids=["SIGTERM", "a killed process"],
)
def test_all_processes_end_with_one_message(
    signal_number: int,
    to_child: bool,
    code: int,
    message: str,
    launch: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
) -> None:
    process = launch(*WORDS, "--epochs", "500")
    assert process.stderr is not None
    next(line for line in process.stderr if line.startswith("epoch "))
    (child,) = children(process)
    os.kill(child if to_child else process.pid, signal_number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    lines = [line for line in err.splitlines() if line.startswith("glassnet: ")]
    assert len(lines) == 1
    assert re.match(message, lines[0])
    assert has_ended(child)
    (run,) = all_runs(tmp_path / "runs")
    assert run.info["status"] == "interrupted"


def test_two_processes_train_one_network(
    launch: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    words = "train cnn --data digits --epochs 3 --batch-size 100 --channels 8,16,16 --runs runs"
    process = launch(*words.split(), "--device", "cpu", "--processes", "2", "--threads", "1")
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
