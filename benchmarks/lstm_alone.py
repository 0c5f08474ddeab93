"""Accuracy of a text classifier's LSTM by itself and with its n-grams, one CSV row per run.

    glassnet train lstm --preset unlabelled --data imdb --snapshots 0 --no-test --name long
    python benchmarks/lstm_alone.py runs/long --out benchmarks/results/lstm-imdb-unlabelled.csv

The checkpoint is the one that validation selected, by the loss of both branches together. The test
set is read once and gives both accuracies, the columns of the LSTM with `lstm_` before them.
`--valid` prints those of the validation split instead.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from seeds import append

import glassnet as gn
from glassnet import tasks
from glassnet.inference import predict
from glassnet.runs import checkpoint
from glassnet.stats.intervals import wilson
from glassnet.tasks.lstm.network import LSTMTextClassifier


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--valid", action="store_true", help="print the validation split's alone")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    for path in args.runs:
        trained = gn.load(path)
        if args.valid:
            print(accuracies(trained, "valid"))
            continue
        row = row_of(trained)
        print(row)
        if args.out:
            append(args.out, row)


def row_of(trained: gn.TrainedRun) -> dict[str, object]:
    info = trained.run.info
    return {
        "preset": info["preset"],
        "seed": info["seed"],
        **accuracies(trained, "test"),
        "best_epoch": info["best"]["epoch"],
        "epochs": info["epochs_done"],
        "train_seconds": info["seconds"].get("train", ""),  # of a training that goes on, none yet
        "parameters": info["parameters"],
        "precision": info["precision"],
        "torch": info["versions"]["torch"],
        "command": info["command"],
    }


def accuracies(trained: gn.TrainedRun, split: str) -> dict[str, object]:
    """Accuracy, log loss and 95 % interval of the LSTM and of both branches together."""
    run, data = trained.run, trained.data
    task, config, signature = tasks.load("lstm"), trained.model.config, trained.model.signature
    examples = getattr(data.splits, split)
    weights = checkpoint.load(run.best)["network"]
    network = predict.build_network(task, config, signature, weights, run.best)
    assert isinstance(network, LSTMTextClassifier)
    inputs = predict.inputs_of(task, config, signature, examples.inputs)

    def forward(words: torch.Tensor) -> dict[str, torch.Tensor]:
        branches = network(words)
        return {"": network.combine(branches, words), "lstm_": branches[:, 0]}

    measured: dict[str, object] = {"n": len(examples)}
    labels = torch.from_numpy(examples.labels)
    for name, logits in predict.outputs(inputs, forward).items():
        right = logits.argmax(axis=1) == examples.labels
        low, high = wilson(int(right.sum()), len(right))
        loss = F.cross_entropy(torch.from_numpy(logits), labels).item()
        measured |= {
            f"{name}accuracy": round(float(np.mean(right)), 5),
            f"{name}low": round(low, 5),
            f"{name}high": round(high, 5),
            f"{name}log_loss": round(loss, 4),
        }
    return measured


if __name__ == "__main__":
    main()
