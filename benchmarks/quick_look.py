"""Seconds that a person waits for the first commands: training, explaining, the demo.

    python benchmarks/quick_look.py --out benchmarks/results/quick-look.csv

Each command is a process of its own, from its start to its end, in an empty folder, with the data
in the cache: the default image classifier, `explain` of it with all views and figures, and the demo
(`make demo` after the installation). `--commands` names others, in order. Measure while nothing
else computes.
"""

from __future__ import annotations

import argparse
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from seeds import append

from glassnet import parallel
from glassnet.runs import environment

COMMANDS = ("train cnn", "explain cnn-mnist", "demo")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commands", nargs="+", default=COMMANDS)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for command in options.commands:
            append(options.out, measured(command, Path(folder)))


def measured(command: str, folder: Path) -> dict[str, object]:
    """Run a command in a folder; the row has its seconds and those of the processor."""
    began, before = time.perf_counter(), processor_seconds()
    words = [sys.executable, "-m", "glassnet", *shlex.split(command)]
    subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    row = {
        "command": f"glassnet {command}",
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(processor_seconds() - before, 1),
        "cores": parallel.n_threads(),
        "processor": environment.hardware()["processor"],
        "instructions": environment.instructions(),
    }
    print(row, flush=True)
    return row


def processor_seconds() -> float:
    """Of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
