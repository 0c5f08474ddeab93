"""Seconds from a request to train until the run's first point, with data in the cache.

    python benchmarks/first_point.py --out benchmarks/results/first-point.csv

The server runs as `glassnet web` starts it. Each task is trained in its preset `quick`, or
`default` without one, on its default data set: with a process that waits and has done its imports,
as when a person looks at the page first, and with a new one. Measure while nothing else computes.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path

from web_latency import Client, served

from glassnet import tasks

SECONDS_OF_IMPORTS = 20
"""What a person who reads the page gives the imports; they take a few seconds."""


def first_point(port: int, runs: Path, task: str, preset: str) -> float:
    """Seconds until the first row of steps.csv; the training is stopped then.

    Each request has a connection of its own: the server closes one that is idle for seconds.
    """
    began = time.perf_counter()
    name = Client(port).request("/api/train", {"task": task, "preset": preset})[1]["run"]
    rows = runs / name / "steps.csv"
    while not rows.is_file() or rows.read_bytes().count(b"\n") < 2:
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    Client(port).request(f"/api/runs/{name}/stop", {})
    while any(each["state"] == "running" for each in Client(port).request("/api/trainings")[1]):
        time.sleep(0.2)
    return seconds


def main() -> None:
    """Measure the three tasks and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    rows = []
    for task in tasks.names():
        preset = "quick" if "quick" in tasks.presets(task) else "default"
        for process in ("new", "waiting"):
            with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as port:
                if process == "waiting":
                    Client(port).request("/api/tasks")
                    time.sleep(SECONDS_OF_IMPORTS)
                seconds = first_point(port, Path(folder), task, preset)
            rows.append([task, preset, process, f"{seconds:.1f}"])
            print(*rows[-1], flush=True)
    with out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["task", "preset", "process", "seconds"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
