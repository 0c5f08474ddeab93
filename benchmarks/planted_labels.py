"""Ranking of planted wrong labels among the label issues.

    python benchmarks/planted_labels.py --data mnist --seeds 0 1 2 3 4 \
        --out benchmarks/results/planted-labels.csv
    python benchmarks/planted_labels.py --data imdb --preset quick --seeds 0 1 2 3 4 \
        --out benchmarks/results/planted-labels.csv

A share of the training labels is changed to another class at random. The network is trained
on them like on any own data, and its training examples are ranked by `label_issue_scores`. The area
under the ROC curve is the probability that a planted label ranks above an original one; original
labels that are wrong count as correct.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from pathlib import Path

import numpy as np

import glassnet as gn
from glassnet.contract import Splits, TrainingDynamics
from glassnet.data.images.load import load_images
from glassnet.data.names import modality_of
from glassnet.data.texts.load import load_texts
from glassnet.insight.measures.training_dynamics import example_dynamics
from glassnet.stats import ranks

SPLITS = ("train", "valid", "test")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist", help="a data set of the catalogue")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--share", type=float, default=0.02, help="of the training labels")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    for seed in args.seeds:
        with tempfile.TemporaryDirectory() as folder:
            row = evaluate(args, seed, Path(folder))
        is_new = not args.out.exists()
        with args.out.open("a", newline="") as stream:
            writer = csv.DictWriter(stream, list(row))
            if is_new:
                writer.writeheader()
            writer.writerow(row)
        print(row)


def evaluate(args: argparse.Namespace, seed: int, folder: Path) -> dict[str, object]:
    """Train on planted labels and measure how high the label issue scores rank them."""
    is_text = modality_of(args.data) == "texts"
    data = (load_texts if is_text else load_images)(args.data, seed=0)
    labels = np.concatenate([getattr(data, split).labels for split in SPLITS])
    n_train = len(data.train) + len(data.valid)
    rng = np.random.default_rng(seed)
    is_planted = np.zeros(len(labels), bool)
    is_planted[:n_train] = rng.random(n_train) < args.share
    offsets = rng.integers(1, len(data.class_names), n_train)
    labels[:n_train] += np.where(is_planted[:n_train], offsets, 0)
    labels %= len(data.class_names)
    path = (write_table if is_text else write_arrays)(data, labels, folder)
    fields = {} if args.epochs is None else {"epochs": args.epochs}
    run = gn.train(
        "lstm" if is_text else "cnn",
        preset=args.preset,
        data=str(path),
        runs=folder,
        seed=seed,
        snapshots=0,
        **fields,
    )
    train = run.data.train
    assert (train.labels == labels[train.ids]).all()
    log = run.evidence.log.training_dynamics
    assert isinstance(log, TrainingDynamics)
    dynamics, is_planted = example_dynamics(log), is_planted[train.ids]
    scores = dynamics.label_issue_scores
    auroc, influences = ranks.auroc(scores, is_planted)
    low, high = ranks.auroc_interval(auroc, influences)
    top = np.argsort(-scores)[: is_planted.sum()]
    return {
        "data": args.data,
        "seed": seed,
        "examples": len(is_planted),
        "planted": int(is_planted.sum()),
        "auroc": round(auroc, 5),
        "low": round(low, 5),
        "high": round(high, 5),
        "planted_among_first": round(float(is_planted[top].mean()), 4),
        "test_accuracy": run.results["test"]["accuracy"],
        "epochs": dynamics.n_epochs,
        "command": f"python benchmarks/planted_labels.py --data {args.data} --seeds {seed} "
        f"--share {args.share}"
        + (f" --preset {args.preset}" if args.preset != "default" else "")
        + (f" --epochs {args.epochs}" if args.epochs else ""),
    }


def write_arrays(data: Splits, labels: np.ndarray, folder: Path) -> Path:
    """Write images as an .npz file with the new labels, training examples first."""
    n_train = len(data.train) + len(data.valid)
    path = folder / "planted.npz"
    np.savez(
        path,
        x_train=np.concatenate([data.train.inputs, data.valid.inputs]),
        y_train=labels[:n_train],
        x_test=data.test.inputs,
        y_test=labels[n_train:],
    )
    return path


def write_table(data: Splits, labels: np.ndarray, folder: Path) -> Path:
    """Write texts as a table with the new labels, training examples first."""
    path = folder / "planted.jsonl"
    texts = [text for split in SPLITS for text in getattr(data, split).inputs]
    n_train = len(data.train) + len(data.valid)
    with path.open("w", encoding="utf-8") as stream:
        for index, (text, label) in enumerate(zip(texts, labels, strict=True)):
            row = {"text": str(text), "label": data.class_names[label]}
            row["split"] = "train" if index < n_train else "test"
            stream.write(json.dumps(row) + "\n")
    return path


if __name__ == "__main__":
    main()
