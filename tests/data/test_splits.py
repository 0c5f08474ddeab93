from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from glassnet.data import splits
from glassnet.data.splits import stratified_group_split
from glassnet.errors import DataError, UsageError

labels_ = st.lists(st.integers(0, 6), min_size=2, max_size=300).map(np.array)
fractions = st.floats(0.001, 0.999)
seeds = st.integers(0, 2**32)


def counts(labels: np.ndarray) -> np.ndarray:
    return np.bincount(labels, minlength=7)


@given(labels_, fractions, seeds)
def test_a_split_is_sorted_disjoint_whole_and_fair(
    labels: np.ndarray, fraction: float, seed: int
) -> None:
    whole = counts(labels)
    if whole.max() < 2:
        with pytest.raises(DataError):
            splits.stratified_split(labels, fraction, seed)
        return
    train, valid = splits.stratified_split(labels, fraction, seed)
    assert (np.diff(train) > 0).all()
    assert (np.diff(valid) > 0).all()
    np.testing.assert_array_equal(np.sort(np.concatenate([train, valid])), np.arange(len(labels)))
    for part in (train, valid):
        assert (counts(labels[part])[whole >= 2] >= 1).all()
    minimum, most = (whole >= 2).sum(), np.maximum(whole - 1, 0).sum()
    assert len(valid) == np.clip(round(fraction * len(labels)), minimum, most)


@given(st.lists(st.integers(20, 200), min_size=2, max_size=7), st.floats(0.2, 0.8), seeds)
def test_every_class_gets_its_share_to_within_one(
    sizes: list[int], fraction: float, seed: int
) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    _, valid = splits.stratified_split(labels, fraction, seed)
    quotas = np.array(sizes) * len(valid) / len(labels)
    assert (np.abs(np.bincount(labels[valid], minlength=len(sizes)) - quotas) < 1).all()


def test_the_seed_decides() -> None:
    labels = np.arange(1000) % 10
    first, again, other = (splits.stratified_split(labels, 0.1, seed)[1] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    # Two draws of 10 from each 100 share 1 of them by chance; the ten classes deviate by 2.7.
    assert len(np.intersect1d(first, other)) == pytest.approx(10, abs=9)


def test_labels_need_not_count_from_zero() -> None:
    labels = np.array([7, 7, 7, 7, -2, -2, -2, -2])
    _, valid = splits.stratified_split(labels, 0.5, 0)
    assert sorted(labels[valid]) == [-2, -2, 7, 7]


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, 2.0, float("nan")])
def test_a_share_out_of_range(fraction: float) -> None:
    with pytest.raises(UsageError, match="hold out"):
        splits.stratified_split(np.zeros(10, int), fraction, 0)


def test_what_cannot_be_split() -> None:
    with pytest.raises(DataError, match="each of the 3 examples"):
        splits.stratified_split(np.arange(3), 0.5, 0)
    with pytest.raises(DataError, match="each of the 0 examples"):
        splits.stratified_split(np.array([], int), 0.5, 0)
    with pytest.raises(UsageError, match="the seed is -1"):
        splits.stratified_split(np.zeros(4, int), 0.5, -1)


@given(labels_, st.integers(1, 400), seeds)
def test_a_draw_has_its_size_and_every_class(labels: np.ndarray, n: int, seed: int) -> None:
    drawn = splits.subsample(labels, n, seed)
    assert len(drawn) == min(n, len(labels))
    assert (np.diff(drawn) > 0).all()
    assert drawn[0] >= 0
    assert drawn[-1] < len(labels)
    if n >= len(np.unique(labels)):
        np.testing.assert_array_equal(np.unique(labels[drawn]), np.unique(labels))
    np.testing.assert_array_equal(drawn, splits.subsample(labels, n, seed))


def test_a_draw_of_nothing() -> None:
    with pytest.raises(UsageError, match="0 examples"):
        splits.subsample(np.zeros(10, int), 0, 0)


def test_half_of_the_test_set_keeps_its_classes(mnist: tuple[bytes, ...]) -> None:
    labels = np.frombuffer(mnist[3], np.uint8, offset=8)
    drawn = splits.subsample(labels, 5000, 0)
    assert len(drawn) == 5000
    assert np.abs(np.bincount(labels[drawn]) - np.bincount(labels) / 2).max() < 1


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), min_size=2, max_size=80),
    st.sampled_from([0.1, 0.3, 0.5]),
    st.integers(0, 99),
)
def test_groups_are_held_out_whole(
    examples: list[tuple[int, int]], fraction: float, seed: int
) -> None:
    labels, groups = np.array(examples).T
    classes = [set(labels[groups == group].tolist()) for group in set(groups.tolist())]
    possible = any(
        set.union(set(), *classes[:k], *classes[k + 1 :]) == set(labels.tolist())
        for k in range(len(classes))
    )
    if not possible:
        with pytest.raises(DataError, match="no group can be held out"):
            stratified_group_split(labels, groups, fraction, seed)
        return
    rest, held_out = stratified_group_split(labels, groups, fraction, seed)
    assert sorted([*rest, *held_out]) == list(range(len(labels)))
    assert len(held_out)
    assert set(groups[rest]).isdisjoint(groups[held_out])
    assert set(labels[rest]) == set(labels)
    again = stratified_group_split(labels, groups, fraction, seed)
    np.testing.assert_array_equal(again[1], held_out)


def test_held_out_groups_keep_the_proportions_of_the_classes() -> None:
    random = np.random.default_rng(0)
    groups = random.integers(0, 200, 4000)
    labels = (random.random(4000) < 0.2 + 0.4 * (groups % 3 == 0)).astype(np.int64)
    for seed in range(5):
        _, held_out = stratified_group_split(labels, groups, 0.1, seed)
        shares = np.bincount(labels[held_out]) / np.bincount(labels)
        np.testing.assert_allclose(shares, 0.1, atol=0.01)


def test_a_large_group_is_held_out_only_if_it_has_to_be() -> None:
    groups = np.array([0] * 50 + list(range(1, 51)))
    for seed in range(5):
        _, held_out = stratified_group_split(np.zeros(100, np.int64), groups, 0.1, seed)
        assert len(held_out) == 10
        assert 0 not in groups[held_out]


def test_another_split_can_be_held_out_of_the_rest() -> None:
    labels, groups = np.array([0, 1, 0, 1, 0, 1]), np.array([0, 1, 2, 2, 3, 3])
    for seed in range(5):
        rest, _ = stratified_group_split(labels, groups, 0.5, seed, later=True)
        assert len(stratified_group_split(labels[rest], groups[rest], 0.5, seed)[1])
    with pytest.raises(UsageError, match="hold out is 0"):
        stratified_group_split(labels, groups, 0, 0)
    with pytest.raises(UsageError, match="the seed is -1"):
        stratified_group_split(labels, groups, 0.5, -1)
