"""Density ratios of codes and proposals, held against known densities."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from glassnet.inference.density_ratio import PROPOSALS, DensityRatio

MEAN, DEVIATION = 1.0, 0.5
EVERYTHING = torch.arange(2)
RANDOM = torch.Generator().manual_seed(12345)


def others(n: int) -> Tensor:
    """More proposals from N(0, I)."""
    return torch.randn((n, 2), generator=RANDOM)


def ring(n: int, seed: int) -> Tensor:
    """Points around a circle of radius 2."""
    random = np.random.default_rng(seed)
    angle, radius = random.uniform(0, 2 * np.pi, n), 2 + 0.1 * random.standard_normal(n)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return torch.from_numpy(points.astype(np.float32))


def normal(n: int, seed: int, deviation: float = 1.0) -> Tensor:
    drawn = deviation * np.random.default_rng(seed).standard_normal((n, 2))
    return torch.from_numpy(drawn.astype(np.float32))


def narrower(n: int, seed: int) -> Tensor:
    """The first of two dimensions is N(1, 0.5^2), the second N(0, 1)."""
    return normal(n, seed) * torch.tensor([DEVIATION, 1.0]) + torch.tensor([MEAN, 0.0])


def learned(n: int, epochs: int, valid: Tensor, used: Tensor = EVERYTHING) -> DensityRatio:
    """The ratio of `narrower` codes, n in each epoch, to proposals from N(0, I)."""
    ratio = DensityRatio(2)
    ratio.fit(
        lambda epoch: (narrower(n, epoch), normal(n, 1000 + epoch)),
        (valid, normal(len(valid), 9999)),
        others,
        used,
        epochs,
    )
    return ratio


@pytest.fixture(scope="module")
def fitted() -> DensityRatio:
    return learned(2048, 40, narrower(2000, 9998))


def test_it_is_the_log_ratio_of_the_two_densities(fitted: DensityRatio) -> None:
    codes = narrower(500, 5)
    first = codes[:, 0]
    expected = (first.square() - ((first - MEAN) / DEVIATION).square()) / 2 - math.log(DEVIATION)
    assert (fitted(codes) - expected).abs().mean() < 0.1


def test_the_mean_ratio_of_proposals_is_one(fitted: DensityRatio) -> None:
    assert fitted(normal(100_000, 7)).exp().mean().item() == pytest.approx(1, abs=0.02)


def test_chosen_proposals_have_the_distribution_of_the_codes(fitted: DensityRatio) -> None:
    groups = normal(3000 * PROPOSALS, 8).unflatten(0, (3000, PROPOSALS))
    chosen = fitted.choose(groups, np.random.default_rng(0))
    np.testing.assert_allclose(chosen.mean(0), [MEAN, 0], atol=0.07)
    np.testing.assert_allclose(chosen.std(0), [DEVIATION, 1], atol=0.07)
    first = fitted.choose(groups[:5], np.random.default_rng(0))
    torch.testing.assert_close(first, chosen[:5])


def test_a_ring_is_cut_out_of_a_normal_distribution() -> None:
    ratio = DensityRatio(2)
    ratio.fit(
        lambda epoch: (ring(2048, epoch), normal(2048, 1000 + epoch, 2.0)),
        (ring(1000, 9998), normal(1000, 9999, 2.0)),
        lambda n: 2 * others(n),
        EVERYTHING,
        epochs=40,
    )
    groups = normal(1000 * PROPOSALS, 8, 2.0).unflatten(0, (1000, PROPOSALS))
    radius = ratio.choose(groups, np.random.default_rng(0)).norm(dim=1)
    assert (radius - 2).abs().mean() < 0.2
    assert (groups[:, 0].norm(dim=1) - 2).abs().mean() > 0.7


def test_it_stays_0_where_validation_codes_are_no_more_probable_with_it() -> None:
    ratio = learned(1024, 4, -narrower(2000, 9998))
    assert not ratio.is_fitted
    assert not ratio(normal(2000, 9999)).any()


def test_it_does_not_depend_on_dimensions_that_it_does_not_see() -> None:
    ratio = learned(1024, 20, narrower(1000, 9998), used=EVERYTHING[:1])
    codes = normal(50, 3)
    assert ratio.is_fitted
    assert torch.equal(ratio(codes), ratio(codes * torch.tensor([1.0, -5.0])))


@pytest.mark.parametrize("threads", [1, 2])
def test_equal_codes_give_equal_weights_and_torchs_random_state_stays(threads: int) -> None:
    def weights() -> Tensor:
        return learned(600, 5, narrower(600, 9998)).weights

    first, state, before = weights(), torch.get_rng_state(), torch.get_num_threads()
    torch.set_num_threads(threads)
    second = weights()
    torch.set_num_threads(before)
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), state)


def test_without_dimensions_it_is_0_and_has_nothing_to_save() -> None:
    ratio = DensityRatio(0)
    assert not ratio(normal(3, 0)).any()
    assert not ratio.state_dict()
    assert not list(DensityRatio(2).parameters()), "the network's training leaves it alone"
