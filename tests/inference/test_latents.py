"""Generators whose likelihood is known exactly, and the draws that every measurement rests on."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from toy_latent import SIDE, LinearModel, generator, patterns, world

from glassnet.contract import Split
from glassnet.errors import UsageError
from glassnet.inference import latents
from glassnet.inference.image_noise import image_noise
from glassnet.inference.prior import Prior


def likelihood_of(toy: Any, samples: int, examples: int) -> latents.Likelihood:
    return latents.likelihood(toy.data, toy.latent_model, toy.cache, samples, examples)


def bounds(*given: Any) -> np.ndarray:
    """Importance-weighted bounds (n,) with the prior N(0, I)."""
    return latents.importance_weighted(*given)[1]


class Dial(nn.Module):
    """One code turns three black and white pixels; q(z|x) is a guess that is too wide."""

    latent_dim, classes = 1, 0
    slopes, biases = torch.tensor([2.0, -1.5, 0.7]), torch.tensor([0.3, -0.4, 1.0])

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.width, self.prior = width, Prior(0, 1)

    def observe(self, pixels: Tensor, seed: int | None = None) -> Tensor:
        return pixels.float() / 255

    def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        mean = ((2 * observed.flatten(1) - 1) @ self.slopes / 5)[:, None]
        return mean, torch.full_like(mean, 2 * math.log(self.width))

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        return (codes * self.slopes + self.biases).reshape(-1, 1, 1, 3)

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        return torch.distributions.Bernoulli(logits=parameters).log_prob(observed).sum((1, 2, 3))

    def images(self, parameters: Tensor) -> Tensor:
        return parameters.sigmoid()


EVERY_IMAGE = torch.tensor(list(itertools.product([0.0, 1.0], repeat=3))).reshape(8, 1, 1, 3)


def integrated(model: Dial) -> np.ndarray:
    """log p(x) of all eight images, by the trapezoid rule in 64 bits."""
    grid = torch.linspace(-12, 12, 20_001, dtype=torch.float64)
    prior = torch.distributions.Normal(0.0, 1.0).log_prob(grid)
    logits = grid[:, None] * model.slopes.double() + model.biases.double()
    found = [
        torch.logsumexp(
            torch.distributions.Bernoulli(logits=logits).log_prob(image.flatten().double()).sum(1)
            + prior,
            dim=0,
        )
        for image in EVERY_IMAGE
    ]
    return torch.stack(found).numpy() + math.log(24 / 20_000)


def elbo(model: Dial, image: Tensor) -> float:
    """The evidence lower bound of one image, by the same rule."""
    mean, log_variance = (value.double() for value in model.encode(image))
    posterior = torch.distributions.Normal(mean.item(), math.exp(log_variance.item() / 2))
    grid = torch.linspace(-12, 12, 20_001, dtype=torch.float64)
    logits = grid[:, None] * model.slopes.double() + model.biases.double()
    toy = torch.distributions.Bernoulli(logits=logits).log_prob(image.flatten().double()).sum(1)
    prior = torch.distributions.Normal(0.0, 1.0).log_prob(grid)
    inside = posterior.log_prob(grid).exp() * (toy + prior - posterior.log_prob(grid))
    return inside.sum().item() * 24 / 20_000


def test_the_reference_of_these_tests_is_a_distribution() -> None:
    assert np.exp(integrated(Dial())).sum() == pytest.approx(1, abs=1e-9)


def test_the_bound_comes_to_log_p_with_many_samples() -> None:
    model, samples = Dial(), 30_000
    found = bounds(model, EVERY_IMAGE, None, samples)
    np.testing.assert_allclose(found, integrated(model), atol=0.02)
    assert np.exp(found).sum() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("width", "place"), [(0.3, 0), (2.5, 5)])
def test_one_sample_gives_the_elbo_on_average_and_few_give_less_than_log_p(
    width: float, place: int
) -> None:
    """Some hundreds of copies of an image, each with draws of its own."""
    model, copies, image = Dial(width), 400, EVERY_IMAGE[place : place + 1]
    truth, means = integrated(model)[place], []
    for samples in (1, 4, 16):
        found = bounds(model, image.expand(copies, -1, -1, -1), None, samples)
        error = found.std() / math.sqrt(copies)
        means.append(found.mean())
        assert found.mean() < truth + 4 * error
        if samples == 1:
            assert found.mean() == pytest.approx(elbo(model, image), abs=4.5 * error)
    assert means == sorted(means)
    assert truth - means[0] > 0.05


class Gauss(nn.Module):
    """Images of a linear model with Gaussian grain; q(z|x) is the posterior itself."""

    latent_dim, grain = 2, 0.3

    def __init__(self, classes: int = 0) -> None:
        super().__init__()
        self.classes, self.prior = classes, Prior(0, 2)
        self.rows = torch.tensor([[0.5], [0.2]]) * patterns(2)

    def observe(self, pixels: Tensor, seed: int | None = None) -> Tensor:
        return pixels.float() / 255

    def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        precision = 1 + (self.rows**2).sum(1) / self.grain**2  # the rows are orthogonal
        mean = observed.flatten(1) @ self.rows.T / self.grain**2 / precision
        return mean, -precision.log().expand(len(mean), -1)

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        shade = 0.0 if labels is None else labels[:, None].float()
        return (codes @ self.rows + shade).reshape(-1, 1, SIDE, SIDE)

    def log_likelihood(self, parameters: Tensor, observed: Tensor) -> Tensor:
        grain = torch.distributions.Normal(parameters, self.grain)
        return grain.log_prob(observed).sum((1, 2, 3))

    def images(self, parameters: Tensor) -> Tensor:
        return parameters.clamp(0, 1)

    def log_p(self, observed: Tensor, shade: float = 0.0) -> np.ndarray:
        """The marginal Gaussian, in 64 bits."""
        rows = self.rows.double()
        spread = rows.T @ rows + self.grain**2 * torch.eye(SIDE * SIDE, dtype=torch.float64)
        centre = torch.full((SIDE * SIDE,), shade, dtype=torch.float64)
        marginal = torch.distributions.MultivariateNormal(centre, spread)
        return marginal.log_prob(observed.flatten(1).double()).numpy()


def some(n: int = 6) -> Tensor:
    return torch.rand((n, 1, SIDE, SIDE), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("samples", [1, 3, 700])
def test_the_exact_posterior_gives_the_exact_value_whatever_is_drawn(samples: int) -> None:
    for seed in range(3):
        found = bounds(Gauss(), some(), None, samples, seed)
        np.testing.assert_allclose(found, Gauss().log_p(some()), atol=2e-3)


def test_the_class_goes_with_its_image() -> None:
    """Every image shifted by its class, and one that is told a wrong one."""
    labels = torch.tensor([0, 1, 2, 2, 1, 0])
    shifted = some() - 0.5 + labels[:, None, None, None]
    model = Gauss(classes=3)
    found = bounds(model, shifted, labels, 50)
    # A pattern sums to zero, so that a shift leaves the posterior as it is.
    expected = [model.log_p(shifted[k : k + 1], float(labels[k]))[0] for k in range(6)]
    np.testing.assert_allclose(found, expected, atol=2e-3)
    wrong = bounds(model, shifted, torch.ones_like(labels), 50)
    assert (wrong < found - 100).tolist() == (labels != 1).tolist()


def test_a_bound_is_the_same_with_the_same_seed_and_stays_where_batches_end() -> None:
    model = Dial()

    def found(samples: int, seed: int) -> np.ndarray:
        return bounds(model, EVERY_IMAGE, None, samples, seed)

    np.testing.assert_array_equal(found(20, 1), found(20, 1))
    assert (found(20, 1) != found(20, 2)).all()
    truth = integrated(model)
    for samples in (
        latents.BATCH - 1,
        latents.BATCH,
        latents.BATCH + 1,
        2 * latents.BATCH + 1,
    ):
        np.testing.assert_allclose(found(samples, 1), truth, atol=0.2)


# What a measurement of a test set is made of.


def gaussian_world(n: int = 60, seed: int = 0) -> Split:
    pixels = np.random.default_rng(seed).integers(0, 256, (n, SIDE, SIDE), np.uint8)
    return Split(pixels, np.arange(n) % 3, np.arange(n))


def test_the_elbo_of_an_exact_posterior_is_log_p() -> None:
    toy = generator(Gauss(), test=gaussian_world())
    found = likelihood_of(toy, samples=2, examples=1000)
    observed = torch.from_numpy(toy.data.test.inputs).unsqueeze(1).float() / 255
    truth = Gauss().log_p(observed)
    np.testing.assert_allclose(found.log_likelihood, truth, atol=0.02)
    assert found.bound.shape == (60,)
    # Sixteen draws of the reconstruction, against the closed form of the KL.
    spread = (found.bound + truth).std() / math.sqrt(60)
    assert (found.bound + truth).mean() == pytest.approx(0, abs=5 * spread)
    assert found.kl.shape == (60, 2)
    np.testing.assert_allclose(found.bound, found.reconstruction + found.kl.sum(1))


def test_all_images_are_used_if_the_limit_allows_it() -> None:
    toy = generator(test=world(30, 1))
    for examples in (30, 31, 10_000):
        found = likelihood_of(toy, 2, examples)
        assert found.where.tolist() == list(range(30))
    part = likelihood_of(toy, 2, 9)
    assert part.where.tolist() == toy.data.subsample(9, 0).tolist()
    assert len(part.log_likelihood) == 9
    assert len(part.reconstruction) == len(part.kl) == 30
    assert part.samples == 2


def test_a_part_is_measured_on_the_very_pixels_of_the_whole() -> None:
    """Binarisation draws; the part must not be drawn anew."""

    class Drawn(LinearModel):
        def observe(self, pixels: Tensor, seed: int | None = None) -> Tensor:
            assert seed is not None
            return (image_noise(pixels, seed) < pixels / 255).float()

        def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
            self.toy = observed
            return super().encode(observed, labels)

    model = Drawn()
    toy = generator(model, test=world(30, 1))
    where = likelihood_of(toy, 1, 9).where
    whole = latents.observed(toy.data, toy.latent_model, toy.data.test)
    assert torch.equal(model.toy, whole[where[-1] : where[-1] + 1])
    assert torch.equal(whole, latents.observed(toy.data, toy.latent_model, toy.data.test)), (
        "by one draw, every time"
    )


def test_likelihoods_are_cached_by_their_sample_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    toy = generator(test=world(30, 1))
    first, more = likelihood_of(toy, 2, 9), likelihood_of(toy, 5, 9)
    monkeypatch.setattr(latents, "importance_weighted", lambda *_: pytest.fail("measured again"))
    np.testing.assert_array_equal(likelihood_of(toy, 2, 9).log_likelihood, first.log_likelihood)
    np.testing.assert_array_equal(likelihood_of(toy, 5, 9).log_likelihood, more.log_likelihood)
    assert (first.log_likelihood != more.log_likelihood).any()
    np.testing.assert_array_equal(first.reconstruction, more.reconstruction)


@pytest.mark.parametrize(("samples", "examples"), [(0, 9), (-5, 9), (2, 1), (2, -1)])
def test_too_little_effort_makes_no_interval(samples: int, examples: int) -> None:
    with pytest.raises(UsageError, match="give no confidence interval") as caught:
        likelihood_of(generator(test=world(30, 1)), samples, examples)
    assert "at least 1 sample and 2 examples" in caught.value.hint


def test_a_conditional_model_is_measured_with_its_classes() -> None:
    model = LinearModel((0.0,), base=(0.2, 0.5, 0.8))
    test = world(30, 1, model)
    known = likelihood_of(generator(model, test=test), 3, 30)
    turned = Split(test.inputs, (test.labels + 1) % 3, test.ids)
    wrong = likelihood_of(generator(model, test=turned), 3, 30)
    assert (wrong.log_likelihood < known.log_likelihood - 50).all()
    assert (wrong.reconstruction > known.reconstruction + 50).all()


def test_the_encoder_is_conditioned_on_each_images_own_class() -> None:
    record: list[Tensor] = []

    class Listening(LinearModel):
        def encode(self, observed: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
            assert labels is not None
            assert len(labels) == len(observed)
            record.append(labels)
            return super().encode(observed, labels)

    toy = generator(Listening((0.1,), base=(0.2, 0.5, 0.8)), test=world(30, 1))
    where = likelihood_of(toy, 2, 9).where
    everyone = torch.from_numpy(toy.data.test.labels)
    assert torch.equal(torch.cat(record), torch.cat([everyone, everyone[where]]))


# Drawing, encoding and decoding.


def test_the_first_images_are_the_same_whatever_the_count() -> None:
    model = LinearModel()
    many = latents.sample(model, 2 * latents.BATCH + 3, seed=4)
    assert many.shape == (2 * latents.BATCH + 3, SIDE, SIDE)
    assert many.dtype == np.uint8
    for count in (1, 7, latents.BATCH, latents.BATCH + 1):
        np.testing.assert_array_equal(latents.sample(model, count, seed=4), many[:count])
    assert (latents.sample(model, 7, seed=5) != many[:7]).any()


def test_codes_are_from_the_prior() -> None:
    drawn = latents.codes(LinearModel(), 20_000, 0)
    assert drawn.shape == (20_000, 3)
    assert drawn.dtype == np.float32
    np.testing.assert_allclose(drawn.mean(0), 0, atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), np.eye(3), atol=0.04)


def test_temperature_is_the_spread_of_the_codes() -> None:
    model = LinearModel((0.12, 0.0, 0.0))
    typical = latents.sample(model, 300, temperature=0.5).astype(float)
    usual, wild = (latents.sample(model, 300, temperature=t).astype(float) for t in (1, 1.5))
    middle = latents.sample(model, 300, temperature=0)
    assert (middle == middle[0]).all()
    np.testing.assert_array_equal(middle[0], latents.decode(model, np.zeros((1, 3), np.float32))[0])
    for other, factor in ((typical, 0.5), (wild, 1.5)):
        assert other.std(0).mean() == pytest.approx(factor * usual.std(0).mean(), rel=0.03)


def test_classes_come_in_turn_or_one_alone() -> None:
    model = LinearModel((0.0,), base=(0.2, 0.5, 0.8))
    brightness = latents.sample(model, 7).mean((1, 2))
    np.testing.assert_allclose(brightness, [51, 128, 204, 51, 128, 204, 51], atol=0.6)
    np.testing.assert_allclose(latents.sample(model, 4, label=2).mean((1, 2)), 204, atol=0.6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"count": 0}, "0 images cannot be drawn"),
        ({"count": -3}, "-3 images cannot be drawn"),
        ({"count": 2, "seed": -1}, "the seed -1 is negative"),
        ({"count": 2, "temperature": -0.1}, "the temperature -0.1 is out of bounds"),
        ({"count": 2, "temperature": math.nan}, "the temperature nan is out of bounds"),
        ({"count": 2, "temperature": math.inf}, "the temperature inf is out of bounds"),
        ({"count": 2, "label": 0}, "trained without classes"),
    ],
)
def test_what_cannot_be_drawn(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        latents.sample(LinearModel(), **wrong)
    assert len(str(caught.value).splitlines()) == 2


def test_pixels_are_rounded_and_channels_come_last() -> None:
    image = torch.tensor([0.0, 0.4999 / 255, 0.5001 / 255, 254.6 / 255, 1.0]).reshape(1, 1, 1, 5)
    assert latents.pixels(image).tolist() == [[[0, 0, 1, 255, 255]]]
    colour = torch.rand((2, 3, 4, 5), generator=torch.Generator().manual_seed(0))
    found = latents.pixels(colour)
    assert found.shape == (2, 4, 5, 3)
    assert found[1, 2, 3, 0] == round(colour[1, 0, 2, 3].item() * 255)


def test_encoding_finds_the_codes_that_images_were_made_from() -> None:
    model = LinearModel((0.1, 0.05, 0.0))
    drawn = 0.5 * latents.codes(model, latents.BATCH + 20, 0)
    images = latents.decode(model, drawn)
    mean, log_variance = latents.encode(model, torch.from_numpy(images).unsqueeze(1) / 255)
    assert mean.shape == log_variance.shape == drawn.shape
    np.testing.assert_allclose(mean[:, :2], drawn[:, :2], atol=0.05)
    np.testing.assert_array_equal(mean[:, 2], 0)
    assert (log_variance[:, 2] == 0).all()


def test_samples_have_the_moments_of_their_distribution() -> None:
    mean = torch.tensor([[1.0, -2.0]]).expand(50_000, 2)
    log_variance = torch.tensor([[0.0, -2.0]]).expand(50_000, 2)
    drawn = latents.reparameterize(mean, log_variance, torch.Generator().manual_seed(0))
    torch.testing.assert_close(drawn.mean(0), mean[0], atol=0.02, rtol=0)
    torch.testing.assert_close(drawn.var(0).log(), log_variance[0], atol=0.04, rtol=0)
