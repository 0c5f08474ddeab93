"""Confident learning, compared with cleanlab, and on labels that were changed on purpose."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.measures.confident_learning import confident_classes


def noisy(
    seed: int, classes: int, wrong: float, sharpness: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calibrated probabilities, labels of which a share was changed, and which ones were."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, sharpness, (5000, classes))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
    is_wrong = random.random(len(labels)) < wrong
    labels[is_wrong] += random.integers(1, classes, is_wrong.sum())
    return probabilities.astype(np.float32), labels % classes, is_wrong


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("sharpness", [0.5, 3.0, 20.0])
def test_the_confident_joint_and_the_number_of_issues_are_those_of_cleanlab(
    classes: int, sharpness: float
) -> None:
    from cleanlab.count import compute_confident_joint, num_label_issues

    probabilities, labels, _ = noisy(classes, classes, 0.1, sharpness)
    found = confident_classes(probabilities, labels)
    joint = np.zeros((classes, classes), int)
    np.add.at(joint, (labels[found >= 0], found[found >= 0]), 1)
    expected = compute_confident_joint(labels, probabilities, calibrate=False)
    np.testing.assert_array_equal(joint, expected)
    n_issues = int(((found >= 0) & (found != labels)).sum())
    assert n_issues == num_label_issues(labels, probabilities)


@pytest.mark.parametrize("wrong", [0.01, 0.05, 0.2])
def test_the_number_is_right_where_classes_hardly_overlap(wrong: float) -> None:
    probabilities, labels, is_wrong = noisy(0, 10, wrong, 100.0)
    found = confident_classes(probabilities, labels)
    is_found = (found >= 0) & (found != labels)
    assert is_found.sum() == pytest.approx(is_wrong.sum(), rel=0.2, abs=20)
    assert is_wrong[is_found].mean() > 0.8


def test_ambiguous_examples_count_as_well() -> None:
    """This is the estimate's bias: no label was changed here."""
    probabilities, labels, _ = noisy(0, 2, 0.0, 1.0)
    found = confident_classes(probabilities, labels)
    assert ((found >= 0) & (found != labels)).mean() > 0.1


def test_a_class_without_examples_is_never_confident() -> None:
    probabilities = np.array([[0.6, 0.0, 0.4], [0.3, 0.0, 0.7], [0.0, 1.0, 0.0]])
    assert confident_classes(probabilities, np.array([0, 2, 2])).tolist() == [0, 2, -1]


def test_a_class_without_any_probability_is_no_confident_class() -> None:
    """Such as one whose examples are all in one fold."""
    probabilities = np.array([[0.9, 0.1, 0], [0.6, 0.4, 0], [0.2, 0.8, 0], [0.3, 0.7, 0]])
    assert confident_classes(probabilities, np.array([0, 0, 1, 2])).tolist() == [0, -1, 1, -1]
