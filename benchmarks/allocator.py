"""What it saves to keep freed memory: processor time of a training step, with and without.

    python benchmarks/allocator.py --out benchmarks/results/allocator.csv

Each training is of one thread in a process of its own, with and without `reuse_freed_blocks` in
turn, and stops after some steps. The seconds are those of the processor, so that other work on the
machine hardly changes them. The memory is the peak of the whole process.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from seeds import append

FIRST, LAST = 10, 60
"""Steps between which time is measured."""

TRAININGS = (
    ("cnn", "default", "mnist"),
    ("cnn", "record", "mnist"),
    ("cnn", "paper", "mnist"),
    ("vae", "default", "mnist"),
    ("lstm", "default", "movie-snippets"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--measure", nargs=4, help="task, preset, data, keep or return")
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measured(*args.measure)))
        return
    for task, preset, data in TRAININGS:
        for memory in ("keep", "return") * args.rounds:
            command = [sys.executable, __file__, "--measure", task, preset, data, memory]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            row = {"task": task, "preset": preset, "data": data, "freed_memory": memory}
            row |= json.loads(output) | {"command": shlex.join(["python", *sys.argv])}
            print(row, flush=True)
            if args.out:
                append(args.out, row)


def measured(task: str, preset: str, data: str, memory: str) -> dict[str, float]:
    """Milliseconds of the processor per step, those of them in the system, and peak memory."""
    import glassnet as gn
    from glassnet.training import setup
    from glassnet.training.hooks import Hook
    from glassnet.training.state import TrainingState

    class Clock(Hook):
        """Notes the time at two steps, and stops the training."""

        def after_step(self, state: TrainingState) -> None:
            if state.step == FIRST:
                self.start = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_stime
            if state.step == LAST:
                self.end = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_stime
                raise KeyboardInterrupt

    if memory == "return":
        setup.reuse_freed_blocks = lambda: False
    clock = Clock()
    with tempfile.TemporaryDirectory() as runs, contextlib.suppress(KeyboardInterrupt):
        gn.train(task, preset=preset, data=data, runs=runs, threads=1, hooks=[clock])
    total, system = (
        1000 * (end - start) / (LAST - FIRST)
        for start, end in zip(clock.start, clock.end, strict=True)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "step_milliseconds": round(total, 1),
        "of_which_system": round(system, 1),
        "peak_megabytes": round(peak),
    }


if __name__ == "__main__":
    main()
