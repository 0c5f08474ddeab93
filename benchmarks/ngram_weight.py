"""What other weights of the n-gram branch give on the validation split, after the training.

    python benchmarks/ngram_weight.py RUN [RUN ...] --out benchmarks/results/ngram-weight.csv

The branches of a text classifier are trained with a loss each, so the weight changes nothing of
them. A row per run and weight: accuracy, and the log loss at the temperature that is fitted to it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import torch
from seeds import append

import glassnet as gn
from glassnet.data.ragged import lengths as lengths_of
from glassnet.inference import predict, temperature
from glassnet.tasks.lstm.network import LSTMTextClassifier, combine_branches

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 0.7, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    for run in options.runs:
        for row in rows(run):
            append(options.out, row)


def rows(name: str) -> Iterator[dict[str, object]]:
    """The rows of a run."""
    trained = gn.load(name)
    network = cast("LSTMTextClassifier", trained.model.network)
    valid = trained.data.valid

    def forward(words: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"branches": network(words).float(), "lengths": lengths_of(words)}

    outputs = predict.outputs(trained.data.inputs(valid), forward)
    branches, lengths = map(torch.from_numpy, (outputs["branches"], outputs["lengths"]))
    for weight in WEIGHTS:
        raw = combine_branches(branches, lengths, weight).softmax(dim=1)
        fitted = temperature.fit(raw.numpy(), valid.labels)
        own = temperature.scaled(raw, fitted).numpy()[np.arange(len(valid)), valid.labels]
        yield {
            "data": trained.info["data"]["name"],
            "preset": trained.info["preset"],
            "seed": trained.info["seed"],
            "ngram_weight": weight,
            "accuracy": round(float((raw.numpy().argmax(axis=1) == valid.labels).mean()), 5),
            "log_loss": round(float(-np.log(own).mean()), 4),
            "temperature": round(fitted, 3),
            "n": len(valid),
            "command": trained.info["command"],
        }


if __name__ == "__main__":
    main()
