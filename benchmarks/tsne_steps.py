"""t-SNE with a high momentum and few steps, compared with the usual momentum and more steps.

    python benchmarks/tsne_steps.py RUN --out benchmarks/results/tsne-steps.csv

Both project the layers that `explain` projects, of a seeded subsample of the test set. Distances in
the projection are compared with those between all values of the layer. The seconds are those of the
processor, in one thread.
"""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

from threadpoolctl import threadpool_limits

import glassnet as gn
from glassnet import progress
from glassnet.inference.subsample import subsample_activations
from glassnet.insight.measures import projections
from glassnet.insight.measures.neighbour_accuracy import neighbour_accuracy
from glassnet.insight.measures.projection_quality import Score, projection_quality

SEED = 0
SETTINGS: dict[str, dict[str, Any]] = {
    "usual": {"ITERATIONS": (125, 375), "momentum": lambda n: 0.8, "THETA": 0.5},
    "glassnet": {"THETA": projections.THETA},
    "momentum 0.95": {"momentum": lambda n: 0.95},
}
COLUMNS = (
    *("settings", "layer", "points", "steps", "momentum", "theta", "cpu_seconds"),
    *("trustworthiness", "trustworthiness_half", "continuity", "continuity_half"),
    *("neighbours_kept", "neighbours_kept_half", "knn_accuracy", "command"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--points", type=int, nargs="+", default=[300, 800, 5000])
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    evidence = gn.load(given.run).evidence
    layers = evidence.task.layers
    with given.out.open("w", newline="") as stream, progress.silenced(), threadpool_limits(1):
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for points in given.points:
            labels = evidence.data.test.labels[evidence.data.subsample(points, SEED)]
            values = subsample_activations(evidence.data, evidence.model, points, SEED, layers)
            for layer in layers:
                made = {name: projected(values[layer], name) for name in SETTINGS}
                qualities = projection_quality(values[layer], [m for m, _ in made.values()])
                for (name, (points_2d, settings)), quality in zip(
                    made.items(), qualities, strict=True
                ):
                    row: list[Any] = [name, layer, points, *settings]
                    for each in (
                        quality.trustworthiness,
                        quality.continuity,
                        quality.neighbours_kept.astype(float),
                    ):
                        score = Score.of(each)
                        row += [round(score.value, 4), round((score.high - score.low) / 2, 4)]
                    accuracy = neighbour_accuracy(points_2d, labels, seed=SEED).accuracy
                    row += [round(accuracy, 4), shlex.join(["python", *sys.argv])]
                    writer.writerow(row)
                    print(*row[:-1], flush=True)


def projected(values: Any, name: str) -> tuple[Any, list[Any]]:
    """The points, and steps, momentum, theta and CPU seconds."""
    with mock.patch.multiple(projections, **SETTINGS[name]):
        began = time.process_time()
        points = projections.SINGLE_THREADED["tsne"](values, SEED).points
        seconds = time.process_time() - began
        steps, momentum = sum(projections.ITERATIONS), projections.momentum(len(points))
        return points, [steps, momentum, projections.THETA, round(seconds, 2)]


if __name__ == "__main__":
    main()
