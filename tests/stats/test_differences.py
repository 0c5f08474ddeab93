"""Unpaired differences, the paired bootstrap and the t test over seeds: known values, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact, norm

from glassnet.stats.comparisons import (
    mean_differs_from_zero,
    paired_bootstrap,
    unpaired_difference,
    unpaired_means,
)


def test_the_unpaired_interval_is_newcombes() -> None:
    """The first example of his table II, method 10; Fisher's test for the p value."""
    found = unpaired_difference(56, 70, 48, 80)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, 1e-3))
    assert found.p == fisher_exact([[56, 14], [48, 32]]).pvalue


def test_no_examples_say_nothing() -> None:
    assert unpaired_difference(0, 0, 5, 10).p == 1
    assert paired_bootstrap(np.zeros(0)).p == 1


def test_equal_values_have_no_difference() -> None:
    for found in (
        paired_bootstrap(np.zeros(50)),
        mean_differs_from_zero(np.zeros(3)),
        unpaired_means(np.ones(4), np.ones(9)),
    ):
        assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_the_bootstrap_agrees_with_the_normal_approximation() -> None:
    values = np.random.default_rng(1).normal(0.05, 1, 2000)
    found, error = paired_bootstrap(values), values.std(ddof=1) / np.sqrt(2000)
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.1 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.1 * error)
    assert found.p == pytest.approx(2 * norm.sf(abs(values.mean()) / error), abs=0.02)


def test_the_bootstrap_is_the_same_every_time() -> None:
    values = np.random.default_rng(2).normal(size=100)
    assert paired_bootstrap(values) == paired_bootstrap(values)


def test_the_t_interval_over_seeds_covers_the_mean_in_95_of_100_cases() -> None:
    rng = np.random.default_rng(3)
    found = [mean_differs_from_zero(rng.normal(1.0, 1.0, 4)) for _ in range(1000)]
    assert 0.93 < np.mean([each.low < 1 < each.high for each in found]) < 0.97
