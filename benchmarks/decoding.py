"""Time to read photos for the first and second time, relative to decoding with Pillow alone.

    python benchmarks/decoding.py --out benchmarks/results/decoding.csv

The peer opens each JPEG in draft mode at twice the target size, scales it with Pillow's
best filter and stacks the arrays, in a loop and on as many threads as there are cores. glassnet
hashes the files, reads their headers, decodes them and writes the arrays to an empty cache; the
second time it reads them from there. The photos are crops of scikit-learn's two sample images.
Rounds are interleaved; the result is the ratio of the medians to Pillow on threads.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

from glassnet.data import folders
from glassnet.data.images import decode
from glassnet.data.sources import cache

SIDE = 64
DRAFT = (2 * SIDE, 2 * SIDE)


def write_photos(root: Path, n: int) -> list[Path]:
    """Write n JPEGs of 500 x 375 pixels in two folders."""
    rng = np.random.default_rng(0)
    photos = [Image.fromarray(pixels) for pixels in load_sample_images().images]
    paths = []
    for k in range(n):
        photo = photos[k % 2]
        width = int(rng.integers(200, 500))
        left = int(rng.integers(0, photo.width - width))
        top = int(rng.integers(0, photo.height - width * 3 // 4))
        path = root / "ab"[k % 2] / f"{k}.jpg"
        path.parent.mkdir(exist_ok=True)
        crop = photo.crop((left, top, left + width, top + width * 3 // 4))
        crop.resize((500, 375)).save(path, quality=90)
        paths.append(path)
    return paths


def decode_with_pillow(path: Path) -> np.ndarray:
    """Decode and scale one photo with Pillow alone."""
    with Image.open(path) as image:
        image.draft(None, DRAFT)
        small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS, None, 2.0)
        return np.asarray(small)


def decode_on_threads(paths: list[Path]) -> np.ndarray:
    """Decode all photos on as many threads as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(decode_with_pillow, paths)))


def measure(root: Path, n: int, rounds: int) -> dict[str, list[float]]:
    """Way of reading -> the seconds of each round."""
    paths = write_photos(root, n)
    ways: dict[str, Callable[[], object]] = {
        "Pillow in a loop": lambda: np.stack([decode_with_pillow(path) for path in paths]),
        "Pillow on threads": lambda: decode_on_threads(paths),
        "glassnet, first reading": lambda: decode.read_listing(
            folders.find(root), None, None, ignore
        ),
        "glassnet, second reading": lambda: decode.read_listing(
            folders.find(root), None, None, ignore
        ),
    }
    decode_on_threads(paths)  # fills the cache of the operating system
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for path in (cache.root() / "decoded").glob("*"):
            path.unlink()
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def ignore(_: object) -> None:
    """Discard a problem of the data."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GLASSNET_CACHE"] = f"{folder}/cache"
        root = Path(folder).resolve() / "photos"
        root.mkdir()
        seconds = {
            name: statistics.median(rounds)
            for name, rounds in measure(root, args.photos, args.rounds).items()
        }
    rows = [
        {"way": name, "ratio": round(value / seconds["Pillow on threads"], 2)}
        for name, value in seconds.items()
    ]
    for row in rows:
        print(f"{row['way']:26} {row['ratio']:5.2f}")
    if args.out:
        with args.out.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
