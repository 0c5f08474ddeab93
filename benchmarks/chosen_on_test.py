"""Effect of selecting the checkpoint on the test set, which glassnet itself never does.

    python benchmarks/chosen_on_test.py --seeds 0 1 2 --out benchmarks/results/chosen-on-test.csv

Trains the preset `paper` on all 60,000 training images with the test set in place of
the validation split, and reads three numbers from the log: the test accuracy at the epoch with the
lowest test loss, at the epoch with the highest test accuracy, and after the last epoch.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

import glassnet as gn
from glassnet.api import verbs
from glassnet.config import ImageConfig
from glassnet.contract import Split, Splits
from glassnet.tasks.cnn.task import TASK, ImageClassifier

COLUMNS = ("seed", "at_lowest_test_loss", "highest_of_all_epochs", "last_epoch", "epochs")


class ChosenOnTest(ImageClassifier):
    """The image classifier without a validation split, evaluated on the test set every epoch."""

    def load(self, config: ImageConfig) -> Splits:
        splits = TASK.load(config)
        train = Split(
            *(
                np.concatenate([getattr(splits.train, field), getattr(splits.valid, field)])
                for field in ("inputs", "labels", "ids")
            )
        )
        return replace(splits, train=train, valid=splits.test)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    verbs.tasks.load = lambda name: ChosenOnTest()  # type: ignore[assignment]
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with args.out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for seed in args.seeds:
            run = gn.train("cnn", preset="paper", seed=seed, runs=args.runs, evaluate=False)
            log = run.metrics
            accuracy = log["valid_accuracy"]
            at_lowest_loss = accuracy[log["valid_bce"].argmin()]
            writer.writerow([seed, at_lowest_loss, accuracy.max(), accuracy[-1], len(accuracy)])
            stream.flush()


if __name__ == "__main__":
    main()
