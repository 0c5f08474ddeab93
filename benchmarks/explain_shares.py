"""Share of each view in the processor time that `explain` takes, a CSV row per view.

    python benchmarks/explain_shares.py RUN --out benchmarks/results/explain-shares.csv

Views run in the task's order on a copy of the run with what training has cached alone, so what
several views share (the control network, imports) counts for the first one that needs it. The
seconds are those of the processor, in one thread and one process, so that other work on the machine
hardly changes them.
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
import shutil
import sys
import tempfile
import time
from pathlib import Path

import glassnet as gn
from glassnet.contract import ExplainOptions
from glassnet.explain.evidence import RunEvidence
from glassnet.explain.report_files import draw
from glassnet.explain.run_views import run_view
from glassnet.findings import Record
from glassnet.inference.subsample import examples_of
from glassnet.insight import views
from glassnet.parallel import VARIABLE
from glassnet.runs.folder import Run

OF_TRAINING = ("test", "linear-model")
"""What training caches when it evaluates the network."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    os.environ[VARIABLE] = "1"
    source = gn.load(given.run).path
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / source.name
        left_out = shutil.ignore_patterns("control_networks", "figures", "findings")
        shutil.copytree(source, copy, ignore=left_out)
        for path in copy.glob("cache/*/*.npz"):
            if path.stem not in OF_TRAINING:
                path.unlink()
        seconds = measured(Run.open(copy))
    total = sum(seconds.values())
    with given.out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["view", "cpu_seconds", "share", "command"])
        for name, value in sorted(seconds.items(), key=lambda item: -item[1]):
            command = shlex.join(["python", *sys.argv])
            writer.writerow([name, round(value, 2), round(value / total, 3), command])
            print(f"{name:24} {value:7.2f} s  {100 * value / total:5.1f} %")


def measured(run: Run) -> dict[str, float]:
    """View -> CPU seconds, with loading the data first and drawing the figures last."""
    evidence, seconds = RunEvidence(run), {}
    options = ExplainOptions(layers=evidence.task.layers)
    began = time.process_time()
    examples_of(evidence.data, evidence.model, options.points, options.seed)
    seconds["data and test predictions"] = time.process_time() - began
    records: list[Record] = []
    for name in evidence.task.views:
        began = time.process_time()
        records += run_view(views.load(name), evidence, options)
        seconds[name] = time.process_time() - began
    began = time.process_time()
    draw(records, run)
    seconds["figures"] = time.process_time() - began
    return seconds


if __name__ == "__main__":
    main()
