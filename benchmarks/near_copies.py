"""Recall of planted near copies, and pairs found by chance, in MNIST and Fashion-MNIST.

    python benchmarks/near_copies.py --data mnist --out benchmarks/results/near-copies.csv
    python benchmarks/near_copies.py --data fashion-mnist --out benchmarks/results/near-copies.csv

Fifty training images are changed in each way and added to the test set. `found` counts those that
`find_pairs` finds as a copy of their original. `chance_pairs` counts the pairs of one of the data
set's own training images and one of its own test images that it finds; none of them was planted,
but Fashion-MNIST has some true copies. A mirrored image is meant as another one.
"""

from __future__ import annotations

import argparse
import csv
import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from glassnet.data.images.load import load_images
from glassnet.data.problems.near_duplicate_images import find_pairs

N = 50
SHIFTS = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (-1, 1))

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    data, random = load_images(args.data, seed=0), np.random.default_rng(0)
    train = np.concatenate([data.train.inputs, data.valid.inputs])
    sources = random.choice(len(train), N, replace=False)
    copies = [np.stack([change(train[k], random) for k in sources]) for change in CHANGES.values()]
    began = time.process_time()
    pairs, missed = find_pairs(np.concatenate([train, data.test.inputs, *copies]))
    seconds = time.process_time() - began
    n_own = len(train) + len(data.test)
    own = (pairs[:, 0] < len(train)) & (pairs[:, 1] >= len(train)) & (pairs[:, 1] < n_own)
    of_copies = {(one, other) for one, other in pairs.tolist() if other >= n_own}
    is_new = not args.out.exists()
    with args.out.open("a", newline="") as stream:
        writer = csv.writer(stream)
        if is_new:
            writer.writerow(
                ["data", "change", "planted", "found", "chance_pairs", "compared_pairs", "cpu_s"]
            )
        for k, name in enumerate(CHANGES):
            first = n_own + N * k
            found = sum((int(one), first + i) in of_copies for i, one in enumerate(sources))
            compared = len(train) * len(data.test)
            row = [args.data, name, N, found, int(own.sum()), compared, round(seconds, 1)]
            writer.writerow(row)
            print(*row)
    print("images not compared:", missed)


def jpeg(quality: int) -> Change:
    def change(image: np.ndarray, _: np.random.Generator) -> np.ndarray:
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "jpeg", quality=quality)
        return np.asarray(Image.open(stream).convert("L"))

    return change


def noise(deviation: float) -> Change:
    def change(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
        noisy = image + random.normal(0, deviation, image.shape)
        return noisy.clip(0, 255).astype(np.uint8)

    return change


def brightness(factor: float, offset: float) -> Change:
    return lambda image, _: (image * factor + offset).clip(0, 255).astype(np.uint8)


def shifted(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Shift by one pixel in one of six directions; what comes in is black."""
    down, right = SHIFTS[random.integers(len(SHIFTS))]
    padded, (height, width) = np.pad(image, 1), image.shape
    return padded[1 - down : 1 - down + height, 1 - right : 1 - right + width]


def blurred(image: np.ndarray, _: np.random.Generator) -> np.ndarray:
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(0.5)))


def resized(image: np.ndarray, _: np.random.Generator) -> np.ndarray:
    height, width = image.shape
    larger = Image.fromarray(image).resize((40, 40), Image.Resampling.BICUBIC)
    return np.asarray(larger.resize((width, height), Image.Resampling.BICUBIC))


CHANGES: dict[str, Change] = {
    "saved as PNG": lambda image, _: image,
    "JPEG, quality 80": jpeg(80),
    "JPEG, quality 50": jpeg(50),
    "noise, standard deviation 4": noise(4),
    "noise, standard deviation 8": noise(8),
    "noise, standard deviation 16": noise(16),
    "shifted by a pixel": shifted,
    "brighter by 20 %": brightness(1.2, 0),
    "less contrast": brightness(0.8, 20),
    "blurred, radius 0.5": blurred,
    "enlarged and reduced": resized,
    "mirrored": lambda image, _: image[:, ::-1],
}


if __name__ == "__main__":
    main()
