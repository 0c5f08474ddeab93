"""Validation loss of the text classifier by the number of rows of its n-gram tables.

    python benchmarks/ngram_buckets.py --out benchmarks/results/ngram-buckets.csv

Trains the preset `quick` for four epochs on seven tenths of the movie snippets' training texts; the
others are for validation. Every seed has the same split and initial weights for all tables.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace
from pathlib import Path

from glassnet import tasks
from glassnet.config import resolve
from glassnet.training import in_memory
from glassnet.training.setup import open_fabric

COLUMNS = ["seed", "n_ngrams", "buckets", "valid_loss", "valid_accuracy", "valid", "best_epoch"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--bits", type=int, nargs="+", default=[15, 17, 18, 19, 20])
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rows = [row for seed in range(args.seeds) for row in measure(seed, args.bits)]
    with args.out.open("w", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS, *rows])


def measure(seed: int, bits: list[int]) -> list[list[float]]:
    task, rows = tasks.load("lstm"), []
    preset = replace(tasks.preset("lstm", "quick"), epochs=4, valid_fraction=0.3, threads=1)
    splits = task.load(replace(preset, seed=seed))
    for power in bits:
        config = resolve(preset, overrides={"seed": seed, "ngram_buckets": 2**power})
        # The table is as large as the configuration says, whatever the number of n-grams.
        signature = task.signature(splits, config)
        unlimited = replace(signature, n_ngrams=2**power)
        with open_fabric(config) as fabric:
            trained = in_memory.fit(fabric, task, config, splits, unlimited)
        best = trained.rows[trained.best_epoch - 1]
        rows.append(
            [
                *(seed, signature.n_ngrams, 2**power, best["valid_loss"], best["valid_accuracy"]),
                *(len(splits.valid), trained.best_epoch),
            ]
        )
        print(*rows[-1], flush=True)
    return rows


if __name__ == "__main__":
    main()
