"""Shares of inputs that the out-of-distribution detector marks, by class and kind of input.

    glassnet train cnn --data mnist
    python benchmarks/ood_marks.py RUN --out benchmarks/results/ood-marks.csv

Each row is a class of the test set (false alarms), or a kind of image that no classifier of digits
or clothes was trained on (detections). `one_threshold` is the share that exceeds one threshold for
the distances of all classes; `marked` is the share that the detector marks.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

import glassnet as gn
from glassnet.inference.ood import conformal_threshold

N = 500
"""Images of each made-up kind."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", help="a run of an image classifier")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    run = gn.load(args.run)
    data = run.info["data"]["name"]
    distances_of = nearest_distances(run)
    threshold, _ = conformal_threshold(distances_of(run.data.valid.inputs))
    is_new = not args.out.exists()
    with args.out.open("a", newline="") as stream:
        writer = csv.writer(stream)
        if is_new:
            writer.writerow(["data", "inputs", "n", "one_threshold", "marked"])
        for name, images in [*test_classes(run), *other_images(run.data.test.inputs.shape[1:])]:
            marked = run.outputs(images, ood_scores=True)["ood_score"] > 1
            before = distances_of(images) > threshold
            row = [data, name, len(images), round(before.mean(), 4), round(marked.mean(), 4)]
            writer.writerow(row)
            print(*row)


def nearest_distances(run: gn.TrainedRun) -> Callable[[np.ndarray], np.ndarray]:
    """A function from images to their distances from the nearest class mean."""
    layer, detector = run.model.feature_layer, run.ood_detector
    assert detector is not None

    def distances(images: np.ndarray) -> np.ndarray:
        features = torch.from_numpy(run.transform(images, layer))
        parts = [detector.distances(part).amin(1) for part in features.split(500)]
        return torch.cat(parts).numpy()

    return distances


def test_classes(run: gn.TrainedRun) -> Iterator[tuple[str, np.ndarray]]:
    """The test images of each class, and of all."""
    test = run.data.test
    for label, name in enumerate(run.class_names):
        yield f"test: {name}", test.inputs[test.labels == label]
    yield "test: all classes", test.inputs


def other_images(shape: tuple[int, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Images of one colour and of noise."""
    random = np.random.default_rng(0)
    yield "black", np.zeros((1, *shape), np.uint8)
    yield "white", np.full((1, *shape), 255, np.uint8)
    grey = np.arange(256, dtype=np.uint8).reshape(-1, *[1] * len(shape))
    yield "one grey level", np.broadcast_to(grey, (256, *shape)).copy()
    yield "noise", random.integers(0, 256, (N, *shape), np.uint8)
    yield "dark noise", random.integers(0, 4, (N, *shape), np.uint8)
    blocks = random.integers(0, 256, (N, *[-(-side // 7) for side in shape[:2]], *shape[2:]))
    coarse = blocks.repeat(7, axis=1).repeat(7, axis=2)
    yield "blocks of 7 x 7", coarse[:, : shape[0], : shape[1]].astype(np.uint8)


if __name__ == "__main__":
    main()
