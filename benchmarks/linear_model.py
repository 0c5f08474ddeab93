"""The linear model beside which networks are judged, on the built-in data sets.

python benchmarks/linear_model.py --out benchmarks/results/linear-model.csv
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from glassnet.contract import Modality
from glassnet.data.images.load import load_images
from glassnet.data.texts.load import load_texts
from glassnet.inference import linear_model
from glassnet.stats.intervals import wilson

COLUMNS = ("data", "train", "test", "errors", "accuracy", "low", "high", "processor_seconds")


def main() -> None:
    """Write a row per data set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    with out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name in ("mnist", "fashion-mnist"):
            writer.writerow(row(name, load_images(name, seed=0), Modality.IMAGES))
        for name in ("movie-snippets", "imdb"):
            writer.writerow(row(name, load_texts(name, seed=0), Modality.TEXTS))


def row(name: str, splits: Any, modality: Modality) -> list[str]:
    """Fit and measure the linear model; the split is that of seed 0."""
    data: Any = SimpleNamespace(train=splits.train, test=splits.test, modality=modality)
    began = time.process_time()
    predicted = linear_model.predict_classes(data)
    seconds, n = time.process_time() - began, len(splits.test)
    hits = int((predicted == splits.test.labels).sum())
    shares = (f"{value:.4f}" for value in (hits / n, *wilson(hits, n)))
    return [name, str(len(splits.train)), str(n), str(n - hits), *shares, f"{seconds:.1f}"]


if __name__ == "__main__":
    main()
