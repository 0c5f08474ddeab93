"""Seconds of one small fit beside other busy programs, by threads and by how threads wait.

    python benchmarks/busy_machine.py --out benchmarks/results/busy-machine.csv

Each fit is one of a `CNNClassifier` on scikit-learn's digits in a process of its own. OpenMP's
threads spin for a while before they sleep, unless OMP_WAIT_POLICY is PASSIVE: beside other programs
they take the time of the thread that they wait for. An empty policy is OpenMP's default. The load
average says how busy the machine was.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys, time
import torch
threads = int(sys.argv[1])
import glassnet as gn
from sklearn.datasets import load_digits
X, y = load_digits(return_X_y=True)
gn.CNNClassifier(epochs=1, random_state=0, threads=threads).fit(X[:200], y[:200])
began, cpu = time.perf_counter(), time.process_time()
gn.CNNClassifier(epochs=3, random_state=0, threads=threads).fit(X, y)
print(time.perf_counter() - began, time.process_time() - cpu)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rows = [["threads", "wait_policy", "load", "seconds", "cpu_seconds"]]
    for _ in range(args.rounds):
        for threads, policy in ((1, "PASSIVE"), (2, "PASSIVE"), (2, "")):
            load = round(os.getloadavg()[0], 1)
            seconds, cpu = fit(threads, policy)
            rows.append([str(v) for v in (threads, policy, load, round(seconds, 2), round(cpu, 2))])
            print(*rows[-1], flush=True)
    with args.out.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)


def fit(threads: int, policy: str) -> tuple[float, float]:
    """Seconds and CPU seconds of one fit in a new process; an empty policy is the default."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OMP_")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(threads)],
        env=environment | ({"OMP_WAIT_POLICY": policy} if policy else {}),
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, cpu = map(float, done.stdout.split())
    return seconds, cpu


if __name__ == "__main__":
    main()
