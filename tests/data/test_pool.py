from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from glassnet.contract import Splits
from glassnet.data import pool
from glassnet.errors import DataError, UsageError


def pool_of(labels: list[str], splits: list[str] | None = None) -> pool.Pool:
    n = len(labels)
    inputs = np.arange(n, dtype=np.uint8)[:, None, None].repeat(2, 1).repeat(3, 2)
    splits = splits or ["train"] * n
    return pool.Pool(inputs, tuple(labels), tuple(splits), np.arange(n) * 2, "print")


def split(labels: list[str], splits: list[str] | None = None, seed: int = 0) -> Splits:
    return pool.to_splits(pool_of(labels, splits), "set", seed=seed, valid_fraction=0.2)


def test_one_split_becomes_three() -> None:
    splits = split(["b", "a"] * 50)
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [72, 18, 10]
    for part in (splits.train, splits.valid, splits.test):
        assert np.bincount(part.labels).tolist() == [len(part) // 2] * 2
        assert part.inputs.dtype == np.uint8
        assert part.labels.dtype == part.ids.dtype == np.int64
        np.testing.assert_array_equal(part.inputs[:, 0, 0], part.ids // 2)
        np.testing.assert_array_equal(part.labels, (part.ids // 2 + 1) % 2)
    assert splits.class_names == ("a", "b")
    assert (splits.name, splits.fingerprint) == ("set", "print")


def test_the_test_split_is_the_same_for_every_seed() -> None:
    first, other = split(["a"] * 100, seed=1), split(["a"] * 100, seed=2)
    np.testing.assert_array_equal(first.test.ids, other.test.ids)
    assert set(first.valid.ids) != set(other.valid.ids)


def test_existing_splits_are_unchanged() -> None:
    labels, names = ["a"] * 6, ["test", "train", "valid", "valid", "train", "train"]
    splits = split(labels, names)
    assert splits.train.ids.tolist() == [2, 8, 10]
    assert splits.valid.ids.tolist() == [4, 6]
    assert splits.test.ids.tolist() == [0]
    assert len(split(["a"] * 9, ["train"] * 8 + ["test"]).test) == 1


@given(st.lists(st.integers(3, 40), min_size=1, max_size=6), st.integers(0, 99))
def test_every_class_is_in_every_split(counts: list[int], seed: int) -> None:
    labels = [str(k) for k, count in enumerate(counts) for _ in range(count)]
    splits = split(labels, seed=seed)
    parts = (splits.train, splits.valid, splits.test)
    for part in parts:
        assert set(part.labels) == set(range(len(counts)))
    assert sorted(np.concatenate([part.ids for part in parts]) // 2) == list(range(len(labels)))


def test_classes_are_in_natural_order() -> None:
    names = ["10", "2", "a10", "a9", "B", "a", "²", "1" * 5000]
    splits = split([name for name in names for _ in range(3)])
    assert splits.class_names == ("2", "10", "1" * 5000, "a", "a9", "a10", "B", "²")


@pytest.mark.parametrize(
    ("splits", "minimum"),
    [(("train",), 3), (("train", "test"), 2), (("train", "valid", "test"), 1)],
)
def test_a_class_with_too_few_examples_is_refused(splits: tuple[str, ...], minimum: int) -> None:
    labels = ["a"] * minimum * len(splits)
    split(labels, list(splits) * minimum)
    labels, names = [*labels, "few"], [*splits * minimum, "train"]
    if minimum > 1:
        with pytest.raises(DataError) as caught:
            split(labels, names)
        assert caught.value.message == f"set: fewer than {minimum} training images of the class few"
    else:
        split(labels, names)


def test_many_classes_with_too_few_examples_are_refused() -> None:
    with pytest.raises(DataError, match="of the class 0, 1, 2 and 7 more\n"):
        split([str(k) for k in range(10)])


@pytest.mark.parametrize("name", ["valid", "test"])
def test_a_class_outside_the_training_split_is_refused(name: str) -> None:
    with pytest.raises(
        DataError, match=f"the class 'b' of the {name} split is not in the training"
    ):
        split(["a"] * 9 + ["b"], ["train"] * 9 + [name])


def test_numbers_out_of_range() -> None:
    with pytest.raises(UsageError, match="the seed is -1"):
        split(["a"] * 9, seed=-1)
    with pytest.raises(UsageError, match="hold out is 1"):
        pool.to_splits(pool_of(["a"] * 9), "set", seed=0, valid_fraction=1.0)


def test_a_digest_sorts_its_lines() -> None:
    assert pool.digest(["a", "b"], 1) == pool.digest(["b", "a"], 1)
    assert pool.digest(["a", "b"], 1) != pool.digest(["a", "b"], 2)
    assert pool.digest(["ab"]) != pool.digest(["a", "b"])
