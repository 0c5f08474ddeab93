"""Ranking and number of planted wrong labels among the label issues.

    python benchmarks/planted_labels.py --data mnist --seeds 0 1 2 --share 0.05 \
        --out benchmarks/results/label-issues.csv
    python benchmarks/planted_labels.py --data movie-snippets --seeds 0 1 2 3 4 --share 0.05 \
        --out benchmarks/results/label-issues.csv
    python benchmarks/planted_labels.py --data movie-snippets --seeds 0 1 2 3 4 --share 0.05 \
        --cross-validation --out benchmarks/results/label-issues.csv

A share of the training labels is changed to another class at random. The network is trained
on them like on any own data, and the view `label_issues` ranks its training examples and estimates
how many labels are wrong. The area under the ROC curve is the probability that a planted label
ranks above an original one; original labels that are wrong count as correct. `own_auroc` is the
area of the classifiers themselves (two classes): of their out-of-fold probabilities, with the
original labels as the truth. `dynamics_auroc` is the area of the training dynamics, which have
learned from the planted labels.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from pathlib import Path

import numpy as np

import glassnet as gn
from glassnet.contract import ExplainOptions, Splits, TrainingDynamics
from glassnet.data.images.load import load_images
from glassnet.data.names import modality_of
from glassnet.data.texts.load import load_texts
from glassnet.explain.run_views import run_view
from glassnet.findings import Finding
from glassnet.insight import views
from glassnet.insight.measures.training_dynamics import example_dynamics
from glassnet.insight.views.label_issues import WRONG, cache_key
from glassnet.stats import ranks

SPLITS = ("train", "valid", "test")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist", help="a data set of the catalogue")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--share", type=float, default=0.02, help="of the training labels")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--cross-validation", action="store_true")
    parser.add_argument("--keep", type=Path, help="where runs stay, and are not trained again")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    for seed in args.seeds:
        with tempfile.TemporaryDirectory() as temporary:
            folder = args.keep / f"{args.data}-{seed}" if args.keep else Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            row = evaluate(args, seed, folder)
        is_new = not args.out.exists()
        with args.out.open("a", newline="") as stream:
            writer = csv.DictWriter(stream, list(row), lineterminator="\n")
            if is_new:
                writer.writeheader()
            writer.writerow(row)
        print(row)


def evaluate(args: argparse.Namespace, seed: int, folder: Path) -> dict[str, object]:
    """Train on planted labels, and measure how high they rank and how well they are counted."""
    is_text = modality_of(args.data) == "texts"
    data = (load_texts if is_text else load_images)(args.data, seed=0)
    original = np.concatenate([getattr(data, split).labels for split in SPLITS])
    labels = original.copy()
    n_train = len(data.train) + len(data.valid)
    rng = np.random.default_rng(seed)
    is_planted = np.zeros(len(labels), bool)
    is_planted[:n_train] = rng.random(n_train) < args.share
    offsets = rng.integers(1, len(data.class_names), n_train)
    labels[:n_train] += np.where(is_planted[:n_train], offsets, 0)
    labels %= len(data.class_names)
    path = (write_table if is_text else write_arrays)(data, labels, folder)
    fields = {} if args.epochs is None else {"epochs": args.epochs}
    earlier = sorted(folder.glob("*/run.json"))
    run = (
        gn.load(earlier[-1].parent)
        if earlier
        else gn.train(
            "lstm" if is_text else "cnn",
            preset=args.preset,
            data=str(path),
            runs=folder,
            seed=seed,
            snapshots=0,
            **fields,
        )
    )
    train = run.data.train
    assert (train.labels == labels[train.ids]).all()
    log = run.evidence.log.training_dynamics
    assert isinstance(log, TrainingDynamics)
    is_planted = is_planted[train.ids]
    dynamics = example_dynamics(log).label_issue_scores
    options = ExplainOptions(layers=(), cross_validation=args.cross_validation)
    default = "linear models" if is_text else "linear models and networks"
    models = "networks" if args.cross_validation else default
    gallery, *_ = run_view(views.load("label_issues"), run.evidence, options)
    assert isinstance(gallery, Finding)
    claims = {claim.name: claim for claim in gallery.claims}
    estimated = claims[WRONG]
    probabilities = run.model.cache(cache_key(options), dict)["probabilities"]
    scores, own_auroc = 1 - probabilities[np.arange(len(train)), train.labels], None
    if len(data.class_names) == 2:
        own_auroc = ranks.auroc(probabilities[:, 1], original[train.ids] == 1)[0]
    auroc, influences = ranks.auroc(scores, is_planted)
    low, high = ranks.auroc_interval(auroc, influences)
    order = np.argsort(-scores, kind="stable")
    listed = is_planted[order[: int(estimated.value)]]
    return {
        "data": args.data,
        "seed": seed,
        "examples": len(is_planted),
        "models": models,
        "planted": int(is_planted.sum()),
        "estimated": int(estimated.value),
        "estimated_low": round(estimated.low or 0),
        "estimated_high": round(estimated.high or 0),
        "planted_listed": int(listed.sum()),
        "auroc": round(auroc, 5),
        "low": round(low, 5),
        "high": round(high, 5),
        "own_auroc": None if own_auroc is None else round(own_auroc, 5),
        "planted_among_first": round(float(is_planted[order[: is_planted.sum()]].mean()), 4),
        "dynamics_auroc": round(ranks.auroc(dynamics, is_planted)[0], 5),
        "test_accuracy": run.results["test"]["accuracy"],
        "epochs": len(log.epochs),
        "command": f"python benchmarks/planted_labels.py --data {args.data} --seeds {seed} "
        f"--share {args.share}"
        + " --cross-validation" * args.cross_validation
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
