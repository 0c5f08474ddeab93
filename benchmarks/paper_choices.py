r"""What the paper preset leaves open, compared by two-fold cross-validation on MNIST.

    python benchmarks/paper_choices.py --fields "weight_decay = 1.0" "weight_decay = 3.0" \
        --store folds --out benchmarks/results/paper-choices.csv

Each candidate is the preset, in bfloat16, with these fields (TOML, several apart by a semicolon).
Its two networks learn from one half of the 60,000 training images each, for all epochs, and predict
the other half after the last one; no checkpoint is selected, and the test images are not read. `p`
is McNemar's exact test against the first candidate on the same images. Predictions are kept in
`--store`, so that a later call with more candidates trains only those.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from glassnet.contract import CLASSES, Split, Splits
from glassnet.inference import predict
from glassnet.stats.comparisons import paired_difference
from glassnet.stats.folds import stratified_folds
from glassnet.tasks.cnn.presets import PRESETS, Config
from glassnet.tasks.cnn.task import TASK, binary_cross_entropy
from glassnet.training.loop import Trainer
from glassnet.training.setup import open_fabric

BASE = replace(PRESETS["paper"], snapshots=0, precision="bf16")
N_VALID = 500
"""Held-out images on which the loop validates; the result does not depend on them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fields", nargs="+", required=True)
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    splits = TASK.load(BASE)
    images = Split(
        *(
            np.concatenate([getattr(splits.train, name), getattr(splits.valid, name)])
            for name in ("inputs", "labels", "ids")
        )
    )
    args.store.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, object]] = []
    first: np.ndarray | None = None
    for fields in args.fields:
        values = tomllib.loads(fields.replace(";", "\n"))
        values = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        config = replace(BASE, seed=args.seed, threads=args.threads, **values)
        name = f"{re.sub('[^a-z0-9.]+', '-', fields.lower())}-{args.folds}-{args.seed}.npz"
        found = out_of_fold(config, splits, images, args.folds, args.store / name)
        right = found["probabilities"].argmax(axis=1) == images.labels
        first = right if first is None else first
        bce = binary_cross_entropy(
            torch.from_numpy(found["probabilities"]).clamp(1e-30).log(),
            torch.from_numpy(images.labels),
        )
        rows.append(
            {
                "fields": fields, "folds": args.folds, "seed": args.seed, "n": len(right),
                "errors": int((~right).sum()), "accuracy": round(float(right.mean()), 5),
                "bce": round(float(bce), 6),
                "only_this_right": int((right & ~first).sum()),
                "only_first_right": int((first & ~right).sum()),
                "p": round(paired_difference(right, first).p, 4),
                "seconds": round(float(found["seconds"])),
            }
        )  # fmt: skip
        print(rows[-1], flush=True)
        write(args.out, rows)


def out_of_fold(
    config: Config, splits: Splits, images: Split, n_folds: int, path: Path
) -> dict[str, np.ndarray]:
    """Probabilities (n, 10) of the images by networks that did not learn from them."""
    if path.exists():
        return dict(np.load(path))
    signature = TASK.signature(splits, config)
    probabilities = np.empty((len(images), 10), np.float32)
    start = time.perf_counter()
    for others, held_out in stratified_folds(images.labels, config.seed, n_folds):
        valid = images.take(held_out[:N_VALID])
        part = replace(splits, train=images.take(others), valid=valid)
        with open_fabric(config) as fabric:
            trainer = Trainer(fabric, TASK, config, part, signature)
            trainer.start()
            trainer.fit()
            network = trainer.state.evaluated.eval()
            inputs = TASK.tensors(images.take(held_out), config, signature)[0]
            outputs = predict.outputs(inputs, partial(TASK.predict, network))
        probabilities[held_out] = outputs[CLASSES]
    seconds = np.array(time.perf_counter() - start)
    np.savez(path, probabilities=probabilities, seconds=seconds)
    return {"probabilities": probabilities, "seconds": seconds}


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
