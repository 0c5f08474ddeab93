"""The image generator compared with pytorch/examples' VAE, each under both loss functions.

    python benchmarks/vae_peer.py --out benchmarks/results/vae-peer.csv

The peer is the network and the training of pytorch/examples' `vae`: 784-400-20-400-784 with ReLU,
Adam 0.001, batches of 128, 10 epochs, a per-sample loader, and as its loss the cross-entropy of
grey pixels plus the KL. That loss is not a likelihood, because a grey pixel is not the outcome of a
coin toss. Every network is therefore evaluated twice on the test set: with that loss on grey
pixels, and with the bound on -log p(x) of dynamically binarised pixels. Each is also trained both
ways. Seconds are training alone, on this machine, one after the other.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

import glassnet as gn
from glassnet.data.batches import Batches
from glassnet.data.images.load import load_images
from glassnet.inference.latents import importance_weighted, kl_from_prior
from glassnet.tasks.vae.gaussian import GaussianVAE
from glassnet.tasks.vae.likelihoods import Bernoulli
from glassnet.tasks.vae.presets import PRESETS
from glassnet.tasks.vae.task import TASK

EPOCHS, BATCH = 10, 128


class Peer(GaussianVAE):
    """A VAE with one hidden layer of 400 units on either side of 20 latent dimensions."""

    def __init__(self) -> None:
        super().__init__(20, Bernoulli())
        self.into, self.mean, self.log_variance = (
            nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20),
        )  # fmt: skip
        self.back, self.output = nn.Linear(20, 400), nn.Linear(400, 784)

    def encoder_features(self, observed: Tensor, labels: Tensor) -> Tensor:
        return self.into((observed.flatten(1) + 1) / 2).relu()

    def decoder_parameters(self, codes: Tensor) -> Tensor:
        return self.output(self.back(codes).relu()).view(-1, 1, 28, 28)


class PerSampleDataset(Dataset):
    """Each image converted to a PIL image and back, as in a usual per-sample loader."""

    def __init__(self, pixels: Tensor) -> None:
        self.pixels = pixels

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> Tensor:
        image = Image.fromarray(self.pixels[index, 0].numpy())
        values = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
        return values.view(1, *image.size[::-1]).float().div(255)


def grey_loss(network: GaussianVAE, grey: Tensor) -> Tensor:
    """Cross-entropy of grey pixels plus KL, summed over pixels, the mean over images."""
    logits, _, mean, log_variance = network(grey)
    entropy = F.binary_cross_entropy_with_logits(logits, grey, reduction="sum") / len(grey)
    return entropy + kl_from_prior(mean, log_variance).sum(dim=1).mean()


def train(
    network: GaussianVAE, batches: Callable[[], Iterator[Tensor]], epochs: int, binarise: bool
) -> float:
    """Train with Adam 0.001 on `grey_loss` and return the seconds."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    network.train()
    start = time.perf_counter()
    for _ in range(epochs):
        for grey in batches():
            optimizer.zero_grad()
            grey_loss(
                network, (torch.rand_like(grey) < grey).float() if binarise else grey
            ).backward()
            optimizer.step()
    return time.perf_counter() - start


@torch.inference_mode()
def evaluate(network: GaussianVAE, test: Tensor, images: int, samples: int) -> dict[str, float]:
    """Evaluate a network with both measures."""
    network.eval()
    torch.manual_seed(0)
    grey = torch.stack(
        [grey_loss(network, batch) for batch in (test.float() / 255).split(500)]
    ).mean()
    binary = network.observe(test, 0)
    elbo = torch.stack([grey_loss(network, batch) for batch in binary.split(500)]).mean()
    subset = binary[
        torch.randperm(len(binary), generator=torch.Generator().manual_seed(0))[:images]
    ]
    bound = -importance_weighted(network, subset, None, samples)[1].mean()  # with N(0, I)
    gap = mean_negative_elbo(network, subset) - bound
    return {
        "grey_loss": grey.item(),
        "negative_elbo": elbo.item(),
        "iwae_nll": elbo.item() - gap,
    }


def mean_negative_elbo(network: GaussianVAE, images: Tensor, n_samples: int = 64) -> float:
    """Mean negative ELBO of a few images over many samples of their codes."""
    return float(torch.stack([grey_loss(network, images) for _ in range(n_samples)]).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--presets", nargs="+", default=["quick", "default"])
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    splits = load_images("mnist", seed=0)
    config = replace(PRESETS["default"], data="mnist")
    pixels, test = (
        TASK.tensors(split, config, TASK.signature(splits, config))[0]
        for split in (splits.train, splits.test)
    )
    loader = DataLoader(PerSampleDataset(pixels), batch_size=BATCH, shuffle=True)
    in_memory = Batches([pixels.float() / 255], BATCH, 0)

    def from_memory() -> Iterator[Tensor]:
        return (batch[0] for batch in in_memory.epoch(0))

    rows = []

    def add(name: str, trained_on: str, epochs: int, seconds: float, network: GaussianVAE) -> None:
        numbers = evaluate(network, test, args.images, args.samples)
        rows.append(
            {
                "network": name, "trained_on": trained_on, "epochs": epochs,
                "train_seconds": round(seconds, 1),
                **{key: round(value, 3) for key, value in numbers.items()},
                "images": args.images, "samples": args.samples,
                "threads": torch.get_num_threads(), "torch": torch.__version__,
            }
        )  # fmt: skip
        print(rows[-1], flush=True)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        with args.out.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    torch.manual_seed(0)
    peer = Peer()
    add(
        "peer, as published", "grey", EPOCHS, train(peer, lambda: iter(loader), EPOCHS, False), peer
    )
    peer = Peer()
    seconds = train(peer, from_memory, EPOCHS, True)
    add("peer, pixels binarised", "binary", EPOCHS, seconds, peer)
    ours = TASK.build(config, TASK.signature(splits, config))
    assert isinstance(ours, GaussianVAE)
    seconds = train(ours, from_memory, EPOCHS, False)
    add("our network, the example's loss", "grey", EPOCHS, seconds, ours)
    for preset in args.presets:
        run = gn.train("vae", preset=preset, data="mnist", runs=args.runs, evaluate=False)
        info = run.run.info
        network = run.model.network
        assert isinstance(network, GaussianVAE)
        add(f"ours, {preset}", "binary", info["epochs_done"], info["seconds"]["train"], network)


if __name__ == "__main__":
    main()
