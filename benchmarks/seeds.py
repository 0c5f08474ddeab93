"""Test results and training time of a preset over several seeds, one CSV row per seed.

    python benchmarks/seeds.py --preset paper --seeds 0 1 2 --out benchmarks/results/paper.csv

Each seed determines the validation split, the initial weights and the order of the examples. The
checkpoint is selected on validation, and the test set is read once. `--set epochs=20` sets other
fields of the configuration.
"""

from __future__ import annotations

import argparse
import csv
import tomllib
from pathlib import Path

import numpy as np

import glassnet as gn

METRICS = {
    "cnn": ("accuracy", "errors"),
    "lstm": ("accuracy", "errors"),
    "vae": (
        "iwae_nll", "part_standard_error", "images", "samples", "pixels",
        "negative_elbo", "reconstruction", "kl", "used_dimensions",
    ),
}  # fmt: skip
"""The test metrics of a task in the table, the main one first."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", default="cnn")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    fields = tomllib.loads("\n".join(args.set))
    rows = []
    for seed in args.seeds:
        run = gn.train(args.task, preset=args.preset, runs=args.runs, seed=seed, **fields)
        rows.append(row_of(run))
        append(args.out, rows[-1])
    metric = METRICS[args.task][0]
    values = np.array([row[metric] for row in rows])
    mean, deviation = values.mean(), values.std(ddof=1)
    print(f"{args.preset}: {metric} {mean:.5g} +- {deviation:.2g} over {len(rows)} seeds")


def row_of(run: gn.TrainedRun) -> dict[str, object]:
    info, test = run.run.info, run.results["test"]
    best = info["best"]["epoch"]
    return {
        "preset": info["preset"],
        "seed": info["seed"],
        **{name: test[name] for name in METRICS[info["task"]]},
        "low": round(test["interval"][0], 5),
        "high": round(test["interval"][1], 5),
        "n": test["n"],
        "valid": run.metrics[f"valid_{info['config']['monitor']}"][best - 1],
        "best_epoch": best,
        "epochs": info["epochs_done"],
        "train_seconds": info["seconds"]["train"],
        "parameters": info["parameters"],
        "precision": info["precision"],
        "cores": info["hardware"]["cores"],
        "torch": info["versions"]["torch"],
        "command": info["command"],
    }


def append(path: Path, row: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, list(row), lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(row)


if __name__ == "__main__":
    main()
