"""Mixtures of Gaussians as priors, held against scikit-learn's and against known densities."""

import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture
from toy_latent import LinearModel

from glassnet.inference import latents
from glassnet.inference.prior import RIDGE, Prior

N, WIDTH = 3000, 3


def two_clouds(seed: int, n: int = N) -> np.ndarray:
    """Codes of two narrow clouds, far from the middle of N(0, I)."""
    random = np.random.default_rng(seed)
    centers = np.array([[2.0, -1.0, 0.0], [-2.0, 1.0, 0.5]])
    narrow = random.standard_normal((n, WIDTH)) * [0.3, 0.2, 1.0]
    return (centers[random.integers(0, 2, n)] + narrow).astype(np.float32)


def fitted(n_gaussians: int = 2) -> Prior:
    prior = Prior(n_gaussians, WIDTH)
    prior.fit(two_clouds(0), 0, two_clouds(1))
    return prior


def normal_log_density(codes: np.ndarray) -> np.ndarray:
    return -(codes.astype(np.float64) ** 2).sum(1) / 2 - WIDTH / 2 * np.log(2 * np.pi)


def test_its_density_is_that_of_the_same_mixture_in_scikit_learn() -> None:
    prior, codes = fitted(), two_clouds(2)
    reference = GaussianMixture(2, reg_covar=RIDGE, random_state=0, init_params="k-means++")
    expected = reference.fit(two_clouds(0)).score_samples(codes)
    found = prior.log_ratio(torch.from_numpy(codes)).numpy() + normal_log_density(codes)
    np.testing.assert_allclose(found, expected, atol=2e-2)


def test_a_fit_that_could_go_on_is_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.inference.prior.STEPS", 1)
    assert fitted().n_gaussians == 2


def test_its_density_integrates_to_one() -> None:
    """The mean of the density's ratio to N(0, I), over codes from N(0, I)."""
    prior = Prior(2, 1)
    random = np.random.default_rng(0)
    centers = np.array([-0.7, 0.9])[random.integers(0, 2, 2000)]
    codes = (centers + 0.3 * random.standard_normal(2000)).astype(np.float32)[:, None]
    prior.fit(codes, 0, codes)
    draws = torch.from_numpy(random.standard_normal((200_000, 1)).astype(np.float32))
    assert prior.log_ratio(draws).exp().mean().item() == pytest.approx(1, abs=0.02)


def test_samples_have_the_distribution_of_the_codes() -> None:
    codes, samples = two_clouds(3, 20_000), fitted().sample(20_000, seed=0)
    np.testing.assert_allclose(samples.mean(0), codes.mean(0), atol=0.1)
    np.testing.assert_allclose(np.cov(samples.T), np.cov(codes.T), atol=0.15)
    gain = fitted().log_ratio(torch.from_numpy(samples)).mean().item()
    held_out = fitted().log_ratio(torch.from_numpy(codes)).mean().item()
    assert gain == pytest.approx(held_out, abs=0.1)


def test_the_first_samples_do_not_depend_on_the_count_and_the_temperature_narrows() -> None:
    prior = fitted()
    np.testing.assert_array_equal(prior.sample(5, 7), prior.sample(50, 7)[:5])
    assert not np.array_equal(prior.sample(5, 7), prior.sample(5, 8))
    means = prior.sample(300, 0, temperature=0.0)
    assert len(np.unique(means.round(4), axis=0)) == 2


def test_it_is_the_normal_distribution_until_it_is_fitted_and_where_that_is_better() -> None:
    prior, codes = Prior(4, WIDTH), torch.randn(50, WIDTH)
    assert prior.n_gaussians == 0
    assert not prior.log_ratio(codes).any()
    expected = np.random.default_rng(3).standard_normal((9, WIDTH), np.float32)
    np.testing.assert_array_equal(prior.sample(9, 3), expected)
    far = two_clouds(0) + np.float32(50)  # codes that no validation code is like
    prior.fit(far, 0, two_clouds(1))
    assert prior.n_gaussians == 0
    prior.fit(two_clouds(0, 40), 0, two_clouds(1))  # too few for one Gaussian
    assert prior.n_gaussians == 0


@pytest.mark.parametrize("threads", [1, 2])
def test_equal_codes_give_equal_numbers(threads: int) -> None:
    first, before = fitted(3), torch.get_num_threads()
    torch.set_num_threads(threads)
    second = fitted(3)
    assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name])


def test_other_samples_of_the_codes_in_each_step_keep_the_noise_of_a_sample_out() -> None:
    random = np.random.default_rng(0)
    centers, valid = random.standard_normal((2, N, WIDTH)).astype(np.float32)
    valid += 0.7 * random.standard_normal(valid.shape, np.float32)
    once, anew = Prior(5, WIDTH), Prior(5, WIDTH)
    once.fit(centers + 0.7 * random.standard_normal(centers.shape, np.float32), 0, valid)
    anew.fit(centers, np.full_like(centers, 0.7), valid)
    means = [prior.log_ratio(torch.from_numpy(valid)).mean().item() for prior in (once, anew)]
    assert 0 < means[0] < means[1]


def test_dimensions_that_are_not_used_stay_normal() -> None:
    random = np.random.default_rng(0)
    means, deviations = two_clouds(0), np.full((N, WIDTH), 0.1, np.float32)
    means[:, 1], deviations[:, 1] = 0.01 * random.standard_normal(N), 1.0
    prior = Prior(3, WIDTH)
    prior.fit(means, deviations, means)
    samples, noise = (
        prior.sample(50, 4),
        np.random.default_rng(4).standard_normal((50, WIDTH), np.float32),
    )
    assert prior.n_gaussians == 3
    np.testing.assert_allclose(samples[:, 1], noise[:, 1], rtol=1e-6)
    moved = torch.from_numpy(samples).index_fill(1, torch.tensor(1), 2.5)
    torch.testing.assert_close(
        prior.log_ratio(moved), prior.log_ratio(torch.from_numpy(samples)), atol=1e-4, rtol=1e-4
    )


def test_codes_without_a_used_dimension_stay_normal() -> None:
    nothing, everywhere = np.zeros((N, WIDTH), np.float32), np.ones((N, WIDTH), np.float32)
    prior = fitted()
    prior.improve(nothing, everywhere, np.random.default_rng(0))
    assert not prior.log_ratio(torch.from_numpy(two_clouds(1))).abs().max() > 1e-4
    prior.fit(nothing, everywhere, nothing)
    assert prior.n_gaussians == 0


def test_few_codes_get_few_gaussians() -> None:
    prior = Prior(100, WIDTH)
    prior.fit(two_clouds(0, 200), 0, two_clouds(1))
    assert prior.n_gaussians == 4


def ring(seed: int, n: int = N) -> np.ndarray:
    """Means of codes around a circle, which few Gaussians have no shape for."""
    random = np.random.default_rng(seed)
    angle, radius = random.uniform(0, 2 * np.pi, n), 2 + 0.1 * random.standard_normal(n)
    rest = 0.3 * random.standard_normal(n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), rest], 1).astype(np.float32)


def reweighted(epochs: int = 30) -> Prior:
    prior, narrow = Prior(2, WIDTH, epochs=epochs), np.full((N, WIDTH), 0.1, np.float32)
    assert prior.needs_codes
    prior.complete((ring(0), narrow), (ring(1), narrow))
    return prior


def test_a_network_that_learned_with_the_mixture_needs_codes_to_reweight_it_alone() -> None:
    joint = Prior(2, WIDTH, joint=True, epochs=5)
    assert [Prior(2, WIDTH, joint=True).needs_codes, joint.needs_codes] == [False, True]
    joint.fit(ring(0), 0.1, ring(1))
    means, narrow = joint.means.clone(), np.full((N, WIDTH), 0.1, np.float32)
    joint.complete((two_clouds(0), narrow), (two_clouds(1), narrow))
    assert torch.equal(joint.means, means)


def test_a_reweighted_mixture_has_the_shape_of_the_codes() -> None:
    prior, codes = reweighted(), torch.from_numpy(ring(2))
    assert prior.is_reweighted
    assert prior.log_ratio(codes).mean() > prior.mixture_log_ratio(codes).mean() + 0.5
    radius = np.linalg.norm(prior.sample(1000, 0)[:, :2], axis=1)
    spread = np.linalg.norm(reweighted(epochs=0).sample(1000, 0)[:, :2], axis=1)
    assert np.abs(radius - 2).mean() < 0.5 * np.abs(spread - 2).mean()
    np.testing.assert_allclose(prior.sample(5, 7), prior.sample(50, 7)[:5], rtol=1e-5)


def test_a_reweighted_density_integrates_to_one() -> None:
    prior = reweighted()
    draws = np.random.default_rng(0).uniform(-4, 4, (400_000, WIDTH)).astype(np.float32)
    density = prior.log_ratio(torch.from_numpy(draws)).double().numpy() + normal_log_density(draws)
    assert np.exp(density).mean() * 8**WIDTH == pytest.approx(1, abs=0.05)


def test_without_epochs_or_gaussians_nothing_is_reweighted_or_saved() -> None:
    narrow = np.full((N, WIDTH), 0.1, np.float32)
    for prior in (Prior(2, WIDTH), Prior(0, WIDTH, epochs=3)):
        prior.complete((ring(0), narrow), (ring(1), narrow))
        assert not prior.is_reweighted
        assert not any(name.startswith("ratio") for name in prior.state_dict())


def test_the_bounds_take_the_density_into_account() -> None:
    """A model whose codes are all alike: the prior that knows them saves what they cost."""
    model = LinearModel()
    images = torch.full((4, 1, 8, 8), 0.5)
    codes, _ = latents.encode(model, images)
    noise = np.random.default_rng(0).standard_normal((2000, 3)).astype(np.float32)
    model.prior = Prior(1, 3)
    around = codes[:1] + noise * np.array([0.1, 0.1, 1.0], np.float32)
    model.prior.fit(around, 0, around)
    reconstruction, kl, gain = latents.elbo(model, images, None, latents.encode(model, images))
    learned, normal = latents.importance_weighted(model, images, None, 2000)
    assert (gain > 2).all()
    assert (kl.sum(1) - gain).mean() == pytest.approx(0, abs=0.3), "the prior is the posterior"
    assert (learned - normal > 2).all()
    assert (-learned <= reconstruction + kl.sum(1) - gain + 0.2).all()
