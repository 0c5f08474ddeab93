"""Training images per second, compared with a training loop as in introductory tutorials.

    python benchmarks/speed.py --out benchmarks/results/speed.csv

The peer has a per-sample loader and, in 32 bits, a network of two
3 x 3 convolutions (32 and 64 feature maps) and two linear layers with batches of 64, as in
pytorch/examples' `mnist`. A second row trains the same network on glassnet's whole-tensor batches,
which shows the effect of the loader. Rounds are interleaved; the results are the median and its
ratio to the peer.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from lightning_fabric import Fabric
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from glassnet.config import TrainingConfig
from glassnet.contract import Rows, Signature, Task
from glassnet.data.batches import Batches
from glassnet.data.images.load import load_images
from glassnet.tasks.cnn.presets import PRESETS
from glassnet.tasks.cnn.task import TASK
from glassnet.training.optim import make_optimizer
from glassnet.training.setup import resolve_precision

IMAGES = 5120


class PerSampleDataset(Dataset):
    """Each image converted to a PIL image, then to a float tensor, then normalised."""

    def __init__(self, pixels: Tensor, labels: Tensor) -> None:
        self.pixels, self.labels = pixels, labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.pixels[index, 0].numpy())
        values = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
        pixels = values.view(1, *image.size[::-1]).float().div(255)
        return (pixels - 0.1307) / 0.3081, int(self.labels[index])


def peer_network() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, 10),
    )  # fmt: skip


def peer(batches: Callable[[], Iterator[tuple[Tensor, Tensor]]]) -> Callable[[], None]:
    network = peer_network().train()
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)

    def epoch() -> None:
        for images, labels in batches():
            optimizer.zero_grad()
            F.cross_entropy(network(images), labels).backward()
            optimizer.step()

    return epoch


def glassnet(preset: str, bits: Literal["auto", "32", "bf16"]) -> Callable[[], None]:
    config = replace(PRESETS[preset], precision=bits)
    splits = load_images(config.data, seed=0)
    signature = TASK.signature(splits, config)
    tensors = [tensor[:IMAGES] for tensor in TASK.tensors(splits.train, config, signature)]
    return epoch_of(TASK, config, signature, tensors)


def epoch_of(
    task: Task, config: TrainingConfig, signature: Signature, tensors: Sequence[Rows]
) -> Callable[[], None]:
    """An epoch of glassnet's training steps on these examples, without validation."""
    fabric = Fabric(
        accelerator="cpu",
        precision="bf16-mixed" if resolve_precision(config) == "bf16" else "32-true",
    )
    network = task.build(config, signature)
    optimizer = make_optimizer(config, network)
    network, _ = fabric.setup(network, optimizer)
    batches = Batches(tensors, config.batch_size, 0)

    def epoch() -> None:
        network.train()
        for batch in batches.epoch(0):
            fabric.backward(task.step(network, batch, config, 0.0).loss)
            optimizer.step()
            optimizer.zero_grad()

    return epoch


def median_seconds(epochs: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """The median time of each epoch, in interleaved rounds after one that warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in epochs}
    for _ in range(rounds + 1):
        for name, epoch in epochs.items():
            start = time.perf_counter()
            epoch()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times[1:]) for name, times in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    splits, config = load_images("mnist", seed=0), PRESETS["default"]
    tensors = TASK.tensors(splits.train, config, TASK.signature(splits, config))
    pixels, labels = (tensor[:IMAGES] for tensor in tensors)
    loader = DataLoader(PerSampleDataset(pixels, labels), batch_size=64, shuffle=True)
    in_memory = Batches([(pixels.float() / 255 - 0.1307) / 0.3081, labels], 64, 0)
    epochs = {
        "peer: per-sample loader": peer(lambda: iter(loader)),
        "peer's network, whole-tensor batches": peer(lambda: in_memory.epoch(0)),
        "glassnet paper, 32 bits": glassnet("paper", "32"),
        "glassnet paper, auto precision": glassnet("paper", "auto"),
        "glassnet default, 32 bits": glassnet("default", "32"),
        "glassnet default, auto precision": glassnet("default", "auto"),
    }
    rates = {
        name: IMAGES / seconds for name, seconds in median_seconds(epochs, args.rounds).items()
    }
    first = next(iter(rates.values()))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with args.out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["what", "images_per_second", "ratio", "threads", "torch"])
        for name, rate in rates.items():
            row = [name, round(rate), round(rate / first, 2), torch.get_num_threads()]
            writer.writerow([*row, torch.__version__])
            print(f"{name:40} {rate:8,.0f} images/s   {rate / first:5.2f} x")


if __name__ == "__main__":
    main()
