"""The process that waits for the next training, with its imports done."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from glassnet.web import processes, trainings

pytestmark = pytest.mark.slow


@pytest.fixture
def spare(tmp_path: Path) -> Iterator[processes.Spare]:
    spare = processes.Spare(tmp_path / "runs")
    spare.prepare()
    yield spare
    spare.close()


def test_it_runs_the_command_that_it_is_given(spare: processes.Spare) -> None:
    started = spare.take(["show", "nothing"])
    assert started is not None
    assert spare.take(["show", "nothing"]) is None
    assert started.process.wait(120) == 2
    with started.messages as messages:
        messages.seek(0)
        assert b"glassnet: " in messages.read()


def test_it_ends_with_whoever_has_started_it(tmp_path: Path) -> None:
    lines = (
        "import sys, time; from pathlib import Path; from glassnet.web import processes",
        "spare = processes.Spare(Path(sys.argv[1])); spare.prepare()",
        "print(spare.waiting.process.pid, flush=True); time.sleep(60)",
    )
    command = [sys.executable, "-c", "\n".join(lines), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        waiting = int(server.stdout.readline())
        os.kill(waiting, 0)
        server.kill()
    end = time.monotonic() + 120
    while _runs(waiting):
        assert time.monotonic() < end, "it does not end"
        time.sleep(0.1)


def test_a_dead_one_is_replaced(spare: processes.Spare) -> None:
    first = spare.waiting
    assert first is not None
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    spare.prepare()
    assert spare.waiting is not None
    assert spare.waiting is not first


def test_the_queue_trains_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    echo = "import sys; print('glassnet:', sys.stdin.readline(), file=sys.stderr); sys.exit(2)"
    monkeypatch.setattr(processes, "SPARE_PROGRAM", (sys.executable, "-c", echo))

    async def ended() -> trainings.Training:
        queue = trainings.Trainings(tmp_path / "runs", has_spare=True)
        queue.prepare()
        training = queue.start({"task": "cnn", "data": "mnist", "name": "first"})
        while training.state == "running":
            await asyncio.sleep(0.1)
        await queue.close()
        return training

    assert '["train", "cnn", ' in asyncio.run(ended()).error


def _runs(process: int) -> bool:
    """Whether a process runs, and is no zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
