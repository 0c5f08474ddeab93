"""Planted wrong labels: how high they come out among the examples whose label is doubted.

    python benchmarks/planted_labels.py --data mnist --seeds 0 1 2 3 4 \
        --out benchmarks/results/planted-labels.csv
    python benchmarks/planted_labels.py --data imdb --preset quick --seeds 0 1 2 3 4 \
        --out benchmarks/results/planted-labels.csv

A share of the training labels is turned into another class, drawn at random; the network is trained
on them as on any data of one's own, and its training examples are ranked by
`insight.learned.label_issue_scores`. The area under the ROC curve says how often a planted label ranks above
a given one; labels that were wrong before count as right ones.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from pathlib import Path

import numpy as np

import glassnet as gn
from glassnet.contract import Splits
from glassnet.data.images.dataset import kind_of, load
from glassnet.data.texts import dataset
from glassnet.insight.measures.training_dynamics import course
from glassnet.insight.views.training_dynamics import label_issue_scores
from glassnet.stats import ranks

PARTS = ("train", "valid", "test")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist", help="a data set of the catalogue")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--share", type=float, default=0.02, help="of the training labels")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as folder:
            row = measured(given, seed, Path(folder))
        new = not given.out.exists()
        with given.out.open("a", newline="") as stream:
            writer = csv.DictWriter(stream, list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)
        print(row)


def measured(given: argparse.Namespace, seed: int, folder: Path) -> dict:
    reads = kind_of(given.data) == "texts"
    data = (dataset.load if reads else load)(given.data, seed=0)
    labels = np.concatenate([getattr(data, part).labels for part in PARTS])
    learned = len(data.train) + len(data.valid)
    random = np.random.default_rng(seed)
    planted = np.zeros(len(labels), bool)
    planted[:learned] = random.random(learned) < given.share
    turns = random.integers(1, len(data.class_names), learned)
    told = labels.copy()
    told[:learned] += np.where(planted[:learned], turns, 0)
    told %= len(data.class_names)
    path = (as_table if reads else as_arrays)(data, told, folder)
    fields = {} if given.epochs is None else {"epochs": given.epochs}
    run = gn.train(
        "lstm" if reads else "cnn",
        preset=given.preset,
        data=str(path),
        runs=folder,
        seed=seed,
        snapshots=0,
        **fields,
    )
    kept = run.evidence.train.ids
    assert (run.evidence.train.labels == told[kept]).all()
    found, wrong = course(run.evidence.learning), planted[kept]
    area, influence = ranks.auroc(label_issue_scores(found), wrong)
    low, high = ranks.auroc_interval(area, influence)
    first = np.argsort(-label_issue_scores(found))[: wrong.sum()]
    return {
        "data": given.data,
        "seed": seed,
        "examples": len(wrong),
        "planted": int(wrong.sum()),
        "auroc": round(area, 5),
        "low": round(low, 5),
        "high": round(high, 5),
        "planted_among_first": round(float(wrong[first].mean()), 4),
        "test_accuracy": run.results["test"]["accuracy"],
        "epochs": found.epochs,
        "command": f"python benchmarks/planted_labels.py --data {given.data} --seeds {seed} "
        f"--share {given.share}"
        + (f" --preset {given.preset}" if given.preset != "default" else "")
        + (f" --epochs {given.epochs}" if given.epochs else ""),
    }


def as_arrays(data: Splits, labels: np.ndarray, folder: Path) -> Path:
    """Images as one's own arrays, training examples first."""
    learned = len(data.train) + len(data.valid)
    path = folder / "planted.npz"
    np.savez(
        path,
        x_train=np.concatenate([data.train.inputs, data.valid.inputs]),
        y_train=labels[:learned],
        x_test=data.test.inputs,
        y_test=labels[learned:],
    )
    return path


def as_table(data: Splits, labels: np.ndarray, folder: Path) -> Path:
    """Texts as one's own table, training examples first."""
    path = folder / "planted.jsonl"
    every = [text for part in PARTS for text in getattr(data, part).inputs]
    learned = len(data.train) + len(data.valid)
    with path.open("w", encoding="utf-8") as stream:
        for place, (text, label) in enumerate(zip(every, labels, strict=True)):
            row = {"text": str(text), "label": data.class_names[label]}
            row["split"] = "train" if place < learned else "test"
            stream.write(json.dumps(row) + "\n")
    return path


if __name__ == "__main__":
    main()
