"""PCA and t-SNE of this tool beside scikit-learn's, on the same points in one run.

    python benchmarks/projection_speed.py --out benchmarks/results/projection-speed.csv

The features are the pixels of MNIST test images, a seeded and stratified draw. Both t-SNE see the
same 50 principal components, have perplexity 30 and start from PCA; scikit-learn's takes its own
number of steps (1,000), and ours too besides, so that steps and speed can be told apart. Rounds are
interleaved; the median is kept, and how many times as fast as scikit-learn's it is. Trustworthiness
and continuity are held against the pixels, with half their 95 % interval.
"""

from __future__ import annotations

import argparse
import csv
import os
import shlex
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import openTSNE
import sklearn
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from glassnet import progress
from glassnet.data.images.dataset import load
from glassnet.data.splits import draw
from glassnet.insight.measures import projections
from glassnet.insight.measures.projection_quality import Score, trust

SEED = 0
THEIR_STEPS = (250, 750)


def pixels(points: int) -> np.ndarray:
    test = load("mnist", seed=SEED).test
    images = test.inputs[draw(test.labels, points, SEED)]
    return images.reshape(len(images), -1).astype(np.float32)


def their_pca(features: np.ndarray) -> np.ndarray:
    return PCA(2, random_state=SEED).fit_transform(features)


def their_tsne(features: np.ndarray) -> np.ndarray:
    parts = PCA(projections.COMPONENTS, random_state=SEED).fit_transform(features)
    return TSNE(perplexity=30, init="pca", random_state=SEED, n_jobs=-1).fit_transform(parts)


def our_tsne_as_long(features: np.ndarray) -> np.ndarray:
    with mock.patch.object(projections, "ITERATIONS", THEIR_STEPS):
        return projections.tsne(features, SEED).points


WAYS: dict[str, tuple[str, int, Callable[[np.ndarray], np.ndarray]]] = {
    "scikit-learn PCA": ("PCA", 0, their_pca),
    "glassnet PCA": ("PCA", 0, lambda features: projections.pca(features, SEED).points),
    "scikit-learn t-SNE": ("t-SNE", sum(THEIR_STEPS), their_tsne),
    "glassnet t-SNE": (
        "t-SNE",
        sum(projections.ITERATIONS),
        lambda features: projections.tsne(features, SEED).points,
    ),
    "glassnet t-SNE, as many steps": ("t-SNE", sum(THEIR_STEPS), our_tsne_as_long),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    features = pixels(given.points)
    progress.quiet = True
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    maps = {}
    for lay_out in (their_tsne, lambda few: projections.tsne(few, SEED)):
        lay_out(features[:200])  # what is loaded or compiled once does not count
    for _ in range(given.rounds):
        for name, (_, _, lay_out) in WAYS.items():
            began = time.perf_counter()
            maps[name] = lay_out(features)
            seconds[name].append(time.perf_counter() - began)
            print(f"{name:32} {seconds[name][-1]:8.2f} s", flush=True)
    held = dict(zip(maps, trust(features, list(maps.values())), strict=True))
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    theirs = {method: middle[f"scikit-learn {method}"] for method in ("PCA", "t-SNE")}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with given.out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(
            [
                *(
                    "what",
                    "steps",
                    "seconds",
                    "times_as_fast",
                    "trustworthiness",
                    "trustworthiness_half",
                ),
                *("continuity", "continuity_half", "neighbours_kept", "points", "dimensions"),
                *("rounds", "cores", "sklearn", "opentsne", "command"),
            ]
        )
        for name, (method, steps, _) in WAYS.items():
            true, whole = (
                Score.of(each) for each in (held[name].trustworthiness, held[name].continuity)
            )
            ratio = theirs[method] / middle[name]
            row = [name, steps, round(middle[name], 3), round(ratio, 2)]
            for score in (true, whole):
                row += [round(score.value, 4), round((score.high - score.low) / 2, 4)]
            row += [round(float(held[name].kept.mean()), 4), *features.shape, given.rounds]
            versions = [sklearn.__version__, openTSNE.__version__]
            writer.writerow([*row, os.cpu_count(), *versions, shlex.join(["python", *sys.argv])])
            print(f"{name:32} {middle[name]:8.2f} s {ratio:6.2f} x   {true.value:.4f}")


if __name__ == "__main__":
    main()
