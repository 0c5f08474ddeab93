"""Trainings killed at file operations until they finish, compared with uninterrupted ones.

    python benchmarks/kills.py --kills 170 --seed 0 --out benchmarks/results/kills.csv

A training is a process that sends itself SIGKILL before one of its file operations (opening a file
to write, writing, flushing, renaming, removing, making a folder), drawn at random, or within a
write; before one is after the one before it. It is resumed with another kill in wait until it comes
to its end. Of two processes, the one that writes files is killed, or the other one while it does
so. After every kill each file must be as it was written (`glassnet show --check`); in the end
weights, whole state, metrics and training dynamics must be equal, byte for byte, to those of a
training that nobody interrupted, and no temporary file may be left. Linux; needs no data.
"""

from __future__ import annotations

import argparse
import csv
import ctypes
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from lightning_fabric.utilities.rank_zero import rank_zero_only

from glassnet import config, progress, tasks
from glassnet.api import verbs
from glassnet.atomic import PARTIAL
from glassnet.errors import ProcessError
from glassnet.runs.check import check
from glassnet.runs.folder import Run, all_runs
from glassnet.training import processes

COMMON: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 100,
    "device": "cpu",
    "threads": 1,
    "precision": "32",
    "checkpoint_every": 1e-4,  # every 6 ms: within epochs, too
}
IMAGES = {"data": "images.npz", "channels": (4, 8, 8)}
TEXTS = {"data": "texts.csv", "embedding_dim": 8, "hidden_size": 8}

NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "cnn": ("cnn", IMAGES),
    "cnn with TensorBoard": ("cnn", IMAGES | {"tensorboard": True}),
    "cnn in two processes": ("cnn", IMAGES | {"processes": 2}),
    "cnn in three processes": ("cnn", IMAGES | {"processes": 3}),
    "vae": ("vae", {"data": "images.npz", "preset": "quick"}),
    "vae in two processes": ("vae", {"data": "images.npz", "preset": "quick", "processes": 2}),
    "lstm": ("lstm", TEXTS),
    "lstm with pretraining": ("lstm", TEXTS | {"preset": "pretrained", "pretrain_epochs": 2}),
}

AUDITED = {"os.rename": "rename", "os.remove": "remove", "os.mkdir": "make folder"}
OPERATIONS = ("open", "write", "within a write", "flush", *AUDITED.values())
"""Kinds of file operations; one is counted within each write, too."""

ENDED, LOST_PROCESS, FAILED = 1, 3, 4
"""Exit codes of a training that ends itself since another process was killed, of one that names
that as an error, and of one with another error."""

PR_SET_CHILD_SUBREAPER = 36

TIMEOUT = 120
"""Seconds after which a training hangs."""


@dataclass(frozen=True)
class Kill:
    """The number of the file operation at which a process is killed (0: none), and its rank."""

    at: int = 0
    rank: int = 0


NO_KILL = Kill()


class Operations:
    """Counts the file operations of this process, and kills `target` at one of them."""

    def __init__(self, kill_at: int, target: int, report: Path) -> None:
        self.kill_at, self.target, self.report, self.count = kill_at, target, report, 0

    def watch(self) -> None:
        self.flush = os.fsync
        sys.addaudithook(self.audit)
        os.fsync = self.counted_flush  # type: ignore[assignment]
        counted_write = self.counted_write
        Path.write_bytes = lambda path, data: counted_write(path, data)  # type: ignore[assignment, method-assign]

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in AUDITED:
            self.next(AUDITED[event])
        elif event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR):
            self.next("open")

    def counted_flush(self, descriptor: Any) -> None:
        self.next("flush")
        self.flush(descriptor)

    def counted_write(self, path: Path, data: Any) -> int:
        with path.open("wb") as stream:
            self.next("write")
            stream.write(data[: len(data) // 2])
            stream.flush()
            self.next("within a write")
            stream.write(data[len(data) // 2 :])
        return len(data)

    def next(self, kind: str) -> None:
        self.count += 1
        if self.count == self.kill_at:
            with suppress(ProcessLookupError):  # the other one may have come to its end
                os.kill(self.target, 0)
                self.report.write_text(kind)
                os.kill(self.target, signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=40, help="per network")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=list(NETWORKS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    out = given.out.resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_data()
        for name in given.networks:
            draw = random.Random(f"{given.seed} {name}")
            row = {"seed": given.seed} | kill_often(name, given.kills, draw)
            is_new = not out.exists()
            with out.open("a", newline="") as stream:
                writer = csv.DictWriter(stream, list(row), lineterminator="\n")
                if is_new:
                    writer.writeheader()
                writer.writerow(row)
            print(row, flush=True)


def write_data() -> None:
    """Images with a bright square per class, and texts with a word per class."""
    draw = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for part, n in (("train", 240), ("test", 40)):
        labels = draw.integers(0, 4, n)
        images = draw.integers(0, 60, (n, 8, 8), np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = divmod(int(label), 2)
            image[4 * row : 4 + 4 * row, 4 * column : 4 + 4 * column] += 150
        arrays |= {f"x_{part}": images, f"y_{part}": labels}
    np.savez("images.npz", **arrays)
    words, lines = [f"word{k}" for k in range(60)], ["text,label"]
    for k in range(280):
        text = " ".join(draw.choice(words, 9)) + (" good" if k % 2 else " bad") + f" {k}"
        lines.append(f"{text},{k % 2}")
    Path("texts.csv").write_text("\n".join(lines) + "\n")


def kill_often(name: str, n_kills: int, draw: random.Random) -> dict[str, Any]:
    """A row: kills, and what became of the trainings."""
    counted: Counter[str] = Counter()
    import_libraries(name)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # children of killed ones become ours
    whole, n_operations = uninterrupted(name)
    while counted["kills"] < n_kills:
        with tempfile.TemporaryDirectory(dir=".") as folder:
            runs = Path(folder)
            while (killed := train(name, runs, draw_kill(name, draw, n_operations))) in OPERATIONS:
                counted["kills"] += 1
                counted[killed] += 1
                counted["temporary files"] += count_partial(runs)
                damaged = [file for run in all_runs(runs) for file in check(run).damaged.items()]
                counted["kills with a damaged file"] += bool(damaged)
                for file, reason in damaged:
                    print(f"{name}: {file}: {reason}", file=sys.stderr)
            counted["trainings"] += 1
            finished = [content(run) for run in all_runs(runs)]
            counted["lost"] += killed == "error"
            counted["with other bytes"] += killed == "" and finished != [whole]
            counted["temporary files in the end"] += count_partial(runs)
    columns = ("kills", *OPERATIONS, "temporary files", "trainings", "kills with a damaged file")
    columns += ("lost", "with other bytes", "temporary files in the end")
    return {"network": name, "operations": n_operations} | {
        column: counted[column] for column in columns
    }


def import_libraries(name: str) -> None:
    """Import what a training needs, so that its processes start at once."""
    task, options = NETWORKS[name]
    preset = tasks.preset(task, options.get("preset", "default"))
    fields = {field: value for field, value in options.items() if field != "preset"}
    with progress.silenced():
        tasks.load(task).load(config.resolve(preset, overrides=fields))
    if options.get("tensorboard"):
        import tensorboard.summary.writer.event_file_writer  # noqa: F401


def n_processes(name: str) -> int:
    return int(NETWORKS[name][1].get("processes", 1))


def draw_kill(name: str, draw: random.Random, n_operations: int) -> Kill:
    return Kill(draw.randint(1, n_operations), draw.randrange(n_processes(name)))


def count_partial(runs: Path) -> int:
    """Temporary files in runs; a folder that was given up before run.json was there is not one."""
    return sum(len(list(run.path.rglob(f".*{PARTIAL}"))) for run in all_runs(runs))


def uninterrupted(name: str) -> tuple[dict[str, bytes], int]:
    """The files of an uninterrupted training, and the number of its file operations."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        assert train(name, Path(folder)) == ""
        (run,) = all_runs(Path(folder))
        return content(run), int(Path("operations").read_text())


def train(name: str, runs: Path, kill: Kill = NO_KILL) -> str:
    """Train, or resume, in processes of their own: the operation one was killed at, "", "error"."""
    report, others = Path("killed-at").resolve(), Path("others").resolve()
    for path in (report, others):
        path.unlink(missing_ok=True)
    process = os.fork()
    if not process:
        numbers = start_others(name, runs)
        others.write_text(json.dumps(numbers))
        target = [os.getpid(), *numbers][kill.rank]
        os._exit(first(name, runs, Operations(kill.at, target, report)))
    code = exit_code(process)
    hung = [number for number in json.loads(others.read_text()) if exit_code(number) is None]
    if report.exists():
        expected = (0, LOST_PROCESS, ENDED) if kill.rank else (-signal.SIGKILL,)
        return report.read_text() if code in expected and not hung else "error"
    return "error" if code or hung else ""


def start_others(name: str, runs: Path) -> list[int]:
    """Start processes that wait for what glassnet would start them with; by rank, from 1."""
    numbers: list[int] = []
    writers: list[int] = []
    for rank in range(1, n_processes(name)):
        reader, writer = os.pipe()
        if not (process := os.fork()):
            for descriptor in (writer, *writers):
                os.close(descriptor)
            if not (environment := os.read(reader, 10_000)):
                os._exit(0)
            os.environ.update(json.loads(environment))
            rank_zero_only.rank = rank
            silence(1, 2)
            os._exit(run_training(name, runs))
        os.close(reader)
        numbers.append(process)
        writers.append(writer)

    def start(environment: dict[str, str]) -> Other:
        index = int(environment[processes.RANK]) - 1
        with suppress(BrokenPipeError):  # killed already
            os.write(writers[index], json.dumps(environment).encode())
        return Other(numbers[index])

    processes._start = start  # type: ignore[assignment]
    return numbers


class Other:
    """What glassnet needs of `subprocess.Popen`."""

    def __init__(self, process: int) -> None:
        self.process, self.returncode = process, 0

    def communicate(self) -> tuple[str, str]:
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return "", ""

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)


def exit_code(process: int) -> int | None:
    """The exit code of a process, or minus the signal that ended it; None if it hangs."""
    until = time.monotonic() + TIMEOUT
    while time.monotonic() < until:
        try:
            ended, status = os.waitpid(process, os.WNOHANG)
        except ChildProcessError:  # its parent has waited for it
            return 0
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    print(f"process {process} has hung", file=sys.stderr)
    return None


def first(name: str, runs: Path, operations: Operations) -> int:
    """Train in this process, and write down how many file operations that took."""
    silence(1)
    operations.watch()
    code = run_training(name, runs)
    Path("operations").write_text(str(operations.count))
    return code


def silence(*descriptors: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in descriptors:
        os.dup2(nowhere, descriptor)


def run_training(name: str, runs: Path) -> int:
    """Train, or resume, in this process: an exit code."""
    task, options = NETWORKS[name]
    try:
        found = all_runs(runs)
        with progress.silenced():
            if found:
                verbs.resume(Run.open(found[0].path), evaluate=False)
            else:
                verbs.train(task, runs=runs, evaluate=False, **COMMON | options)
    except ProcessError:
        return LOST_PROCESS
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        return FAILED
    return 0


def content(run: Run) -> dict[str, bytes]:
    """The files that must be equal; the checkpoint before the last one depends on the time."""
    folders = [run, run.pretraining] if run.pretraining.info else [run]
    paths = [
        path
        for each in folders
        for path in (
            *each.path.glob("metrics.csv"),
            *each.path.glob("training_dynamics/*"),
            *each.path.glob("checkpoints/*"),
        )
        if path.name != each.previous.name
    ]
    return {str(path.relative_to(run.path)): path.read_bytes() for path in paths}


if __name__ == "__main__":
    main()
