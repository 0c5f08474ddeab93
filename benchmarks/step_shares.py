"""Where the time of a training step goes, and how much of the matrix rate the network reaches.

    python benchmarks/step_shares.py --out benchmarks/results/step-shares.csv

torch's profiler measures each operation of the image classifier's steps, forward and backward, for
some presets and both precisions. The network's multiplications and additions are counted, and
compared with the rate of a product of two 2048 x 2048 matrices in the same process: the machine's
matrix rate in that precision. Seconds include what the profiler costs, so shares are what to read.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from pathlib import Path

import speed
import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

PARTS = {
    "convolution": ("convolution",),
    "batch normalisation": ("batch_norm", "BatchNorm"),
    "max pooling": ("max_pool2d",),
    "ReLU": ("threshold_backward", "clamp_min", "relu"),
    "augmentation": ("grid_sampler", "affine_grid", "rand"),
    "linear layer": ("addmm", "aten::mm"),
    "filling and copying": ("fill_", "copy_", "zero_", "clone", "zeros", "empty", "_to_copy"),
    "optimizer": ("Optimizer", "_fused_adam"),
}
"""Part of a step -> what the names of its operations contain; the first part that fits."""

SIDE = 2048


def part_of(name: str) -> str:
    for part, fragments in PARTS.items():
        if any(fragment in name for fragment in fragments):
            return part
    return "rest"


def matrix_rate(dtype: torch.dtype, rounds: int = 7) -> float:
    """GFLOP/s of a square product, the best of a few rounds."""
    first, second = (torch.rand(SIDE, SIDE).to(dtype) for _ in range(2))
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        first @ second
        best = min(best, time.perf_counter() - start)
    return 2e-9 * SIDE**3 / best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presets", nargs="+", default=["default", "record", "paper"])
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rows = []
    for bits, dtype in (("32", torch.float32), ("bf16", torch.bfloat16)):
        rate = matrix_rate(dtype)
        for preset in args.presets:
            epoch = speed.glassnet(preset, bits)  # type: ignore[arg-type]
            epoch()  # warms up
            with FlopCounterMode(display=False) as counter:
                epoch()
            start = time.perf_counter()
            epoch()
            seconds = time.perf_counter() - start
            with profile(activities=[ProfilerActivity.CPU]) as profiled:
                epoch()
            times: dict[str, float] = defaultdict(float)
            for event in profiled.key_averages():
                times[part_of(event.key)] += event.self_cpu_time_total
            total = sum(times.values())
            achieved = 1e-9 * counter.get_total_flops() / seconds
            rows += [
                {
                    "preset": preset,
                    "precision": bits,
                    "part": part,
                    "share": round(times[part] / total, 4),
                    "images_per_second": round(speed.IMAGES / seconds),
                    "network_gflop_per_second": round(achieved),
                    "matrix_gflop_per_second": round(rate),
                    "threads": torch.get_num_threads(),
                    "torch": torch.__version__,
                    "command": "python benchmarks/step_shares.py",
                }
                for part in sorted(times, key=lambda name: -times[name])
            ]
            print(preset, bits, f"{achieved:.0f} of {rate:.0f} GFLOP/s", flush=True)
            for row in rows[-len(times) :]:
                print(f"  {row['part']:22} {row['share']:6.1%}")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with args.out.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
