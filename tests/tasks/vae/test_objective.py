"""The bounds that training makes small, against sums that can be done another way."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import Tensor, nn
from torch.distributions import Normal, kl_divergence

from glassnet.contract import Signature, StepResult
from glassnet.inference.latents import kl_from_prior, reparameterize
from glassnet.tasks.vae.gaussian import ForwardPass
from glassnet.tasks.vae.objective import Terms, elbo_loss, elbo_terms, importance_weighted_loss
from glassnet.tasks.vae.presets import Config
from glassnet.tasks.vae.task import TASK

PRIOR = Normal(torch.tensor(0.0), torch.tensor(1.0))
SMALL = Config(channels=(4, 8), hidden_size=32, latent_dim=4)


def observed(samples: int, batch: int = 3, latent_dim: int = 4, seed: int = 0) -> ForwardPass:
    """A pass whose posteriors are neither the prior nor alike; its parameters are not looked at."""
    generator = torch.Generator().manual_seed(seed)
    mean = 2 * torch.randn(batch, latent_dim, generator=generator)
    log_variance = torch.randn(batch, latent_dim, generator=generator) - 1
    many = (samples, 1)
    codes = reparameterize(mean.repeat(many), log_variance.repeat(many), generator)
    return ForwardPass(torch.empty(0), codes, mean, log_variance)


def posterior(one: ForwardPass) -> Normal:
    return Normal(one.mean, (one.log_variance / 2).exp())


@given(st.floats(-30, 30), st.floats(-14, 6))
@settings(max_examples=60)
def test_the_kl_is_torchs(mean: float, log_variance: float) -> None:
    known = torch.tensor(mean), torch.tensor(log_variance)
    expected = kl_divergence(Normal(known[0], (known[1] / 2).exp()), PRIOR)
    torch.testing.assert_close(kl_from_prior(*known), expected, rtol=1e-4, atol=1e-4)


def test_the_kl_is_nothing_for_the_prior_alone() -> None:
    grid = torch.linspace(-3, 3, 41)
    found = kl_from_prior(grid[:, None], grid[None, :])
    assert (found >= 0).all()
    assert found.argmin() == 20 * 41 + 20
    assert found[20, 20] == 0


def test_the_ratio_is_that_of_the_densities() -> None:
    one = observed(5)
    found = elbo_terms(one, torch.zeros(15)).log_ratio
    codes = one.codes.reshape(5, 3, 4)
    expected = (PRIOR.log_prob(codes) - posterior(one).log_prob(codes)).sum(2)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_the_mean_ratio_of_many_draws_is_minus_the_kl() -> None:
    found = elbo_terms(observed(20_000), torch.zeros(60_000))
    error = found.log_ratio.std(0) / math.sqrt(20_000)
    gap = (found.log_ratio.mean(0) + found.kl.sum(1)).abs()
    assert (gap < 4.5 * error).all()


def test_terms_keep_draws_and_images_apart() -> None:
    """Row k * B + b of a pass is draw k of image b."""
    found = elbo_terms(observed(2), torch.arange(6.0))
    assert found.log_likelihood.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found.log_ratio.shape == (2, 3)
    assert found.kl.shape == (3, 4)


def test_the_elbo_is_reconstruction_and_kl() -> None:
    found = elbo_terms(observed(1), torch.tensor([-10.0, -20.0, -60.0]))
    expected = 30 + kl_divergence(posterior(observed(1)), PRIOR).sum(1).mean()
    torch.testing.assert_close(elbo_loss(found), expected)


@given(st.integers(0, 99))
@settings(max_examples=20)
def test_one_sample_makes_the_elbo_of_that_sample(seed: int) -> None:
    """In place of the KL's closed form stands the drawn code's own ratio."""
    found = elbo_terms(observed(1, seed=seed), torch.tensor([-10.0, -20.0, -60.0]))
    expected = -(found.log_likelihood + found.log_ratio).mean()
    torch.testing.assert_close(importance_weighted_loss(found), expected)


def test_over_many_draws_one_sample_agrees_with_the_closed_form() -> None:
    one = observed(20_000)
    found = elbo_terms(one, -((one.codes - 1) ** 2).sum(1))
    log_likelihood, log_ratio = (values.reshape(1, -1) for values in found[:2])
    singly = Terms(log_likelihood, log_ratio, found.kl)
    drawn = importance_weighted_loss(singly).item()
    assert drawn == pytest.approx(elbo_loss(found).item(), rel=0.02)


weights = st.lists(st.floats(-200, 200), min_size=4, max_size=4)


@given(weights, weights)
@settings(max_examples=60)
def test_more_samples_never_loosen_the_bound(likelihoods: list[float], ratios: list[float]) -> None:
    """The four together give at most the mean of what two pairs give, and these of what each."""
    rows = torch.tensor([likelihoods, ratios], dtype=torch.float64)[..., None]

    def loss(start: int, stop: int) -> float:
        part = rows[:, start:stop]
        return importance_weighted_loss(Terms(part[0], part[1], torch.zeros(1, 1))).item()

    whole, pairs = loss(0, 4), [loss(0, 2), loss(2, 4)]
    each = [loss(k, k + 1) for k in range(4)]
    assert whole <= sum(pairs) / 2 + 1e-9
    assert sum(pairs) / 2 <= sum(each) / 4 + 1e-9


def test_the_bound_tightens_with_samples_on_average() -> None:
    """A posterior that is too narrow: one draw pays its KL, many make up for it."""
    losses = []
    for samples in (1, 4, 16, 64):
        one = observed(samples, batch=400)
        found = elbo_terms(one, -2 * ((one.codes - 1) ** 2).sum(1))
        losses.append(importance_weighted_loss(found).item())
    assert losses == sorted(losses, reverse=True)
    assert losses[0] - losses[-1] > 2


def test_beta_weighs_the_kl_alone() -> None:
    found = elbo_terms(observed(1), torch.tensor([-10.0, -20.0, -60.0]))
    kl = found.kl.sum(1).mean()
    for beta in (0.0, 0.3, 1.0, 4.0):
        torch.testing.assert_close(elbo_loss(found, beta), 30 + beta * kl)
    many = elbo_terms(observed(3), torch.arange(9.0))
    without = importance_weighted_loss(many, 0.0)
    alone = importance_weighted_loss(many._replace(log_ratio=torch.zeros(3, 3)))
    torch.testing.assert_close(without, alone)


def test_free_bits_are_free_by_dimension_and_on_the_batchs_mean() -> None:
    """A dimension that one image uses and another does not is charged for the mean of both."""
    kl = torch.tensor([[0.0, 4.0, 0.1], [1.0, 0.0, 0.1]], requires_grad=True)
    found = Terms(torch.tensor([[-7.0, -9.0]]), torch.zeros(1, 2), kl)
    loss = elbo_loss(found, free_bits=0.4)
    assert loss.item() == pytest.approx(8 + 0.5 + 2.0 + 0.4)
    loss.backward()
    assert kl.grad is not None
    assert kl.grad.tolist() == [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0]]


# At the level of a step, where the options of a run say which of these it is.


@pytest.fixture(scope="module")
def network() -> nn.Module:
    """One that has something to say in its codes, at rest, so that its draws are seeded."""
    torch.manual_seed(0)
    network: Any = TASK.build(SMALL, Signature((1, 12, 12), ("a", "b")))
    with torch.no_grad():
        network.mean.weight *= 3
    return network.eval()


def step(network: nn.Module, epoch: float = 0.0, **options: Any) -> StepResult:
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randint(0, 256, (6, 1, 12, 12), dtype=torch.uint8, generator=generator)
    labels = torch.tensor([0, 1, 0, 1, 0, 1])
    return TASK.step(network, (pixels, labels), replace(SMALL, **options), epoch)


def test_a_step_gives_the_elbo_and_its_two_terms(network: nn.Module) -> None:
    result = step(network)
    found = {name: value.item() for name, value in result.metrics.items()}
    assert set(found) == {"negative_elbo", "reconstruction", "kl"}
    assert found["negative_elbo"] == pytest.approx(found["reconstruction"] + found["kl"])
    assert result.loss.item() == pytest.approx(found["negative_elbo"], rel=1e-5)
    assert found["reconstruction"] == pytest.approx(144 * math.log(2), rel=0.1), "it is untrained"
    assert found["kl"] > 0.1
    assert result.count == 6
    assert result.loss.requires_grad
    assert not any(value.requires_grad for value in result.metrics.values())


@pytest.mark.parametrize(
    ("epoch", "share"), [(0, 0.0), (0.25, 0.125), (1, 0.5), (2, 1.0), (2.5, 1.0), (40, 1.0)]
)
@pytest.mark.parametrize("beta", [1.0, 4.0])
def test_warm_up_grows_from_nothing_to_beta(
    network: nn.Module, epoch: float, share: float, beta: float
) -> None:
    result = step(network, epoch, kl_warmup=2.0, beta=beta)
    metrics = result.metrics
    expected = metrics["reconstruction"] + share * beta * metrics["kl"]
    torch.testing.assert_close(result.loss.detach(), expected)
    torch.testing.assert_close(metrics["negative_elbo"], metrics["reconstruction"] + metrics["kl"])


def test_no_warm_up_weighs_the_kl_from_the_first_step(network: nn.Module) -> None:
    result = step(network, 0.0, beta=2.0)
    expected = result.metrics["reconstruction"] + 2 * result.metrics["kl"]
    torch.testing.assert_close(result.loss.detach(), expected)


def test_free_bits_raise_the_loss_and_not_the_bound(network: nn.Module) -> None:
    plain, free = step(network), step(network, free_bits=50.0)
    expected = plain.metrics["reconstruction"] + 4 * 50
    torch.testing.assert_close(free.loss.detach(), expected)
    assert free.metrics == plain.metrics


def test_several_samples_warm_up_too_and_leave_the_bound_alone(network: nn.Module) -> None:
    whole, none = (
        step(network, 2.0, iwae_samples=5, kl_warmup=2.0),
        step(network, 0.0, iwae_samples=5, kl_warmup=2.0),
    )
    assert whole.loss.item() < whole.metrics["negative_elbo"].item(), "five samples are tighter"
    assert none.loss.item() < whole.loss.item()
    assert none.loss.item() <= none.metrics["reconstruction"].item()
    assert none.metrics == whole.metrics


def test_at_rest_equal_batches_give_equal_numbers_and_draw_nothing(network: nn.Module) -> None:
    state = torch.get_rng_state()
    assert torch.equal(step(network).loss, step(network).loss)
    assert torch.equal(torch.get_rng_state(), state)


def test_in_training_pixels_and_codes_are_drawn_from_torchs_state(network: nn.Module) -> None:
    def loss(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return step(network.train()).loss

    try:
        assert torch.equal(loss(0), loss(0))
        assert not torch.equal(loss(0), loss(1))
    finally:
        network.eval()
