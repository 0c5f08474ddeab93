"""What a learned prior is worth: the bound, and precision and recall of samples, beside N(0, I).

    python benchmarks/prior.py RUN [RUN ...] --classifier RUN --out benchmarks/results/prior.csv

The runs are image generators that were evaluated. 5,000 samples from each prior are compared with
5,000 test images in the features of the classifier, as the report does; 5,000 training images and
the reconstructions of them show what is attainable.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from glassnet.contract import LatentModel
from glassnet.explain.reference_classifier import RunReferenceClassifier
from glassnet.inference import latents
from glassnet.insight.measures.precision_recall import precision_recall
from glassnet.run_model import RunModel
from glassnet.runs.folder import Run

N_IMAGES, SEED = 5000, 0


def rows(
    path: Path, classifier: RunReferenceClassifier, temperatures: Sequence[float]
) -> Iterator[dict[str, Any]]:
    """One row per kind of images; samples from the learned prior at other temperatures, too."""
    run = Run.open(path)
    model, results = RunModel(run), run.info["results"]["test"]
    network, data = cast("LatentModel", model.network), model.data
    real = classifier.features(data.test.inputs[data.subsample(N_IMAGES, SEED)])
    chosen = np.random.default_rng(SEED).choice(len(data.train), N_IMAGES, replace=False)
    codes, _ = latents.encode(network, latents.observed(data, network, data.train.take(chosen)))
    images = {
        "learned prior": latents.sample(network, N_IMAGES, SEED),
        **{
            f"learned prior, temperature {value:g}": latents.sample(
                network, N_IMAGES, SEED, temperature=value
            )
            for value in temperatures
        },
        "N(0, I)": latents.sample(network, N_IMAGES, SEED, normal=True),
        "reconstructed training images": latents.decode(network, codes),
        "training images": data.train.inputs[chosen],
    }
    gain = results.get("prior_gain", 0.0)
    bounds = {"learned prior": results["iwae_nll"], "N(0, I)": results["iwae_nll"] + gain}
    for kind, pixels in images.items():
        precision, recall = precision_recall(real, classifier.features(pixels))
        yield {
            "run": run.name,
            "preset": run.info["preset"],
            "epochs": run.info["epochs_done"],
            "seed": run.info["seed"],
            "gaussians": network.prior.n_gaussians,
            "images": kind,
            "n": N_IMAGES,
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "importance_weighted_bound": round(bounds[kind], 3) if kind in bounds else "",
            "classifier": classifier.name,
            "command": str(run.info["command"]),
        }


def main() -> None:
    """Write the table and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--classifier", type=Path, required=True)
    parser.add_argument("--temperatures", type=float, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    classifier = RunReferenceClassifier(Run.open(options.classifier))
    table = [row for path in options.runs for row in rows(path, classifier, options.temperatures)]
    with options.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    for row in table:
        print(row)


if __name__ == "__main__":
    main()
