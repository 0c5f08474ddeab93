from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.stats.ranks import auroc, rank_correlation, ranks, standard_error, within

VALUES = st.lists(st.integers(-5, 5), min_size=2, max_size=40)


@given(VALUES)
@settings(deadline=None)
def test_ranks_are_scipys(values: list[int]) -> None:
    from scipy.stats import rankdata

    np.testing.assert_allclose(ranks(np.array(values)), rankdata(values))


@given(VALUES.flatmap(lambda a: st.tuples(st.just(a), st.permutations(a))))
@settings(deadline=None)
def test_the_correlation_is_scipys(pair: tuple[list[int], list[int]]) -> None:
    from scipy.stats import spearmanr

    one, two = map(np.array, pair)
    if len(set(pair[0])) == 1:
        assert rank_correlation(one, two) == 0
    else:
        assert rank_correlation(one, two) == pytest.approx(spearmanr(one, two).statistic)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=4, max_size=60))
@settings(deadline=None)
def test_the_area_is_scikit_learns(pairs: list[tuple[int, bool]]) -> None:
    from sklearn.metrics import roc_auc_score

    scores, positive = map(np.array, zip(*pairs, strict=True))
    area, influence = auroc(scores, positive)
    if positive.all() or not positive.any():
        assert area == 0.5
        assert not influence.any()
        return
    assert area == pytest.approx(roc_auc_score(positive, scores))
    assert influence.sum() == pytest.approx(0, abs=1e-9)


def test_the_error_is_delongs() -> None:
    """By the definition: the variances of each kind's share of pairs, over their numbers."""
    random = np.random.default_rng(0)
    positive = np.arange(400) % 4 == 0
    scores = random.normal(size=400) + positive
    wins = scores[positive][:, None] > scores[~positive]
    variance = wins.mean(axis=1).var() / 100 + wins.mean(axis=0).var() / 300
    _, influence = auroc(scores, positive)
    assert standard_error(influence) == pytest.approx(np.sqrt(variance))


def test_the_interval_holds_the_true_area_as_often_as_it_says() -> None:
    from statistics import NormalDist

    true, random = NormalDist().cdf(1 / np.sqrt(2)), np.random.default_rng(1)
    positive = np.arange(150) % 3 == 0
    held = 0
    for _ in range(400):
        area, influence = auroc(random.normal(size=150) + positive, positive)
        low, high = within(area, standard_error(influence))
        held += low <= true <= high
    assert 0.91 < held / 400 < 0.98


def test_the_interval_is_one_of_shares() -> None:
    assert within(0.99, 0.1) == (pytest.approx(0.794), 1.0)
    assert within(0.01, 0.1)[0] == 0.0
