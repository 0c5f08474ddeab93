"""Learned prior of a VAE: a mixture of Gaussians, fitted to the codes of the training images.

After the training it is reweighted, see `inference.density_ratio`.

The codes of a network that was trained with the prior N(0, I), taken together, are not distributed
like that: between them are holes, and codes from a hole decode to nothing that looks like an image.
Sources: the gap, Hoffman & Johnson 2016, "ELBO surgery"; a density that is fitted to the codes
after training, Ghosh et al. 2020, "From variational to deterministic autoencoders"; a mixture that
the network learns with, Tomczak & Welling 2018, "VAE with a VampPrior", whose Gaussians are learned
by gradients.
"""

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glassnet import parallel, progress
from glassnet.contract import LatentModel, Rows, Signature, Split, Splits, Task
from glassnet.inference import latents
from glassnet.inference.density_ratio import PROPOSALS, DensityRatio

MAX_CODES = 60_000
"""Codes that the mixture is fitted to at most."""

CODES_PER_DIMENSION = 16
"""Codes for each Gaussian and used dimension at least: fewer codes get fewer Gaussians. With half
as many codes the density of MNIST's validation codes is lower (32 dimensions), and that of the
codes of small photographs is hardly higher (128 dimensions), at twice the cost."""

RIDGE = 1e-3
"""Added to all variances, which are about 1 on average over the codes."""

CODE_NOISE = 0.75
"""Noise of the codes that the mixture is reweighted to, as a share of that of q(z|x). With half of
it the ELBO is lower than that of the mixture alone (MNIST)."""

AT_A_TIME = 1024
"""Codes that are chosen from their proposals at a time, which bounds the memory."""

STEPS = 20
"""Steps of expectation maximisation."""

STEPS_PER_EPOCH = 2
"""The same, in each epoch in which the network learns with the mixture."""

BLOCK_SIZE = 1 << 19
"""Products of codes that are in memory at a time; more do not stay in a cache of 4 MB."""


Posterior = tuple[np.ndarray, np.ndarray]
"""Means and standard deviations of q(z|x) for n images, (n, L) float32 each."""


def fit(
    task: Task, network: LatentModel, config: Any, signature: Signature, splits: Splits
) -> None:
    """Fit the prior of a network to the codes of its training images, in place."""
    if not network.prior.needs_codes:
        return

    def posterior(split: Split) -> Posterior:
        images, labels, *_ = task.tensors(split.take(_some(len(split))), config, signature)
        return _posterior(network, images[:], labels[:])

    network.prior.complete(posterior(splits.train), posterior(splits.valid))


def follow(learning: nn.Module, average: nn.Module, examples: tuple[Rows, ...], epoch: int) -> None:
    """Fit the prior of a network that is being trained, and of the average of its weights.

    Args:
        learning: the network, a `LatentModel`.
        average: the average, whose codes it is fitted to; the network itself without one.
        examples: the training images, as `Learner.tensors` gives them.
        epoch: number of epochs done; another sample of the codes is drawn in each.
    """
    network = copy.deepcopy(average).cpu().eval()
    prior = cast("Prior", network.prior)
    images, labels, *_ = examples
    chosen = torch.from_numpy(_some(len(images)))
    means, deviations = _posterior(cast("LatentModel", network), images[chosen], labels[chosen])
    if prior.n_gaussians:
        random = np.random.default_rng([1, epoch])
        with parallel.one_torch_thread():
            for _ in range(STEPS_PER_EPOCH):
                prior.improve(means, deviations, random)
    else:
        prior.fit(means, deviations, valid=means[:0])
    for each in (learning, average):
        each.get_submodule("prior").load_state_dict(prior.state_dict())


def _some(n: int) -> np.ndarray:
    """Positions of at most `MAX_CODES` of n images: int64, in rising order."""
    return np.sort(np.random.default_rng(0).permutation(n)[:MAX_CODES])


def _posterior(network: LatentModel, images: Tensor, labels: Tensor) -> Posterior:
    observed = latents.observe(network, images.cpu())
    classes = labels.cpu() if network.classes else None
    mean, log_variance = latents.encode(network, observed, classes)
    return mean, np.exp(log_variance / 2)


class Prior(nn.Module):
    """A mixture of Gaussians over latent codes, reweighted; N(0, I) until it is fitted.

    Args:
        n_gaussians: their number at most.
        latent_dim: L.
        joint: whether the network learns with the mixture.
        epochs: passes over the codes in which the weights are learned; 0 leaves the mixture.

    Attributes:
        ratio: by how much the mixture is reweighted.
        weights: (K,) of the Gaussians, with the sum 1; all 0 before the fit.
        means: (K, L).
        whitening: (K, L * L), of each Gaussian the upper triangular matrix U whose product with
            codes less their mean has the distribution N(0, I): U U^T is the inverse covariance.
    """

    weights: Tensor
    means: Tensor
    whitening: Tensor

    def __init__(
        self, n_gaussians: int, latent_dim: int, joint: bool = False, epochs: int = 0
    ) -> None:
        super().__init__()
        self.joint, self.epochs = joint, epochs
        self.ratio = DensityRatio(latent_dim if epochs and n_gaussians else 0)
        sizes = {"weights": (), "means": (latent_dim,), "whitening": (latent_dim**2,)}
        for name, size in sizes.items():
            empty = torch.zeros(n_gaussians, *size)
            self.register_buffer(name, empty, persistent=n_gaussians > 0)

    @property
    def needs_codes(self) -> bool:
        """Whether there is something to fit to the codes after the training."""
        return len(self.weights) > 0 and (not self.joint or self.epochs > 0)

    @property
    def n_gaussians(self) -> int:
        """Number of Gaussians that it is a mixture of: 0 for N(0, I)."""
        return int((self.weights > 0).sum())

    @property
    def is_reweighted(self) -> bool:
        """Whether the mixture is reweighted."""
        return self.ratio.is_fitted

    def log_ratio(self, codes: Tensor) -> Tensor:
        """Log density less that of N(0, I), of codes (B, L): (B,) in nats; 0 before the fit."""
        return self.mixture_log_ratio(codes) + self.ratio(codes)

    def mixture_log_ratio(self, codes: Tensor) -> Tensor:
        """The same of the mixture alone, which the network learns with."""
        n = self.n_gaussians
        if not n:
            return codes.new_zeros(len(codes))
        return self._log_shares(codes, n).logsumexp(dim=1)

    def sample(self, count: int, seed: int, temperature: float = 1.0) -> np.ndarray:
        """Sample codes: (count, L) float32; the first ones do not depend on count.

        Args:
            temperature: scales the standard deviations of the Gaussians.
        """
        mixture = self._samples_of_mixture([seed], temperature)
        if not self.is_reweighted:
            return mixture(count).numpy()
        random = np.random.default_rng([seed, 2])
        chosen = [
            self.ratio.choose(mixture(n * PROPOSALS).unflatten(0, (n, PROPOSALS)), random)
            for n in (min(AT_A_TIME, count - start) for start in range(0, count, AT_A_TIME))
        ]
        return torch.cat(chosen).numpy()

    def _samples_of_mixture(
        self, seed: Sequence[int], temperature: float = 1.0
    ) -> Callable[[int], Tensor]:
        """A function that gives the next samples of the mixture: (count, L) float32."""
        noises, choices = np.random.default_rng(seed), np.random.default_rng([*seed, 1])
        shares = self.weights.double().cumsum(0).numpy()
        matrices, rows = self._matrices(), _rows(self.means.shape[1])

        def samples(count: int) -> Tensor:
            drawn = noises.standard_normal((count, self.means.shape[1]), np.float32)
            noise = torch.from_numpy(drawn * np.float32(temperature))
            if not self.n_gaussians:
                return noise
            chosen = np.searchsorted(shares, choices.random(count))
            which = torch.from_numpy(np.minimum(chosen, len(self.weights) - 1))
            parts = zip(which.split(rows), noise.unsqueeze(1).split(rows), strict=True)
            deviations = [
                torch.linalg.solve_triangular(matrices[part], values, upper=True, left=False)
                for part, values in parts
            ]
            return self.means[which] + torch.cat(deviations).squeeze(1)

        return samples

    def complete(self, train: Posterior, valid: Posterior) -> None:
        """Fit the mixture, unless the network has learned with it, and reweight it."""
        if not self.joint:
            self.fit(*train, latents.drawn(*valid, np.random.default_rng(1)))
        if self.epochs:
            self.reweight(train, valid)

    def fit(self, means: np.ndarray, deviations: np.ndarray | float, valid: np.ndarray) -> None:
        """Fit the mixture; it stays N(0, I) if that is the better one for the validation codes.

        In dimensions that are not used all Gaussians are N(0, 1), as q(z|x) is.

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

        for buffer in (self.weights, self.means, self.whitening, self.ratio.weights):
            buffer.zero_()
        used = _used(means, deviations)
        n = min(len(self.weights), len(means) // (CODES_PER_DIMENSION * max(len(used), 1)))
        if not n or not len(used):
            return
        random = np.random.default_rng(0)
        codes = latents.drawn(means, deviations, random)
        with threadpool_limits(1):
            centers = torch.from_numpy(kmeans_plusplus(codes, n, random_state=0)[0])

        def nearest(part: Tensor) -> Tensor:
            return F.one_hot(torch.cdist(part, centers).argmin(dim=1), n)

        with progress.stage("fitting the prior", STEPS) as advance, parallel.one_torch_thread():
            self._maximise(torch.from_numpy(codes), nearest, used)
            advance()
            for _ in range(STEPS - 1):
                self.improve(means, deviations, random)
                advance()
        if len(valid) and self.log_ratio(torch.from_numpy(valid)).mean() <= 0:
            self.weights.zero_()

    def improve(
        self, means: np.ndarray, deviations: np.ndarray | float, random: np.random.Generator
    ) -> None:
        """Take one step of expectation maximisation after a fit, with a new sample of the codes.

        Args:
            means: as for `fit`.
            deviations: as for `fit`.
            random: draws the sample.
        """
        n = self.n_gaussians

        def expected(part: Tensor) -> Tensor:
            return self._log_shares(part, n).softmax(dim=1)

        codes = torch.from_numpy(latents.drawn(means, deviations, random))
        self._maximise(codes, expected, _used(means, deviations))

    def reweight(self, train: Posterior, valid: Posterior) -> None:
        """Learn by how much the mixture has to be reweighted to be the density of the codes.

        They are drawn with `CODE_NOISE` of the noise of q(z|x).

        Args:
            train: of the training images.
            valid: of the validation images.
        """
        used = _used(*train)
        if not self.n_gaussians or not len(used):
            return

        def drawn(posterior: Posterior, *seed: int) -> tuple[Tensor, Tensor]:
            random = np.random.default_rng(seed)
            means, deviations = posterior
            codes = random.permutation(latents.drawn(means, CODE_NOISE * deviations, random))
            return torch.from_numpy(codes), self._samples_of_mixture([*seed, 1])(len(codes))

        self.ratio.fit(
            lambda epoch: drawn(train, 4, epoch),
            drawn(valid, 3),
            self._samples_of_mixture([5]),
            used,
            self.epochs,
        )

    def _maximise(self, codes: Tensor, shares_of: Callable[[Tensor], Tensor], used: Tensor) -> None:
        """Set the Gaussians to the moments of their shares of codes (n, L), in 64 bits.

        Args:
            shares_of: of each Gaussian in codes (B, L): (B, K), with sums of 1.
            used: (D,) dimensions in which the Gaussians differ; they are N(0, 1) in the others.
        """
        counts = sums = products = torch.zeros((), dtype=torch.float64)
        for part in codes.split(_rows(codes.shape[1])):
            shares, values = shares_of(part).double().T, part[:, used].double()  # (K, B), (B, D)
            counts = counts + shares.sum(dim=1, keepdim=True)  # (K, 1)
            sums = sums + shares @ values  # (K, D)
            squares = values.unsqueeze(2) * values.unsqueeze(1)  # (B, D, D)
            products = products + shares @ squares.flatten(1)  # (K, D * D)
        counts = counts + torch.finfo(counts.dtype).eps  # a Gaussian may have no share
        means = sums / counts
        covariances = (products / counts).unflatten(1, (len(used), len(used)))
        covariances -= means.unsqueeze(2) * means.unsqueeze(1)
        covariances.diagonal(dim1=1, dim2=2).add_(RIDGE)
        lower = torch.linalg.cholesky(covariances)
        identity = torch.eye(len(used), dtype=lower.dtype).expand_as(lower)
        inverse = torch.linalg.solve_triangular(lower, identity, upper=False)
        n, size = len(counts), codes.shape[1]
        self.weights[:n] = counts[:, 0] / counts.sum()
        self.means[:n] = 0
        self.means[:n, used] = means.float()
        matrices = torch.eye(size).repeat(n, 1, 1)
        matrices[:, used.unsqueeze(1), used] = inverse.mT.float()
        self.whitening[:n] = matrices.flatten(1)

    def _log_shares(self, codes: Tensor, n: int) -> Tensor:
        """Log of weight times density of the first n Gaussians, less that of N(0, I): (B, n).

        Args:
            codes: (B, L); dimensions in which all Gaussians are N(0, 1) add nothing.
            n: number of Gaussians.
        """
        own = self._own_dimensions()
        means, codes = self.means[:n, own], codes[:, own]
        matrices = self._matrices()[:n, own.unsqueeze(1), own]
        rows = matrices.permute(1, 0, 2).flatten(1)  # (L, n * L)
        shift = torch.einsum("kl,klm->km", means, matrices).flatten()
        distances = torch.addmm(-shift, codes, rows).unflatten(1, (n, -1)).square().sum(dim=2)
        heights = self.weights[:n].log() + matrices.diagonal(dim1=1, dim2=2).log().sum(dim=1)
        return heights + (codes.square().sum(dim=1, keepdim=True) - distances) / 2

    def _own_dimensions(self) -> Tensor:
        """Dimensions in which a Gaussian is not N(0, 1): (D,) int64, in rising order."""
        n = self.n_gaussians
        scales = self._matrices()[:n].diagonal(dim1=1, dim2=2)
        return ((scales != 1) | (self.means[:n] != 0)).any(dim=0).nonzero()[:, 0]

    def _matrices(self) -> Tensor:
        side = math.isqrt(self.whitening.shape[1])
        return self.whitening.unflatten(1, (side, side))


def _rows(latent_dim: int) -> int:
    """Codes whose products are in memory at a time."""
    return max(64, BLOCK_SIZE // latent_dim**2)


def _used(means: np.ndarray, deviations: np.ndarray | float) -> Tensor:
    """The dimensions that carry something of the images: (D,) int64, in rising order.

    In the others q(z|x) is N(0, 1) whatever the image, and Gaussians would fit its noise, a little
    narrower in each epoch in which the network learns with them.
    """
    log_variances = torch.as_tensor(deviations).log().mul(2).expand(means.shape)
    kl = latents.kl_from_prior(torch.from_numpy(means), log_variances)
    return (kl.mean(dim=0) >= latents.USED).nonzero()[:, 0]
