from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from glassnet.data import splits
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
