"""Image generators and a classifier with a known solution."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from toy_parts import parts_of_a_run

from glassnet.contract import Split
from glassnet.data import splits
from glassnet.inference.prior import Prior

SIDE = 8
CLASSES = ("low", "middle", "high")
CUTS = (-0.4307, 0.4307)
"""Thirds of N(0, 1): the class of an image is the third that its first coordinate lies in."""

STRENGTHS = (0.12, 0.05, 0.0)
"""How far the dimensions move a pixel; the last one is dead."""


class LinearModel(nn.Module):
    """A `contract.LatentModel`: an image is a base plus a pattern of +-strength per dimension.

    `base` is one number, or one per class of a conditional decoder. The encoder inverts the
    decoder, with a standard deviation of `noise` in the dimensions that are used.
    """

    def __init__(
        self,
        strengths: tuple[float, ...] = STRENGTHS,
        base: float | tuple[float, ...] = 0.5,
        noise: float = 0.1,
    ) -> None:
        super().__init__()
        self.latent_dim, self.noise = len(strengths), noise
        self.classes = len(base) if isinstance(base, tuple) else 0
        self.strengths = nn.Parameter(torch.tensor(strengths), requires_grad=False)
        self.base = nn.Parameter(torch.tensor(base).reshape(-1, 1), requires_grad=False)
        self.patterns, self.prior = patterns(self.latent_dim), Prior(0, self.latent_dim)

    def observe(self, pixels: Tensor, seed: int | None = None) -> Tensor:
        return pixels.float() / 255

    def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        found = observed.flatten(1) @ self.patterns.T / self.patterns.shape[1]
        alive = self.strengths > 0
        mean = torch.where(alive, found / self.strengths.clamp(min=1e-6), 0.0)
        log_variance = torch.where(alive, 2 * np.log(self.noise), 0.0)
        return mean, log_variance.expand(len(mean), -1)

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        base = self.base if labels is None else self.base[labels]
        flat = base + (codes * self.strengths) @ self.patterns
        return flat.reshape(-1, 1, SIDE, SIDE)

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        return -((parameters - observed) ** 2).flatten(1).sum(1) / (2 * 0.1**2)

    def images(self, parameters: Tensor) -> Tensor:
        return parameters.clamp(0, 1)


class Reciter(LinearModel):
    """A generator that has learned nothing but its training images, and gives one of them."""

    def __init__(self, train: Split) -> None:
        super().__init__()
        self.known = torch.from_numpy(train.inputs).float().unsqueeze(1) / 255

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        share = torch.special.ndtr(codes[:, 0])
        return self.known[(share * len(self.known)).long().clamp(max=len(self.known) - 1)]


class ToyClassifier:
    """Implements `contract.ReferenceClassifier`: finds the third of an image's first coordinate."""

    name, layer = "classifier-1", "pixels"

    def features(self, images: np.ndarray) -> np.ndarray:
        flat = images.reshape(len(images), -1).astype(np.float32) / 255
        return flat @ patterns(2).numpy().T / flat.shape[1]

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        place = self.features(images)[:, 0] / STRENGTHS[0]
        upper = [1 / (1 + np.exp(-200 * (place - cut).clip(-0.4, 0.4))) for cut in CUTS]
        probabilities = np.stack([1 - upper[0], upper[0] - upper[1], upper[1]], axis=1)
        return probabilities.astype(np.float32)


@dataclass
class ToyData:
    """As much of `contract.Data` as views of generators use."""

    test: Split
    train: Split
    class_names: tuple[str, ...] = CLASSES

    def inputs(self, split: Split) -> Tensor:
        return torch.from_numpy(split.inputs).unsqueeze(1)

    def subsample(self, n: int, seed: int) -> np.ndarray:
        return splits.subsample(self.test.labels, n, seed)


@dataclass
class ToyNetworks:
    """The snapshots of `contract.Networks`: epoch -> network."""

    past: dict[int, nn.Module] = field(default_factory=dict)
    best_epoch: int = 3

    @property
    def snapshots(self) -> tuple[int, ...]:
        return tuple(self.past)

    def network_at(self, epoch: int) -> nn.Module:
        return self.past[epoch]


def patterns(count: int) -> Tensor:
    """(count, SIDE * SIDE) of +-1, rows of a Hadamard matrix: orthogonal, each of mean 0."""
    matrix = torch.ones(1, 1)
    while len(matrix) < SIDE * SIDE:
        matrix = torch.cat([torch.cat([matrix, matrix], 1), torch.cat([matrix, -matrix], 1)])
    return matrix[1 : count + 1]


def world(n: int, seed: int, model: LinearModel | None = None) -> Split:
    """Images of the linear model from codes of the prior, with a little grain of their own."""
    random, model = np.random.default_rng(seed), model or LinearModel()
    codes = random.standard_normal((n, model.latent_dim)).astype(np.float32)
    labels = np.digitize(codes[:, 0], CUTS)
    record = torch.from_numpy(labels) if model.classes else None
    images = model.images(model.decode(torch.from_numpy(codes), record)).squeeze(1).numpy()
    grain = random.normal(0, 4, images.shape)
    pixels = (255 * images + grain).round().clip(0, 255).astype(np.uint8)
    return Split(pixels, labels.astype(np.int64), np.arange(n))


def generator(
    network: nn.Module | None = None,
    test: Split | None = None,
    networks: ToyNetworks | None = None,
    reference_classifier: ToyClassifier | None = None,
) -> Any:
    """The parts of a generator's run: 300 test and 600 training images of the linear world, with
    the network that made them."""
    return parts_of_a_run(
        data=ToyData(test or world(300, 1), world(600, 2)),
        latent_model=network or LinearModel(),
        networks=networks or ToyNetworks(),
        reference_classifier=reference_classifier,
    )
