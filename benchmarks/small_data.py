"""Accuracy of the default image classifier by the number of training images per class.

    python benchmarks/small_data.py --out benchmarks/results/small-data.csv

Fashion-MNIST as a folder of PNG files per class, as one's own photos would be: the first N of each
class of a random order for training and validation, and 100 of each from its test set. Each row is
one training with the preset's epochs (more where there are few steps), one with three times as
many, or the linear model on the same training images.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import glassnet as gn
from glassnet import png, tasks
from glassnet.contract import Split
from glassnet.stats.intervals import wilson

COLUMNS = ["per_class", "seed", "model", "epochs", "train", "hits", "n", "accuracy", "low", "high"]
TEST_PER_CLASS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-class", type=int, nargs="+", default=[2, 5, 10, 30, 206])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    splits = tasks.load("cnn").load(replace(tasks.preset("cnn", "default"), data="fashion-mnist"))
    rows: list[list[object]] = []
    for n in args.per_class:
        for seed in args.seeds:
            with tempfile.TemporaryDirectory() as folder:
                write(Path(folder, "data", "train"), splits.train, n, seed)
                write(Path(folder, "data", "test"), splits.test, TEST_PER_CLASS, 0)
                for row in measure(Path(folder), seed):
                    rows.append([n, seed, *row])
                    print(*rows[-1], flush=True)
    with args.out.open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([COLUMNS, *rows])


def write(folder: Path, split: Split, per_class: int, seed: int) -> None:
    """Write images of each class into a folder of its own."""
    order = np.random.default_rng(seed).permutation(len(split))
    for label in np.unique(split.labels):
        place = folder / f"class {label}"
        place.mkdir(parents=True)
        for k in order[split.labels[order] == label][:per_class]:
            (place / f"{k}.png").write_bytes(png.encode(split.inputs[k]))


def measure(folder: Path, seed: int) -> list[list[object]]:
    """The default, three times its epochs, and the linear model beside them."""
    options: dict[str, Any] = {"data": str(folder / "data"), "seed": seed, "runs": folder / "runs"}
    default = gn.train("cnn", **options)
    longer = gn.train("cnn", **options, epochs=3 * default.model.config.epochs)
    rows: list[list[object]] = []
    for name, run in (("default", default), ("three times the epochs", longer)):
        n_train, test = run.info["data"]["train"], run.results["test"]
        hits = test["n"] - test["errors"]
        rows.append([name, run.model.config.epochs, n_train, *result(hits, test["n"])])
    hits = test["n"] - test["linear_model"]["errors"]
    return [*rows, ["logistic regression", "", n_train, *result(hits, test["n"])]]


def result(hits: int, n: int) -> list[object]:
    """Hits, number of test images, accuracy and its 95 % interval."""
    return [hits, n, *(f"{value:.4f}" for value in (hits / n, *wilson(hits, n)))]


if __name__ == "__main__":
    main()
