from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, strategies as st

from glassnet.stats.ranks import auroc, auroc_interval, spearman, standard_error

VALUES = st.lists(st.integers(-5, 5), min_size=2, max_size=40)


def mean_ranks(values: np.ndarray) -> list[float]:
    return [(values < value).sum() + (values == value).sum() / 2 for value in values]


@given(VALUES.flatmap(lambda a: st.tuples(st.just(a), st.permutations(a))))
def test_spearman_is_the_correlation_of_the_ranks(pair: tuple[list[int], list[int]]) -> None:
    one, other = map(np.array, pair)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = spearman(one, other)
    if len(set(pair[0])) == 1:
        assert found == 0
        return
    below = [
        np.array([(values < v).sum() + (values == v).sum() / 2 for v in values])
        for values in (one, other)
    ]
    assert found == pytest.approx(np.corrcoef(np.stack(below))[0, 1])


def test_spearman_of_a_constant_is_zero_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert spearman(np.ones(5), np.arange(5)) == spearman(np.arange(5), np.ones(5)) == 0


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=4, max_size=60))
def test_auroc_equals_scikit_learns(pairs: list[tuple[int, bool]]) -> None:
    from sklearn.metrics import roc_auc_score

    scores, positive = map(np.array, zip(*pairs, strict=True))
    area, influences = auroc(scores, positive)
    if positive.all() or not positive.any():
        assert area == 0.5
        assert not influences.any()
        return
    assert area == pytest.approx(roc_auc_score(positive, scores))
    assert influences.sum() == pytest.approx(0, abs=1e-9)


def test_the_standard_error_is_delongs() -> None:
    """By the definition: the variance of each kind's share of won pairs, over its count."""
    random = np.random.default_rng(0)
    positive = np.arange(400) % 4 == 0
    scores = random.normal(size=400) + positive
    wins = scores[positive][:, None] > scores[~positive]
    variance = wins.mean(axis=1).var() / 100 + wins.mean(axis=0).var() / 300
    _, influences = auroc(scores, positive)
    assert standard_error(influences) == pytest.approx(np.sqrt(variance))


def test_the_interval_covers_the_true_area_about_95_percent_of_the_time() -> None:
    from statistics import NormalDist

    true, random = NormalDist().cdf(1 / np.sqrt(2)), np.random.default_rng(1)
    positive = np.arange(150) % 3 == 0
    covered = 0
    for _ in range(400):
        low, high = auroc_interval(*auroc(random.normal(size=150) + positive, positive))
        covered += low <= true <= high
    assert 0.91 < covered / 400 < 0.98


def test_the_interval_is_clipped_to_shares() -> None:
    influences = np.array([0.2, -0.2] * 2)  # a standard error of 0.1
    assert auroc_interval(0.99, influences) == (pytest.approx(0.794), 1.0)
    assert auroc_interval(0.01, influences)[0] == 0.0
