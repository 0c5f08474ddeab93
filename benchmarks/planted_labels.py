"""Planted wrong labels: how high they come out among the examples whose label is doubted.

    python benchmarks/planted_labels.py --data mnist --seeds 0 1 2 3 4 \
        --out benchmarks/results/planted-labels.csv

A share of the training labels is turned into another class, drawn at random; the network is trained
on them as on any data of one's own, and its training examples are ranked by
`insight.learned.suspicion`. The area under the ROC curve says how often a planted label ranks above
a given one; labels that were wrong before count as right ones.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np

import glassnet as gn
from glassnet.data.load import load
from glassnet.insight import ranks
from glassnet.insight.learned import suspicion
from glassnet.insight.learning import course


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist", help="images of the catalogue")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--share", type=float, default=0.02, help="of the training labels")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as folder:
            row = measured(given.data, seed, given.share, given.epochs, Path(folder))
        new = not given.out.exists()
        with given.out.open("a", newline="") as stream:
            writer = csv.DictWriter(stream, list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)
        print(row)


def measured(name: str, seed: int, share: float, epochs: int | None, folder: Path) -> dict:
    data = load(name, seed=0)
    images = np.concatenate([data.train.inputs, data.valid.inputs])
    labels = np.concatenate([data.train.labels, data.valid.labels])
    random = np.random.default_rng(seed)
    planted = random.random(len(labels)) < share
    turned = (labels + random.integers(1, len(data.class_names), len(labels))) % len(
        data.class_names
    )
    path = folder / "planted.npz"
    np.savez(
        path,
        x_train=images,
        y_train=np.where(planted, turned, labels),
        x_test=data.test.inputs,
        y_test=data.test.labels,
    )
    fields = {} if epochs is None else {"epochs": epochs}
    run = gn.train("cnn", data=str(path), runs=folder, seed=seed, snapshots=0, **fields)
    found, wrong = course(run.evidence.learning), planted[run.evidence.train.ids]
    area, influence = ranks.auroc(suspicion(found), wrong)
    low, high = ranks.within(area, ranks.standard_error(influence))
    first = np.argsort(-suspicion(found))[: wrong.sum()]
    return {
        "data": name,
        "seed": seed,
        "examples": len(wrong),
        "planted": int(wrong.sum()),
        "auroc": round(area, 5),
        "low": round(low, 5),
        "high": round(high, 5),
        "planted_among_first": round(float(wrong[first].mean()), 4),
        "test_accuracy": run.results["test"]["accuracy"],
        "epochs": found.epochs,
        "command": f"python benchmarks/planted_labels.py --data {name} --seeds {seed} "
        f"--share {share}" + (f" --epochs {epochs}" if epochs else ""),
    }


if __name__ == "__main__":
    main()
