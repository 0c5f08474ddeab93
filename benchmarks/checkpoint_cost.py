"""Processor time of a checkpoint, its checksum, and an update of run.json under the lock.

    python benchmarks/checkpoint_cost.py --out benchmarks/results/checkpoint-cost.csv

The state has the weights and two moments for each, as those of AdamW. Medians of ten calls, in
milliseconds of processor time; waiting for the disk is not included.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from glassnet import checksum
from glassnet.runs import checkpoint, lock
from glassnet.runs.folder import Run

WEIGHTS = (50_000, 500_000, 4_000_000)
"""Numbers of weights; the default image classifier has 50 thousand."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(Path(folder), n) for n in WEIGHTS]
    with out.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def measure(folder: Path, n: int) -> dict[str, object]:
    run = Run.create(folder, "run", {"task": "cnn"})
    weights = torch.randn(n)
    state = {"network": weights, "optimizer": {"mean": weights, "square": weights}}
    with lock.hold(run.path, lock.TRAIN):
        times = {
            "save": milliseconds(lambda: checkpoint.save(run.last, state, run.previous)),
            "load": milliseconds(lambda: checkpoint.load(run.last)),
            "update of run.json": milliseconds(lambda: run.update(seed=1)),
        }
    content = run.last.read_bytes()
    times["checksum"] = milliseconds(lambda: checksum.matches(content))
    return {"weights": n, "megabytes": f"{len(content) / 1e6:.1f}"} | times


def milliseconds(call: Callable[[], object]) -> str:
    """The median processor time of a call."""
    times = []
    for _ in range(10):
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return f"{1000 * statistics.median(times):.1f}"


if __name__ == "__main__":
    main()
