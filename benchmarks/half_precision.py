"""What half precision of saved weights changes in what a network predicts.

    python benchmarks/half_precision.py RUN ... --out benchmarks/results/half-precision.csv

The weights of the best epoch, which are saved exactly, are rounded to float16 and to bfloat16. For
each: test examples whose predicted class changes, the largest change of a probability, the largest
change of a value of the feature layer relative to its root mean square, and the examples whose
10-NN class in that layer changes, among 2,000.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import torch

import glassnet as gn
from glassnet.contract import CLASSES
from glassnet.insight.measures.neighbour_accuracy import neighbour_accuracy

COLUMNS = [
    *("task", "data", "dtype", "examples", "accuracy", "accuracy_rounded", "classes_changed"),
    *("largest_change_of_probability", "largest_relative_change_of_layer"),
    *("neighbour_examples", "neighbour_hits", "neighbour_hits_rounded"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rows = [measure(path, dtype) for path in args.runs for dtype in (torch.float16, torch.bfloat16)]
    with args.out.open("w", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS, *rows])


def measure(path: Path, dtype: torch.dtype) -> list[object]:
    model = gn.load(path).model
    data, layer = model.data, model.feature_layer
    positions = data.subsample(2000, seed=0)
    inputs, points = data.inputs(data.test), data.inputs(data.test.take(positions))
    labels = data.test.labels
    exact = model.predict(inputs)[CLASSES], model.activations(points, [layer])[layer]
    for weight in (*model.network.parameters(), *model.network.buffers()):
        if weight.is_floating_point():
            weight.copy_(weight.to(dtype))
    rounded = model.predict(inputs)[CLASSES], model.activations(points, [layer])[layer]
    classes = [probabilities.argmax(axis=1) for probabilities, _ in (exact, rounded)]
    hits = [neighbour_accuracy(values, labels[positions]).hits for _, values in (exact, rounded)]
    row = [
        *(model.task.name, data.splits.name, str(dtype).removeprefix("torch."), len(labels)),
        *(float((predicted == labels).mean()) for predicted in classes),
        int((classes[0] != classes[1]).sum()),
        float(np.abs(exact[0] - rounded[0]).max()),
        float(np.abs(exact[1] - rounded[1]).max() / np.sqrt((exact[1] ** 2).mean())),
        *(len(positions), *map(int, hits)),
    ]
    print(*row, flush=True)
    return row


if __name__ == "__main__":
    main()
