"""How many validation examples a temperature needs.

    python benchmarks/temperature.py RUN ... --out benchmarks/results/temperature.csv

Examples of a run's test split, drawn without replacement, take the place of validation splits of
several sizes. A temperature is fitted on each, and the rest of the test split shows what it does to
the negative log-likelihood and to the mean gap between confidence and accuracy. Every network is
measured twice: as it is, and already calibrated by a temperature from its whole test split, so that
any temperature but 1 is a mistake.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import torch

import glassnet as gn
from glassnet.inference import temperature

SIZES = (25, 50, 100, 200, 300, 500, 1000, 2000)

MIN_REST = 500
"""Fewest examples that are left to measure on."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", help="runs of classifiers")
    parser.add_argument("--redraws", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    temperature.MIN_EXAMPLES = 0
    command = f"python benchmarks/temperature.py RUN ... --redraws {args.redraws}"
    rows = []
    for name in args.runs:
        run = gn.load(name)
        outputs = run.model.cache("test", dict)["probabilities"]
        labels = run.data.test.labels
        data = Path(run.info["data"]["name"]).name
        for state in ("as it is", "calibrated"):
            if state == "calibrated":
                outputs = scaled(outputs, temperature.fit(outputs, labels))
            for size in SIZES:
                if size + MIN_REST > len(labels):
                    break
                measured = measure(outputs, labels, size, args.redraws)
                row = {"data": data, "network": state, "n": size, "redraws": args.redraws}
                rows.append(row | measured | {"command": command})
                print(rows[-1])
    with args.out.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def measure(outputs: np.ndarray, labels: np.ndarray, size: int, redraws: int) -> dict[str, float]:
    """What temperatures from so many examples do to the other ones, over redraws."""
    rng = np.random.default_rng(size)
    temperatures, before, after = [], [], []
    for _ in range(redraws):
        order = rng.permutation(len(labels))
        fitted, rest = order[:size], order[size : size + 2000]
        temperatures.append(temperature.fit(outputs[fitted], labels[fitted]))
        before.append(scores(outputs[rest], labels[rest]))
        after.append(scores(scaled(outputs[rest], temperatures[-1]), labels[rest]))
    change = np.array(after) - before
    low, middle, high = np.quantile(temperatures, [0.025, 0.5, 0.975])
    return {
        "temperature": round(middle, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "nll_before": round(float(np.mean(before, axis=0)[0]), 5),
        "nll_change": round(float(change[:, 0].mean()), 5),
        "nll_change_95th": round(float(np.quantile(change[:, 0], 0.95)), 5),
        "nll_worse_share": round(float((change[:, 0] > 0).mean()), 4),
        "gap_before_points": round(100 * float(np.mean(before, axis=0)[1]), 3),
        "gap_after_points": round(100 * float(np.mean(after, axis=0)[1]), 3),
    }


def scaled(outputs: np.ndarray, value: float) -> np.ndarray:
    return temperature.scaled(torch.from_numpy(outputs), value).numpy()


def scores(outputs: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Negative log-likelihood, and the absolute mean gap between confidence and accuracy."""
    own = outputs[np.arange(len(labels)), labels].astype(np.float64)
    gap = (outputs.max(axis=1) - (outputs.argmax(axis=1) == labels)).mean()
    return float(-np.log(own.clip(1e-12)).mean()), abs(float(gap))


if __name__ == "__main__":
    main()
