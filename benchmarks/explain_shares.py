"""Share of each view in the time that `explain` takes, a CSV row per view.

    python benchmarks/explain_shares.py RUN --out benchmarks/results/explain-shares.csv

Views run in the task's order on a copy of the run without its cache and its control networks, so
what several views share (test predictions, activations) counts for the first one that needs it.
"""

from __future__ import annotations

import argparse
import csv
import shutil
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
from glassnet.runs.folder import Run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    source = gn.load(given.run).path
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / source.name
        left_out = shutil.ignore_patterns("cache", "control_networks", "figures", "findings")
        shutil.copytree(source, copy, ignore=left_out)
        seconds = measured(Run.open(copy))
    total = sum(seconds.values())
    with given.out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["view", "seconds", "share"])
        for name, value in sorted(seconds.items(), key=lambda item: -item[1]):
            writer.writerow([name, round(value, 2), round(value / total, 3)])
            print(f"{name:24} {value:7.2f} s  {100 * value / total:5.1f} %")


def measured(run: Run) -> dict[str, float]:
    """View -> seconds, with loading the data first and drawing the figures last."""
    evidence, seconds = RunEvidence(run), {}
    options = ExplainOptions(layers=evidence.task.layers)
    began = time.perf_counter()
    examples_of(evidence.data, evidence.model, options.points, options.seed)
    seconds["data and test predictions"] = time.perf_counter() - began
    records: list[Record] = []
    for name in evidence.task.views:
        began = time.perf_counter()
        records += run_view(views.load(name), evidence, options)
        seconds[name] = time.perf_counter() - began
    began = time.perf_counter()
    draw(records, run)
    seconds["figures"] = time.perf_counter() - began
    return seconds


if __name__ == "__main__":
    main()
