"""Photos decoded by a first reading, side by side with what Pillow alone takes for it.

    python benchmarks/decoding.py --out benchmarks/results/decoding.csv

The peer opens each JPEG, has it drafted to twice the size that is wanted, scales it with Pillow's
best filter and stacks the arrays, in a loop and on as many threads as there are cores. Ours hashes
the files, looks at their headers, decodes them and writes the arrays to a fresh cache; a second
reading finds them there. The photos are cuts of scikit-learn's two. Rounds are interleaved; the
median and the ratio to Pillow on threads are kept.
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
    random = np.random.default_rng(0)
    photos = [Image.fromarray(pixels) for pixels in load_sample_images().images]
    paths = []
    for k in range(n):
        photo = photos[k % 2]
        width = int(random.integers(200, 500))
        left = int(random.integers(0, photo.width - width))
        top = int(random.integers(0, photo.height - width * 3 // 4))
        path = root / "ab"[k % 2] / f"{k}.jpg"
        path.parent.mkdir(exist_ok=True)
        cut = photo.crop((left, top, left + width, top + width * 3 // 4))
        cut.resize((500, 375)).save(path, quality=90)
        paths.append(path)
    return paths


def pillow(path: Path) -> np.ndarray:
    """One photo as Pillow alone would decode and scale it."""
    with Image.open(path) as image:
        image.draft(None, DRAFT)
        small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS, None, 2.0)
        return np.asarray(small)


def in_threads(paths: list[Path]) -> np.ndarray:
    """All photos on as many threads as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(pillow, paths)))


def measure(root: Path, n: int, rounds: int) -> dict[str, list[float]]:
    """Way of reading -> the seconds of each round."""
    paths = write_photos(root, n)
    ways: dict[str, Callable[[], object]] = {
        "Pillow in a loop": lambda: np.stack([pillow(path) for path in paths]),
        "Pillow on threads": lambda: in_threads(paths),
        "glassnet, first reading": lambda: decode.read(folders.find(root), None, None, ignore),
        "glassnet, second reading": lambda: decode.read(folders.find(root), None, None, ignore),
    }
    in_threads(paths)  # the files are in memory from here on
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for path in (cache.root() / "decoded").glob("*"):
            path.unlink()
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - began)
    return seconds


def ignore(_: object) -> None:
    """Nobody reads what is told."""


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
