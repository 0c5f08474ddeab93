from __future__ import annotations

import math
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, strategies as st

from glassnet.contract import Modality, Split
from glassnet.inference.classification import (
    Prediction,
    calibration_error,
    classification_scores,
    linear_difference,
    linear_scores,
)
from glassnet.stats.comparisons import paired_difference
from glassnet.stats.intervals import wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_values(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_mirrors(case: tuple[int, int]) -> None:
    hits, n = case
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= high <= 1
    assert wilson(n - hits, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(st.integers(1, 1000), st.integers(0, 1000))
def test_wilsons_ends_solve_its_equation(n: int, hits: int) -> None:
    """At each end p, the share lies z standard errors of p away."""
    hits, z = min(hits, n), 1.959964
    for end in wilson(hits, n):
        if 0 < end < 1:
            gap = abs(hits / n - end)
            assert gap == pytest.approx(z * math.sqrt(end * (1 - end) / n), abs=1e-6)


def test_more_examples_narrow_the_interval_and_none_give_the_whole_range() -> None:
    widths = [np.diff(wilson(9 * k, 10 * k))[0] for k in (1, 10, 100, 1000)]
    assert widths == sorted(widths, reverse=True)
    assert wilson(0, 0) == (0.0, 1.0)


def test_calibration_of_known_cases() -> None:
    assert calibration_error(np.array([1.0] * 4), np.array([True] * 4)) == 0
    assert calibration_error(np.array([1.0] * 4), np.array([False] * 4)) == 1
    assert calibration_error(np.full(4, 0.75), np.array([True, True, True, False])) == 0
    # Two bins: (0.6 - 0.5) for half of the examples, (1.0 - 0.9) for the other half.
    confidence = np.repeat([0.55, 0.95], 10)
    right = np.array([True] * 5 + [False] * 5 + [True] * 9 + [False])
    assert calibration_error(confidence, right) == pytest.approx(0.05)


def test_opposite_gaps_in_one_bin_cancel_and_in_two_do_not() -> None:
    confidence, right = np.array([0.5, 0.52]), np.array([True, False])
    assert calibration_error(confidence, right, n_bins=1) == pytest.approx(0.01)
    confidence = np.array([0.2, 0.8])
    assert calibration_error(confidence, np.array([True, False]), n_bins=2) == pytest.approx(0.8)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_calibration_is_a_share_and_bounded_by_the_overall_gap(
    pairs: list[tuple[float, bool]],
) -> None:
    confidence, right = np.array([p for p, _ in pairs]), np.array([r for _, r in pairs])
    error = calibration_error(confidence, right)
    assert abs(confidence.mean() - right.mean()) - 1e-9 <= error <= 1 + 1e-9


def test_the_scores_of_a_known_case() -> None:
    labels = np.array([0, 1, 1, 0])
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6], [0.9, 0.1], [1.0, 0.0]], np.float32)
    split = Split(np.zeros((4, 2, 2), np.uint8), labels, np.arange(4))
    scores = classification_scores(Prediction(split, probabilities))
    assert (scores["n"], scores["accuracy"], scores["errors"]) == (4, 0.75, 1)
    assert scores["interval"] == list(wilson(3, 4))
    expected = -np.log([0.8, 0.6, 0.1, 1.0]).mean()
    assert scores["negative_log_likelihood"] == pytest.approx(expected, rel=1e-6)
    assert scores["calibration_error"] == pytest.approx((0.2 + 0.4 + 0.9 + 0) / 4, abs=1e-6)


def test_a_certain_mistake_is_dear_but_finite() -> None:
    split = Split(np.zeros((1, 2, 2), np.uint8), np.array([1]), np.arange(1))
    scores = classification_scores(Prediction(split, np.array([[1.0, 0.0]], np.float32)))
    assert scores["negative_log_likelihood"] == pytest.approx(-math.log(1e-12))


def test_scores_are_plain_numbers() -> None:
    import json

    split = Split(np.zeros((2, 2, 2), np.uint8), np.array([0, 1]), np.arange(2))
    scores = classification_scores(Prediction(split, np.eye(2, dtype=np.float32)))
    assert json.loads(json.dumps(scores)) == scores


def test_uneven_classes_have_a_balanced_accuracy() -> None:
    """90 of 90 and 5 of 10: 95 % of the examples, 75 % of the classes."""
    labels = np.repeat([0, 1], [90, 10])
    predicted = np.repeat([0, 1, 0], [90, 5, 5])
    probabilities = np.eye(2, dtype=np.float32)[predicted]
    split = Split(np.zeros((100, 1, 1), np.uint8), labels, np.arange(100))
    scores = classification_scores(Prediction(split, probabilities))
    assert scores["accuracy"] == 0.95
    balanced = scores["balanced_accuracy"]
    assert balanced["value"] == pytest.approx(0.75)
    half = 1.96 * math.sqrt(0.25 / 10) / 2
    assert (balanced["low"], balanced["high"]) == pytest.approx((0.75 - half, 0.75 + half))
    even = Split(split.inputs, np.repeat([0, 1], [52, 48]), split.ids)
    assert "balanced_accuracy" not in classification_scores(Prediction(even, probabilities))


def test_the_linear_model_is_compared_on_the_same_examples() -> None:
    labels = np.zeros(100, np.int64)
    network = np.repeat([0, 1], [90, 10])
    linear = np.repeat([0, 1], [70, 30])
    split = Split(np.zeros((100, 1, 1), np.uint8), labels, np.arange(100))
    data = SimpleNamespace(test=split, modality=Modality.IMAGES)
    prediction = Prediction(split, np.eye(2, dtype=np.float32)[network])
    scores = linear_scores(cast(Any, data), lambda name, make: {"classes": linear}, prediction)
    expected = paired_difference(network == 0, linear == 0)
    assert scores["difference"] == pytest.approx(asdict(expected))
    claim, verdict = linear_difference({"n": 100, "linear_model": scores})
    assert (claim.formatted, verdict) == ("+20.0 points", "clearly higher")
    assert (claim.low, claim.high) == pytest.approx((100 * expected.low, 100 * expected.high))
