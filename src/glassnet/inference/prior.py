"""Learned prior of a VAE: a mixture of Gaussians, fitted to the codes of the training images.

A VAE is trained with the prior N(0, I), but the codes of its images, taken together, are not
distributed like that: between them are holes, and codes from a hole decode to nothing that looks
like an image. Sources: the gap, Hoffman & Johnson 2016, "ELBO surgery"; a density that is fitted to
the codes after training, Ghosh et al. 2020, "From variational to deterministic autoencoders".
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glassnet import parallel, progress
from glassnet.contract import LatentModel, Signature, Split, Splits, Task
from glassnet.inference import latents

MAX_CODES = 60_000
"""Codes that the mixture is fitted to at most."""

CODES_PER_DIMENSION = 16
"""Codes for each Gaussian and latent dimension at least: fewer codes get fewer Gaussians. With half
as many codes the density of MNIST's validation codes is lower (32 dimensions), and that of the
codes of small photographs is hardly higher (128 dimensions), at twice the cost."""

RIDGE = 1e-3
"""Added to all variances, which are about 1 on average over the codes."""

STEPS = 20
"""Steps of expectation maximisation."""

BLOCK_SIZE = 1 << 19
"""Products of codes that are in memory at a time; more do not stay in a cache of 4 MB."""


def fit(
    task: Task, network: LatentModel, config: Any, signature: Signature, splits: Splits
) -> None:
    """Fit the prior of a network to the codes of its training images, in place."""
    if not network.prior.max_gaussians:
        return

    def posterior(split: Split) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng(0)
        part = split.take(np.sort(random.permutation(len(split))[:MAX_CODES]))
        images, *_ = task.tensors(part, config, signature)
        observed = latents.observe(network, images[:])
        mean, log_variance = latents.encode(network, observed, latents.labels_of(network, part))
        return mean, np.exp(log_variance / 2)

    valid = latents.drawn(*posterior(splits.valid), np.random.default_rng(1))
    network.prior.fit(*posterior(splits.train), valid)


class Prior(nn.Module):
    """A mixture of Gaussians over latent codes; N(0, I) until it is fitted.

    Attributes:
        weights: (K,) of the Gaussians, with the sum 1; all 0 before the fit.
        means: (K, L).
        whitening: (K, L * L), of each Gaussian the upper triangular matrix U whose product with
            codes less their mean has the distribution N(0, I): U U^T is the inverse covariance.
    """

    weights: Tensor
    means: Tensor
    whitening: Tensor

    def __init__(self, n_gaussians: int, latent_dim: int) -> None:
        super().__init__()
        sizes = {"weights": (), "means": (latent_dim,), "whitening": (latent_dim**2,)}
        for name, size in sizes.items():
            empty = torch.zeros(n_gaussians, *size)
            self.register_buffer(name, empty, persistent=n_gaussians > 0)

    @property
    def max_gaussians(self) -> int:
        """Number of Gaussians that it can be a mixture of; 0 if it stays N(0, I)."""
        return len(self.weights)

    @property
    def n_gaussians(self) -> int:
        """Number of Gaussians that it is a mixture of: 0 for N(0, I)."""
        return int((self.weights > 0).sum())

    def log_ratio(self, codes: Tensor) -> Tensor:
        """Log density less that of N(0, I), of codes (B, L): (B,) in nats; 0 before the fit."""
        n = self.n_gaussians
        if not n:
            return torch.zeros(len(codes))
        return self._log_shares(codes, n).logsumexp(dim=1) + codes.square().sum(dim=1) / 2

    def sample(self, count: int, seed: int, temperature: float = 1.0) -> np.ndarray:
        """Sample codes: (count, L) float32; the first ones do not depend on count.

        Args:
            temperature: scales the standard deviations of the Gaussians.
        """
        noise = np.random.default_rng(seed).standard_normal(
            (count, self.means.shape[1]), np.float32
        )
        if not self.n_gaussians:
            return noise * temperature
        choice = np.random.default_rng([seed, 1]).random(count)
        chosen = np.searchsorted(self.weights.double().cumsum(0).numpy(), choice)
        which = torch.from_numpy(np.minimum(chosen, len(self.weights) - 1))
        scaled = torch.from_numpy(noise * np.float32(temperature)).unsqueeze(1)
        deviations = torch.linalg.solve_triangular(
            self._matrices()[which], scaled, upper=True, left=False
        )
        return (self.means[which] + deviations.squeeze(1)).numpy()

    def fit(self, means: np.ndarray, deviations: np.ndarray | float, valid: np.ndarray) -> None:
        """Fit the mixture; it stays N(0, I) if that is the better one for the validation codes.

        Each step of expectation maximisation sees another sample of the codes. With the same sample
        in each of them the Gaussians fit its noise, and 50 of them reach a lower density of the
        validation codes. Equal arguments give equal numbers, whatever the number of threads.

        Args:
            means: (n, L) float32, of q(z|x) for each training image.
            deviations: (n, L) float32, the standard deviations; 0 if the means are the codes.
            valid: (m, L) float32, a sample of the codes of validation images.
        """
        from sklearn.cluster import kmeans_plusplus
        from threadpoolctl import threadpool_limits

        for buffer in (self.weights, self.means, self.whitening):
            buffer.zero_()
        n = min(self.max_gaussians, len(means) // (CODES_PER_DIMENSION * means.shape[1]))
        if not n:
            return
        random = np.random.default_rng(0)
        codes = latents.drawn(means, deviations, random)
        with threadpool_limits(1):
            centers = torch.from_numpy(kmeans_plusplus(codes, n, random_state=0)[0])

        def nearest(codes: Tensor) -> Tensor:
            return F.one_hot(torch.cdist(codes, centers).argmin(dim=1), n)

        def expected(codes: Tensor) -> Tensor:
            return self._log_shares(codes, n).softmax(dim=1)

        with progress.stage("fitting the prior", STEPS) as advance, parallel.one_torch_thread():
            for step in range(STEPS):
                self._maximise(torch.from_numpy(codes), expected if step else nearest)
                codes = latents.drawn(means, deviations, random)
                advance()
        if len(valid) and self.log_ratio(torch.from_numpy(valid)).mean() <= 0:
            self.weights.zero_()

    def _maximise(self, codes: Tensor, shares_of: Callable[[Tensor], Tensor]) -> None:
        """Set the Gaussians to the moments of their shares of codes (n, L), in 64 bits.

        Args:
            shares_of: of each Gaussian in codes (B, L): (B, K), with sums of 1.
        """
        counts = sums = products = torch.zeros((), dtype=torch.float64)
        for part in codes.split(max(64, BLOCK_SIZE // codes.shape[1] ** 2)):
            shares, values = shares_of(part).double().T, part.double()  # (K, B), (B, L)
            counts = counts + shares.sum(dim=1, keepdim=True)  # (K, 1)
            sums = sums + shares @ values  # (K, L)
            squares = values.unsqueeze(2) * values.unsqueeze(1)  # (B, L, L)
            products = products + shares @ squares.flatten(1)  # (K, L * L)
        counts = counts + torch.finfo(counts.dtype).eps  # a Gaussian may have no share
        means = sums / counts
        covariances = (products / counts).unflatten(1, (codes.shape[1], -1))
        covariances -= means.unsqueeze(2) * means.unsqueeze(1)
        covariances.diagonal(dim1=1, dim2=2).add_(RIDGE)
        lower = torch.linalg.cholesky(covariances)
        identity = torch.eye(codes.shape[1], dtype=lower.dtype).expand_as(lower)
        n = len(counts)
        self.weights[:n] = counts[:, 0] / counts.sum()
        self.means[:n] = means
        inverse = torch.linalg.solve_triangular(lower, identity, upper=False)
        self.whitening[:n] = inverse.mT.flatten(1)

    def _log_shares(self, codes: Tensor, n: int) -> Tensor:
        """Log of weight times density of the first n Gaussians, up to a constant, of codes (B, L).

        Returns:
            (B, n), over the density of N(0, I) at 0.
        """
        means, matrices = self.means[:n], self._matrices()[:n]
        rows = matrices.permute(1, 0, 2).flatten(1)  # (L, n * L)
        shift = torch.einsum("kl,klm->km", means, matrices).flatten()
        distances = torch.addmm(-shift, codes, rows).unflatten(1, (n, -1)).square().sum(dim=2)
        heights = self.weights[:n].log() + matrices.diagonal(dim1=1, dim2=2).log().sum(dim=1)
        return heights - distances / 2

    def _matrices(self) -> Tensor:
        side = math.isqrt(self.whitening.shape[1])
        return self.whitening.unflatten(1, (side, side))
