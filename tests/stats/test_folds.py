"""Folds of a cross-validation, with and without groups."""

import numpy as np

from glassnet.stats.folds import stratified_folds

LABELS = np.arange(60) % 3


def test_every_point_is_tested_once_by_a_fold_that_was_fitted_without_it() -> None:
    folds = stratified_folds(LABELS, seed=0)
    assert len(folds) == 5
    assert np.sort(np.concatenate([test for _, test in folds])).tolist() == list(range(60))
    assert not any(set(rest) & set(test) for rest, test in folds)
    assert all(np.bincount(LABELS[test]).tolist() == [4, 4, 4] for _, test in folds)


def test_no_group_is_divided() -> None:
    groups = np.arange(60) // 4
    folds = stratified_folds(LABELS, 0, 5, groups)
    assert np.sort(np.concatenate([test for _, test in folds])).tolist() == list(range(60))
    assert not any(set(groups[rest]) & set(groups[test]) for rest, test in folds)
    assert all(np.bincount(LABELS[test]).tolist() == [4, 4, 4] for _, test in folds)


def test_there_are_no_more_folds_than_groups_or_points_of_the_largest_class() -> None:
    assert len(stratified_folds(LABELS, 0, 5, np.arange(60) // 20)) == 3
    assert len(stratified_folds(np.arange(6) // 3, 0, 5, np.arange(6))) == 3


def test_a_class_of_one_group_is_tested_by_a_fold_that_lacks_it() -> None:
    labels, groups = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 1, 2, 3, 4, 4])
    (rest,) = (rest for rest, test in stratified_folds(labels, 0, 2, groups) if 4 in test)
    assert set(labels[rest]) == {0}


def test_a_single_group_has_no_folds() -> None:
    assert stratified_folds(LABELS, 0, 5, np.zeros(60, np.int64)) == []
