"""Speed and quality of PCA and t-SNE, compared with scikit-learn on the same points.

    python benchmarks/projection_speed.py --out benchmarks/results/projection-speed.csv

The features are the pixels of a seeded, stratified subsample of the MNIST test images. Both t-SNE
take the same 50 principal components, have perplexity 30 and are initialised with PCA.
scikit-learn's runs its default number of steps (1,000), and glassnet's runs its own number and
scikit-learn's, which separates the effect of steps from speed. Rounds are interleaved; the results
are the median and its ratio to scikit-learn's. Trustworthiness and continuity are measured against
the pixels and given with half their 95 % interval.
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
from glassnet.data.images.load import load_images
from glassnet.data.splits import subsample
from glassnet.insight.measures import projections
from glassnet.insight.measures.projection_quality import Score, projection_quality

SEED = 0
SKLEARN_STEPS = (250, 750)


def pixels(points: int) -> np.ndarray:
    test = load_images("mnist", seed=SEED).test
    images = test.inputs[subsample(test.labels, points, SEED)]
    return images.reshape(len(images), -1).astype(np.float32)


def sklearn_pca(features: np.ndarray) -> np.ndarray:
    return PCA(2, random_state=SEED).fit_transform(features)


def sklearn_tsne(features: np.ndarray) -> np.ndarray:
    components = PCA(projections.N_COMPONENTS, random_state=SEED).fit_transform(features)
    return TSNE(perplexity=30, init="pca", random_state=SEED, n_jobs=-1).fit_transform(components)


def tsne_with_sklearn_steps(features: np.ndarray) -> np.ndarray:
    with mock.patch.object(projections, "ITERATIONS", SKLEARN_STEPS):
        return projections.tsne(features, SEED).points


METHODS: dict[str, tuple[str, int, Callable[[np.ndarray], np.ndarray]]] = {
    "scikit-learn PCA": ("PCA", 0, sklearn_pca),
    "glassnet PCA": ("PCA", 0, lambda features: projections.pca(features, SEED).points),
    "scikit-learn t-SNE": ("t-SNE", sum(SKLEARN_STEPS), sklearn_tsne),
    "glassnet t-SNE": (
        "t-SNE",
        sum(projections.ITERATIONS),
        lambda features: projections.tsne(features, SEED).points,
    ),
    "glassnet t-SNE, as many steps": ("t-SNE", sum(SKLEARN_STEPS), tsne_with_sklearn_steps),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    features = pixels(args.points)
    seconds: dict[str, list[float]] = {name: [] for name in METHODS}
    maps = {}
    with progress.silenced():
        sklearn_tsne(features[:200])  # warm-up: imports and compilation are not measured
        projections.tsne(features[:200], SEED)
        for _ in range(args.rounds):
            for name, (_, _, project) in METHODS.items():
                start = time.perf_counter()
                maps[name] = project(features)
                seconds[name].append(time.perf_counter() - start)
                print(f"{name:32} {seconds[name][-1]:8.2f} s", flush=True)
    qualities = dict(zip(maps, projection_quality(features, list(maps.values())), strict=True))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    sklearn_seconds = {method: medians[f"scikit-learn {method}"] for method in ("PCA", "t-SNE")}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with args.out.open("w", newline="") as stream:
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
        for name, (method, steps, _) in METHODS.items():
            quality = qualities[name]
            scores = [Score.of(quality.trustworthiness), Score.of(quality.continuity)]
            ratio = sklearn_seconds[method] / medians[name]
            row = [name, steps, round(medians[name], 3), round(ratio, 2)]
            for score in scores:
                row += [round(score.value, 4), round((score.high - score.low) / 2, 4)]
            row += [round(float(quality.neighbours_kept.mean()), 4), *features.shape, args.rounds]
            versions = [sklearn.__version__, openTSNE.__version__]
            writer.writerow([*row, os.cpu_count(), *versions, shlex.join(["python", *sys.argv])])
            print(f"{name:32} {medians[name]:8.2f} s {ratio:6.2f} x   {scores[0].value:.4f}")


if __name__ == "__main__":
    main()
