"""Latent variables of image generators: sampling, encoding, decoding and test likelihood."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glassnet import progress
from glassnet.contract import Cache, Data, LatentModel, Split
from glassnet.errors import UsageError

BATCH = 500
"""Codes or images in a batch."""

BINARISATION_SEED = 0
"""Every measurement sees the same binarised pixels of an image."""

USED = 0.01
"""Mean KL in nats from which on a latent dimension counts as used."""

ELBO_SAMPLES = 16
"""Samples from q(z|x) per image for the reconstruction term."""


def sample(
    model: LatentModel,
    count: int,
    seed: int = 0,
    label: int | None = None,
    temperature: float = 1,
    normal: bool = False,
) -> np.ndarray:
    """Generate images: the mean of p(x|z) for z from the prior.

    Args:
        count: number of images, at least 1.
        seed: equal seeds give equal first images, whatever the count.
        label: the class, for a conditional model; None takes all classes in turn.
        temperature: scales the standard deviation of the codes, at least 0; less than 1 gives more
            typical and less varied images.
        normal: takes z from N(0, I) in place of the prior that was learned.

    Returns:
        (count, H, W) or (count, H, W, channels) uint8.

    Raises:
        UsageError: a number is out of bounds, or the model is not conditional.
    """
    if count < 1:
        raise UsageError(f"{count} images cannot be drawn", "give a count of 1 or more")
    if seed < 0:
        raise UsageError(f"the seed {seed} is negative", "give 0 or more")
    if not 0 <= temperature < math.inf:
        raise UsageError(f"the temperature {temperature:g} is out of bounds", "give 0 or more")
    sampled = codes(model, count, seed, temperature, normal)
    return decode(model, sampled, classes(model, count, label))


def codes(
    model: LatentModel, count: int, seed: int, temperature: float = 1, normal: bool = False
) -> np.ndarray:
    """Sample codes: (count, latent) float32; the first ones do not depend on count.

    Args:
        temperature, normal: as for `sample`.
    """
    if normal:
        random = np.random.default_rng(seed)
        return random.standard_normal((count, model.latent_dim), np.float32) * temperature
    return model.prior.sample(count, seed, temperature)


def drawn(
    means: np.ndarray, deviations: np.ndarray | float, random: np.random.Generator
) -> np.ndarray:
    """A sample of independent normal variables: float32, of the shape of the means."""
    return means + deviations * random.standard_normal(means.shape, np.float32)


def classes(model: LatentModel, count: int, label: int | None = None) -> np.ndarray | None:
    """Choose the class of each code: `label`, or all classes in turn; None if not conditional.

    Returns:
        (count,) int64, or None.

    Raises:
        UsageError: a label is given, but the model is not conditional.
    """
    if not model.classes:
        if label is not None:
            raise UsageError(
                "this network was trained without classes, so it cannot generate a given one",
                "train a conditional one with --conditional, or leave the class out",
            )
        return None
    if label is None:
        return np.arange(count) % model.classes
    return np.full(count, label, np.int64)


def decode(model: LatentModel, codes: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """Decode codes (n, latent) to mean images: (n, H, W) or (n, H, W, channels) uint8."""
    return np.concatenate([pixels(part) for part in _mean_images(model, codes, labels)])


def decode_exactly(model: LatentModel, codes: np.ndarray) -> np.ndarray:
    """Decode codes (n, latent) to unrounded mean images: (n, C, H, W) float32 in [0, 1]."""
    return torch.cat(list(_mean_images(model, codes, None))).numpy()


def _mean_images(
    model: LatentModel, codes: np.ndarray, labels: np.ndarray | None
) -> Iterator[Tensor]:
    for start in range(0, len(codes), BATCH):
        part = slice(start, start + BATCH)
        classes = None if labels is None else torch.from_numpy(labels[part])
        with torch.inference_mode():
            yield model.images(model.decode(torch.from_numpy(codes[part]), classes))


def pixels(images: Tensor) -> np.ndarray:
    """Convert images (n, C, H, W) in [0, 1] to (n, H, W) or (n, H, W, channels) uint8."""
    rounded = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return rounded[..., 0] if rounded.shape[-1] == 1 else rounded


def encode(
    model: LatentModel, observed: Tensor, labels: Tensor | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Compute mean and log variance of q(z|x), (n, latent) float32 each, in batches."""
    parts = []
    with torch.inference_mode():
        for start in range(0, len(observed), BATCH):
            part = slice(start, start + BATCH)
            parts.append(model.encode(observed[part], None if labels is None else labels[part]))
    mean, log_variance = (torch.cat(values).numpy() for values in zip(*parts, strict=True))
    return mean, log_variance


def observed(data: Data, model: LatentModel, split: Split) -> Tensor:
    """Convert a split to the observations of the likelihood, always with the same binarisation."""
    return observe(model, data.inputs(split)[:])


def observe(model: LatentModel, pixels: Tensor) -> Tensor:
    """Convert uint8 pixels (n, C, H, W) to observations: the same ones for the same image."""
    return model.observe(pixels, BINARISATION_SEED)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The likelihood terms of held-out images, in nats per image.

    Attributes:
        reconstruction: (n,) minus the mean of log p(x|z) over samples from q(z|x).
        kl: (n, latent) KL of q(z|x) from N(0, I), by dimension, in closed form.
        gain: (n,) by how much the learned prior lowers the KL; 0 without one.
        where: (m,) positions of the images behind `log_likelihood`.
        log_likelihood: (m,) importance-weighted bounds on log p(x).
        normal_log_likelihood: (m,) the same with the prior N(0, I).
        samples: importance samples per image.
    """

    reconstruction: np.ndarray
    kl: np.ndarray
    gain: np.ndarray
    where: np.ndarray
    log_likelihood: np.ndarray
    normal_log_likelihood: np.ndarray
    samples: int

    @property
    def bound(self) -> np.ndarray:
        """(n,) the negative evidence lower bound (ELBO)."""
        return self.normal_bound - self.gain

    @property
    def normal_bound(self) -> np.ndarray:
        """(n,) the same with the prior N(0, I)."""
        return self.reconstruction + self.kl.sum(axis=1)


def likelihood(
    data: Data, model: LatentModel, cache: Cache, samples: int, examples: int
) -> Likelihood:
    """Compute the ELBO of the test set and the importance-weighted bound of a part of it; cached.

    Args:
        samples: importance samples per image.
        examples: images for the importance-weighted bound: a stratified subsample, or all images if
            there are no more.

    Raises:
        UsageError: there is no sample, or there are too few images for an interval.
    """
    if samples < 1 or examples < 2:
        raise UsageError(
            f"{samples} samples of {examples} examples give no confidence interval",
            "use at least 1 sample and 2 examples",
        )
    n = len(data.test)
    where = np.arange(n) if examples >= n else data.subsample(examples, 0)

    def make() -> dict[str, np.ndarray]:
        images = observed(data, model, data.test)[torch.from_numpy(where)]
        labels = labels_of(model, data.test.take(where))
        learned, normal = importance_weighted(model, images, labels, samples)
        return {"learned": learned, "normal": normal}

    reconstruction, kl, gain = elbo_of(data, model, cache)
    bounds = cache(f"importance-weighted-priors-{samples}-{len(where)}", make)
    return Likelihood(reconstruction, kl, gain, where, bounds["learned"], bounds["normal"], samples)


def posterior(data: Data, model: LatentModel, cache: Cache) -> tuple[np.ndarray, np.ndarray]:
    """Encode the test images: mean and log variance of q(z|x), (n, latent) each; cached."""

    def make() -> dict[str, np.ndarray]:
        images = observed(data, model, data.test)
        codes = encode(model, images, labels_of(model, data.test))
        return dict(zip(("mean", "log_variance"), codes, strict=True))

    cached = cache("posterior", make)
    return cached["mean"], cached["log_variance"]


def elbo_of(data: Data, model: LatentModel, cache: Cache) -> tuple[np.ndarray, ...]:
    """Compute `reconstruction` (n,), `kl` (n, latent) and `gain` (n,) of the test set; cached."""

    def make() -> dict[str, np.ndarray]:
        images, labels = observed(data, model, data.test), labels_of(model, data.test)
        terms = elbo(model, images, labels, posterior(data, model, cache))
        return dict(zip(("reconstruction", "kl", "gain"), terms, strict=True))

    cached = cache("elbo-terms-gain", make)
    return cached["reconstruction"], cached["kl"], cached["gain"]


def elbo(
    model: LatentModel, images: Tensor, labels: Tensor | None, codes: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute `reconstruction` (n,), `kl` (n, latent) and `gain` (n,) of any images.

    They are those of `Likelihood`.

    Args:
        images: (n, C, H, W), from `observe`.
        labels: (n,) for a conditional model, else None.
        codes: mean and log variance of q(z|x), from `encode`.
    """
    mean, log_variance = map(torch.from_numpy, codes)
    generator = torch.Generator().manual_seed(0)
    reconstruction, gain = torch.zeros(2, len(images))
    with (
        torch.inference_mode(),
        progress.stage("reconstruction and KL", len(images), "images") as advance,
    ):
        for start in range(0, len(images), BATCH):
            part = slice(start, start + BATCH)
            classes = None if labels is None else labels[part]
            for _ in range(ELBO_SAMPLES):
                sampled = reparameterize(mean[part], log_variance[part], generator)
                reconstruction[part] -= model.log_likelihood(
                    model.decode(sampled, classes), images[part]
                )
                gain[part] += model.prior.log_ratio(sampled)
            advance(len(images[part]))
    kl = kl_from_prior(mean, log_variance).numpy()
    return (reconstruction / ELBO_SAMPLES).numpy(), kl, (gain / ELBO_SAMPLES).numpy()


def importance_weighted(
    model: LatentModel, images: Tensor, labels: Tensor | None, samples: int, seed: int = 0
) -> np.ndarray:
    """Compute lower bounds on log p(x), each from `samples` samples from q(z|x).

    The bound is the log of the mean of p(x|z) p(z) / q(z|x); it approaches log p(x) with more
    samples. Source: Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders",
    equation 8.

    Args:
        images: (n, C, H, W), from `observe`.
        labels: (n,) for a conditional model, else None.
        samples: per image; they are decoded in batches.

    Returns:
        (2, n) float64 in nats: with the learned prior, and with N(0, I).
    """
    generator, bounds = torch.Generator().manual_seed(seed), []
    with (
        torch.inference_mode(),
        progress.stage(f"bound, {samples:,} samples an image", len(images), "images") as advance,
    ):
        for index in range(len(images)):
            label = None if labels is None else labels[index : index + 1]
            weights = _log_weights(model, images[index : index + 1], label, samples, generator)
            bounds.append(torch.logsumexp(weights.double(), 1) - math.log(samples))
            advance(1)
    return torch.stack(bounds, dim=1).numpy()


def _log_weights(
    model: LatentModel,
    image: Tensor,
    label: Tensor | None,
    samples: int,
    generator: torch.Generator,
) -> Tensor:
    """Compute log p(x|z) + log p(z) - log q(z|x) of samples, for both priors: (2, samples)."""
    mean, log_variance = model.encode(image, label)
    weights = []
    for start in range(0, samples, BATCH):
        count = min(BATCH, samples - start)
        noise = torch.randn(count, mean.shape[1], generator=generator)
        codes = mean + noise * (log_variance / 2).exp()
        parameters = model.decode(codes, None if label is None else label.expand(count))
        likelihood = model.log_likelihood(parameters, image.expand(count, *image.shape[1:]))
        normal = likelihood + log_ratio(codes, noise, log_variance)
        weights.append(torch.stack([normal + model.prior.log_ratio(codes), normal]))
    return torch.cat(weights, dim=1)


def reparameterize(
    mean: Tensor, log_variance: Tensor, generator: torch.Generator | None = None
) -> Tensor:
    """Sample from each Gaussian: mean + standard deviation * N(0, I), of the same shape."""
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    return mean + noise * (log_variance / 2).exp()


def log_ratio(codes: Tensor, noise: Tensor, log_variance: Tensor) -> Tensor:
    """Compute log p(z) - log q(z|x) of codes sampled with this standard noise: (n,) in nats.

    The prior p(z) is N(0, I).
    """
    # The normalising constants cancel.
    prior, posterior = -(codes**2).sum(dim=1) / 2, -(noise**2 + log_variance).sum(dim=1) / 2
    return prior - posterior


def kl_from_prior(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Compute the KL divergence of N(mean, variance) from N(0, 1), elementwise, in nats.

    Source: Kingma & Welling 2014, "Auto-encoding variational Bayes", appendix B.

    Example:
        >>> kl_from_prior(torch.tensor([1.0]), torch.tensor([0.0])).item()
        0.5
    """
    return (mean**2 + log_variance.exp() - 1 - log_variance) / 2


def labels_of(model: LatentModel, split: Split) -> Tensor | None:
    """Return the labels (n,) int64 for a conditional model, else None."""
    return torch.from_numpy(split.labels) if model.classes else None
