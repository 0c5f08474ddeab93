"""Ratio of the density of codes to that of proposals, learned by a classifier of the two.

The logit of a classifier that sees as many codes as proposals is the log of the ratio of their
densities (Gutmann & Hyvärinen 2010, "Noise-contrastive estimation"). Proposals that are reweighted
by it as the prior of a VAE: Aneja et al. 2021, "A contrastive learning approach for training
variational autoencoder priors".
"""

import math
from collections.abc import Callable, Iterator
from itertools import chain, pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glassnet import parallel, progress

WIDTHS = 256, 256, 256
"""Units of the hidden layers of the classifier."""

DROPOUT = 0.1

BATCH = 512
"""Codes in a step, and as many proposals."""

LEARNING_RATE, WEIGHT_DECAY = 4e-3, 0.05

AVERAGE = 0.998
"""Share of the average of the classifier's weights that stays in each step."""

PROPOSALS = 64
"""Proposals that each sample is chosen from."""

MEAN_OF = 1 << 18
"""Proposals over which the mean ratio is computed, which has to be 1."""

ROWS = 1 << 14
"""Codes that the classifier sees at a time."""

Draw = Callable[[int], tuple[Tensor, Tensor]]
"""Codes and proposals of an epoch: (n, L) float32 each, other ones in each epoch."""


class DensityRatio(nn.Module):
    """Log ratio of two densities of codes; 0 until it is fitted.

    Args:
        latent_dim: L; with 0 it stays 0.

    Attributes:
        weights: (W,) float32 of the classifier; all 0 before the fit. They are no parameters, so
            that the training of the network leaves them alone.
        used: (L,) float32, 1 for dimensions that the classifier sees, else 0.
        log_mean: () float32, log of the mean ratio of proposals before it is made 1.
    """

    weights: Tensor
    used: Tensor
    log_mean: Tensor

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        n_weights = sum((rows + 1) * columns for rows, columns in _sizes(latent_dim))
        shapes = {"weights": (n_weights * (latent_dim > 0),), "used": (latent_dim,), "log_mean": ()}
        for name, shape in shapes.items():
            self.register_buffer(name, torch.zeros(shape), persistent=latent_dim > 0)

    @property
    def is_fitted(self) -> bool:
        """Whether it differs from 0."""
        return bool(self.weights.any())

    def forward(self, codes: Tensor) -> Tensor:
        """Codes (B, L) to the log ratio of their densities: (B,) in nats."""
        if not self.is_fitted:
            return codes.new_zeros(len(codes))
        parts = [_logits(self.weights, part * self.used) for part in codes.split(ROWS)]
        return torch.cat(parts) - self.log_mean

    def fit(
        self,
        draw: Draw,
        valid: tuple[Tensor, Tensor],
        proposals: Callable[[int], Tensor],
        used: Tensor,
        epochs: int,
    ) -> None:
        """Train the classifier; the ratio stays 0 where that is better for validation codes.

        The epoch with the lowest validation loss is taken. Equal arguments give equal numbers,
        whatever the number of threads.

        Args:
            draw: gives the codes and proposals of each epoch.
            valid: validation codes and as many proposals.
            proposals: gives this number of proposals, other ones in each call.
            used: (D,) dimensions that the classifier sees.
            epochs: passes over the codes.
        """
        for buffer in (self.weights, self.used, self.log_mean):
            buffer.zero_()
        self.used[used] = 1
        best = 2 * math.log(2)
        with (
            parallel.one_torch_thread(),
            progress.stage("reweighting the prior", epochs) as advance,
        ):
            for weights in self._training(draw, epochs):
                with torch.inference_mode():
                    loss = _loss(weights, *(part * self.used for part in valid)).item()
                if loss < best:
                    best = loss
                    self.weights.copy_(weights)
                advance()
            parts = [self(proposals(ROWS)) for _ in range(MEAN_OF // ROWS)]
            self.log_mean.copy_(torch.cat(parts).double().logsumexp(dim=0) - math.log(MEAN_OF))
        if self(valid[0]).mean() <= 0:
            self.weights.zero_()

    def choose(self, proposals: Tensor, random: np.random.Generator) -> Tensor:
        """Choose one of each group of proposals, with the ratio as its weight.

        Args:
            proposals: (n, `PROPOSALS`, L).
            random: draws the choices; the first ones do not depend on n.

        Returns:
            (n, L), nearly distributed like the codes (sampling importance resampling, Rubin 1987).
        """
        weights = self(proposals.flatten(0, 1)).unflatten(0, proposals.shape[:2])  # (n, PROPOSALS)
        levels = weights.double().softmax(dim=1).cumsum(dim=1)
        draws = torch.from_numpy(random.random((len(proposals), 1)))
        chosen = torch.searchsorted(levels, draws).clamp(max=proposals.shape[1] - 1)
        return proposals[torch.arange(len(proposals)), chosen[:, 0]]

    def _training(self, draw: Draw, epochs: int) -> Iterator[Tensor]:
        """Train a classifier; yield the average of its weights after each epoch."""
        random = torch.Generator().manual_seed(0)
        weights = _initial(len(self.used), random).requires_grad_()
        average, step = weights.detach().clone(), 0
        optimizer = torch.optim.AdamW([weights], weight_decay=WEIGHT_DECAY)
        draws = map(draw, range(epochs))
        first = next(draws)
        n_steps = epochs * -(-len(first[0]) // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, LEARNING_RATE, n_steps, pct_start=0.05
        )
        for drawn in chain([first], draws):
            parts = (part.split(BATCH) for part in drawn)
            for codes, proposals in zip(*parts, strict=True):
                loss = _loss(weights, codes * self.used, proposals * self.used, random)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                step += 1
                average.lerp_(weights.detach(), 1 - min(AVERAGE, step / (step + 10)))
            yield average


def _sizes(size: int) -> list[tuple[int, int]]:
    """Inputs and outputs of each layer of the classifier."""
    return list(pairwise((size, *WIDTHS, 1)))


def _initial(size: int, random: torch.Generator) -> Tensor:
    """Weights and biases of all layers, uniform as in `nn.Linear`: (W,)."""
    layers = [
        (2 * torch.rand((rows + 1) * columns, generator=random) - 1) / math.sqrt(rows)
        for rows, columns in _sizes(size)
    ]
    return torch.cat(layers)


def _logits(weights: Tensor, codes: Tensor, random: torch.Generator | None = None) -> Tensor:
    """Logits of being a code and no proposal, of codes (B, L): (B,).

    Args:
        weights: (W,) of all layers.
        random: draws the dropout; without it there is none.
    """
    values, sizes = codes, _sizes(codes.shape[1])
    for layer, (rows, columns) in enumerate(sizes):
        matrix, bias, weights = weights.split(
            [rows * columns, columns, len(weights) - (rows + 1) * columns]
        )
        values = F.linear(values, matrix.unflatten(0, (columns, rows)), bias)
        if layer < len(sizes) - 1:
            values = F.silu(values)
            if random is not None:
                stays = torch.rand(values.shape, generator=random) >= DROPOUT
                values = values * stays / (1 - DROPOUT)
    return values[:, 0]


def _loss(
    weights: Tensor, codes: Tensor, proposals: Tensor, random: torch.Generator | None = None
) -> Tensor:
    """Cross-entropy of both kinds, whose value is 2 log 2 without a difference: a scalar."""
    logits = _logits(weights, torch.cat([codes, proposals]), random)
    true, false = logits.split([len(codes), len(proposals)])
    return F.softplus(-true).mean() + F.softplus(false).mean()
