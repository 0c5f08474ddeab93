"""Trainings killed at file operations until they finish, compared with uninterrupted ones.

    python benchmarks/kills.py --kills 40 --seed 0 --out benchmarks/results/kills.csv

A training is a process that sends itself SIGKILL before, within or after one of its file
operations (writing, flushing, renaming, removing, making a folder), drawn at random; it is resumed
with another kill in wait until it comes to its end. After every kill each file must be as it was
written (`glassnet show --check`); in the end weights, whole state, metrics and training dynamics
must be equal, byte for byte, to those of a training that nobody interrupted. Linux; needs no data.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import signal
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from glassnet import progress
from glassnet.api import verbs
from glassnet.runs.check import check
from glassnet.runs.folder import Run, all_runs

COMMON: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 100,
    "device": "cpu",
    "threads": 1,
    "precision": "32",
    "checkpoint_every": 1e-4,  # every 6 ms: within epochs, too
}
TEXTS = {"data": "texts.csv", "embedding_dim": 8, "hidden_size": 8}

NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "cnn": ("cnn", {"data": "images.npz", "channels": (4, 8, 8)}),
    "cnn with TensorBoard": (
        "cnn",
        {"data": "images.npz", "channels": (4, 8, 8), "tensorboard": True},
    ),
    "vae": ("vae", {"data": "images.npz", "preset": "quick"}),
    "lstm": ("lstm", TEXTS),
    "lstm with pretraining": ("lstm", TEXTS | {"preset": "pretrained", "pretrain_epochs": 2}),
}

OPERATIONS = ("write", "flush", "rename", "remove", "make folder")
MOMENTS = ("before", "within", "after")


class Operations:
    """Counts file operations, and kills this process at one of them."""

    def __init__(self, report: Path, kill_at: int = 0, moment: str = "before") -> None:
        self.report, self.kill_at, self.moment, self.count = report, kill_at, moment, 0
        self._wrap(os, "fsync", "flush")
        self._wrap(Path, "replace", "rename")
        self._wrap(Path, "unlink", "remove")
        self._wrap(Path, "mkdir", "make folder")
        self._wrap(Path, "write_bytes", "write")

    def _wrap(self, owner: Any, name: str, kind: str) -> None:
        original = getattr(owner, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            is_last = self.count == self.kill_at
            if is_last and self.moment == "before":
                self._kill(kind)
            if is_last and self.moment == "within" and kind == "write":
                path, content = arguments
                original(path, content[: len(content) // 2])
                self._kill(kind)
            result = original(*arguments, **named)
            if is_last:
                self._kill(kind)
            return result

        setattr(owner, name, counted)

    def _kill(self, kind: str) -> None:
        with self.report.open("w") as stream:
            stream.write(kind)
        os.kill(os.getpid(), signal.SIGKILL)


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
            row = {"seed": given.seed} | kill_often(
                name, given.kills, random.Random(f"{given.seed} {name}")
            )
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
    for part, n in (("train", 480), ("test", 60)):
        labels = draw.integers(0, 4, n)
        images = draw.integers(0, 60, (n, 28, 28), np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = divmod(int(label), 2)
            image[4 + 12 * row : 12 + 12 * row, 4 + 12 * column : 12 + 12 * column] += 150
        arrays |= {f"x_{part}": images, f"y_{part}": labels}
    np.savez("images.npz", **arrays)
    words, lines = [f"word{k}" for k in range(60)], ["text,label"]
    for k in range(480):
        text = " ".join(draw.choice(words, 9)) + (" good" if k % 2 else " bad") + f" {k}"
        lines.append(f"{text},{k % 2}")
    Path("texts.csv").write_text("\n".join(lines) + "\n")


def kill_often(name: str, n_kills: int, draw: random.Random) -> dict[str, Any]:
    """A row: kills, and what became of the trainings."""
    counted: Counter[str] = Counter()
    whole, n_operations = uninterrupted(name)
    while counted["kills"] < n_kills:
        with tempfile.TemporaryDirectory(dir=".") as folder:
            runs = Path(folder)
            while (kind := train(name, runs, *draw_kill(draw, n_operations))) in OPERATIONS:
                counted["kills"] += 1
                counted[kind] += 1
                damaged = [file for run in all_runs(runs) for file in check(run).damaged.items()]
                counted["kills with a damaged file"] += bool(damaged)
                for file, reason in damaged:
                    print(f"{name}: {file}: {reason}", file=sys.stderr)
            counted["trainings"] += 1
            finished = [content(run) for run in all_runs(runs)]
            counted["lost"] += kind == "error"
            counted["with other bytes"] += kind == "" and finished != [whole]
    columns = ("kills", *OPERATIONS, "trainings", "kills with a damaged file", "lost")
    return {"network": name, "operations": n_operations} | {
        column: counted[column] for column in (*columns, "with other bytes")
    }


def draw_kill(draw: random.Random, n_operations: int) -> tuple[int, str]:
    """The number of an operation, and when within it."""
    return draw.randint(1, n_operations), draw.choice(MOMENTS)


def uninterrupted(name: str) -> tuple[dict[str, bytes], int]:
    """The files of an uninterrupted training, and the number of its file operations."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        assert train(name, Path(folder)) == ""
        (run,) = all_runs(Path(folder))
        return content(run), int(Path("operations").read_text())


def train(name: str, runs: Path, kill_at: int = 0, moment: str = "before") -> str:
    """Train, or resume, in a process of its own: the operation that it was killed at, or ""."""
    report = Path("killed-at").resolve()
    report.unlink(missing_ok=True)
    process = os.fork()
    if not process:
        os._exit(in_process(name, runs, report, kill_at, moment))
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return report.read_text()
    return "" if not os.WEXITSTATUS(status) else "error"


def in_process(name: str, runs: Path, report: Path, kill_at: int, moment: str) -> int:
    task, options = NETWORKS[name]
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        found = all_runs(runs)
        operations = Operations(report, kill_at, moment)
        with progress.silenced():
            if found:
                verbs.resume(Run.open(found[0].path), evaluate=False)
            else:
                verbs.train(task, runs=runs, evaluate=False, **COMMON | options)
        Path("operations").write_text(str(operations.count))
    except BaseException:
        traceback.print_exc()
        return 1
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
