"""The numbers of a generator, against populations whose means are known."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from toy_latent import LinearModel, generator, world
from toy_parts import provenance

from glassnet.findings import Table
from glassnet.inference import latents
from glassnet.inference.latents import Likelihood
from glassnet.inference.likelihood import likelihood_scores
from glassnet.insight.views.likelihood import likelihood

COST, GAP = 90.0, 3.0
"""What an image costs on average, in nats, and how much less by the tighter bound."""


def images(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reconstruction (n,), KL (n, 3) and importance-weighted bound (n,) of made-up images."""
    random = np.random.default_rng(seed)
    kl = random.gamma([4, 2, 0.001], 1.0, (n, 3))
    bound = random.normal(COST, 25, n)
    gap = random.gamma(4, GAP / 4, n)
    return bound + gap - kl.sum(1), kl, -bound


def found(n: int, m: int, seed: int, part: int | None = None) -> Likelihood:
    """As if m of n images had been measured; `part` chooses them, the seed makes all."""
    reconstruction, kl, bound = images(n, seed)
    random = np.random.default_rng(seed + 10**6 if part is None else part)
    where = np.sort(random.permutation(n)[:m])
    none = np.zeros(n)
    return Likelihood(reconstruction, kl, none, where, bound[where], bound[where], samples=50)


def scores(*given: Any, **more: Any) -> dict[str, Any]:
    return likelihood_scores(found(*given, **more), "8-bit pixels", 784)


def test_with_all_images_it_is_the_plain_mean() -> None:
    known = found(200, 200, 1)
    got = likelihood_scores(known, "8-bit pixels", 784)
    assert got["iwae_nll"] == pytest.approx(-known.log_likelihood.mean())
    error = known.log_likelihood.std(ddof=1) / math.sqrt(200)
    assert got["standard_error"] == pytest.approx(error)
    assert got["part_standard_error"] == 0
    assert got["interval"] == pytest.approx(
        [-known.log_likelihood.mean() - 1.96 * error, -known.log_likelihood.mean() + 1.96 * error]
    )


def test_a_part_carries_its_gap_over_to_all() -> None:
    """Where the gap is the same for every image, one pair of images tells all."""
    reconstruction, kl, _ = images(300, 2)
    bound = reconstruction + kl.sum(1) - 5
    where = np.array([3, 250])
    measured = -bound[where]
    terms = Likelihood(reconstruction, kl, np.zeros(300), where, measured, measured, 50)
    got = likelihood_scores(terms, "pixels", 784)
    assert got["iwae_nll"] == pytest.approx(bound.mean())
    assert got["negative_elbo"] == pytest.approx(bound.mean() + 5)
    assert got["part_standard_error"] == pytest.approx(0, abs=1e-9)


def test_the_parts_error_is_that_of_drawing_other_parts() -> None:
    """One test set of 300, and 600 parts of 40."""
    drawn = [scores(300, 40, 3, part=k) for k in range(600)]
    spread = np.std([got["iwae_nll"] for got in drawn])
    record = math.sqrt(np.mean([got["part_standard_error"] ** 2 for got in drawn]))
    assert record == pytest.approx(spread, rel=0.1)
    truth = -images(300, 3)[2].mean()
    assert np.mean([got["iwae_nll"] for got in drawn]) == pytest.approx(
        truth, abs=4 * spread / math.sqrt(600)
    )


@pytest.mark.parametrize("m", [30, 300])
def test_the_standard_error_is_that_of_drawing_other_test_sets(m: int) -> None:
    drawn = [scores(300, m, seed) for seed in range(600)]
    values = np.array([got["iwae_nll"] for got in drawn])
    record = math.sqrt(np.mean([got["standard_error"] ** 2 for got in drawn]))
    assert record == pytest.approx(values.std(), rel=0.1)
    within = [got["interval"][0] <= COST <= got["interval"][1] for got in drawn]
    assert np.mean(within) == pytest.approx(0.95, abs=0.035)


def test_the_detour_over_the_elbo_pays() -> None:
    """A mean over the part alone would be several times as uncertain."""
    known = found(300, 30, 5)
    alone = known.log_likelihood.std(ddof=1) / math.sqrt(30)
    got = likelihood_scores(known, "pixels", 784)
    assert got["part_standard_error"] < alone / 5
    assert got["standard_error"] < alone / 2


def test_the_elbo_is_of_all_images_and_adds_up() -> None:
    known = found(300, 30, 5)
    got = likelihood_scores(known, "pixels", 784)
    assert got["negative_elbo"] == pytest.approx(known.bound.mean())
    assert got["negative_elbo"] == pytest.approx(got["reconstruction"] + got["kl"])
    assert got["negative_elbo_standard_error"] == pytest.approx(
        known.bound.std(ddof=1) / math.sqrt(300)
    )
    assert got["kl_by_dimension"] == pytest.approx(known.kl.mean(0).tolist())
    assert sum(got["kl_by_dimension"]) == pytest.approx(got["kl"])
    assert got["used_dimensions"] == 2, "the third says nothing"


def test_the_numbers_name_their_sample_sizes() -> None:
    got = scores(300, 30, 5)
    assert (got["n"], got["images"], got["samples"]) == (300, 30, 50)
    assert (got["split"], got["pixels"]) == ("test", "8-bit pixels")
    assert got["headline"] == "iwae_nll"
    bound = got["iwae_nll"]
    assert got["bits_per_dimension"] == pytest.approx(bound / 784 / math.log(2))
    assert got["sentence"] == f"−log p(x) is at most {bound:.2f} nats per test image"
    first, second, third = got["numbers"]
    assert first[:2] == ["Bound on −log p(x)", f"{bound:.2f} nats"]
    assert "50 importance samples for 30 of the 300 test images, 8-bit pixels" in first[2]
    assert second[1] == f"{got['negative_elbo']:.2f} nats"
    assert third[2] == "2 of 3 latent dimensions used; 300 test images, 8-bit pixels"
    assert "for all 300 test images" in scores(300, 300, 5)["numbers"][0][2]
    assert json.loads(json.dumps(got, allow_nan=False)) == got, "it goes into run.json"


def table(samples: int, examples: int) -> tuple[dict[str, Any], Table]:
    """The numbers of a model whose q(z|x) is twice as wide as the posterior, and their table."""
    toy = generator(LinearModel(noise=0.2), test=world(60, 1))
    known = latents.likelihood(toy.data, toy.latent_model, toy.cache, samples, examples)
    results = likelihood_scores(known, "8-bit pixels", 64)
    (made,) = likelihood(results, provenance)
    return results, made


def test_the_table_has_the_numbers_of_run_json() -> None:
    results, made = table(20, 25)
    assert [row[1] for row in made.rows] == [
        results[name] for name in ("iwae_nll", "negative_elbo", "reconstruction", "kl")
    ]
    assert [row[3] for row in made.rows] == [25, 60, 60, 60]
    assert f"{results['iwae_nll']:.2f} nats" in made.title
    assert "20 samples per image and 8-bit pixels" in made.summary
    assert "all 60 test images, as measured on 25 of them" in made.summary
    assert (made.name, made.section, made.provenance.n) == ("likelihood", "result", 60)
    _, whole = table(20, 60)
    assert "as measured on all of them" in whole.summary
    assert "± 0.00 nats" in whole.summary


def test_the_bound_of_a_real_model_is_tighter_than_its_elbo() -> None:
    """Importance sampling makes up for an encoder that is not the posterior."""
    results, _ = table(50, 60)
    assert results["negative_elbo"] - results["iwae_nll"] > 0.5
