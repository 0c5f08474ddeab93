"""Which differences between a stored and a computed finding count, here and on another machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from glassnet.explain.verify import OTHER_MACHINE, SAME_MACHINE
from glassnet.findings import Claim, Interval, ScatterPanel
from glassnet.findings.compare import differences

NAN = float("nan")


def claim(**changes: Any) -> Claim:
    usual = Claim(name="accuracy", value=0.9, formatted="90.0 %", n=100, low=0.83, high=0.94)
    return replace(usual, **changes)


def fields(stored: Any, computed: Any, tolerance: Any = OTHER_MACHINE) -> list[str]:
    return [each.field for each in differences(stored, computed, "x", tolerance)]


@pytest.mark.parametrize(
    ("changes", "agrees"),
    [
        ({}, True),
        ({"value": 0.84, "formatted": "84.0 %"}, True),
        ({"value": 0.94, "formatted": "94.0 %"}, True),
        ({"value": 0.82, "formatted": "82.0 %"}, False),
        ({"value": 0.96, "formatted": "96.0 %", "low": None, "high": None}, False),
        ({"n": 101}, False),
        ({"n": 0}, False),
        ({"name": "precision"}, False),
        ({"layer": "pool1"}, False),
        ({"epoch": 3}, False),
        ({"method": "tsne"}, False),
        ({"network": "untrained"}, False),
        ({"formatted": "99.0 %"}, False),
        ({"formatted": "90.0 % or more"}, False),
    ],
)
def test_a_claim_of_another_machine_agrees_within_the_interval(
    changes: dict[str, Any], agrees: bool
) -> None:
    """Another number of examples never does, nor other words for the same value."""
    interval = {key: changes[key] for key in ("low", "high") if key in changes}
    computed = claim(**interval)
    assert (fields(claim(**changes), computed) == []) is agrees
    assert (fields(claim(**changes), computed, SAME_MACHINE) == []) is (changes == {})


@pytest.mark.parametrize("end", ["low", "high"])
def test_half_an_interval_is_none(end: str) -> None:
    """A value 10 % off lies in the interval, and is not within 5 %."""
    stored, computed = claim(value=0.84, formatted="84.0 %"), claim(value=0.93)
    assert fields(stored, computed) == []
    half = replace(computed, low=None) if end == "low" else replace(computed, high=None)
    assert fields(stored, half) == ["accuracy"]


def test_without_an_interval_a_number_agrees_within_5_percent() -> None:
    none = {"low": None, "high": None}
    one = claim(value=100.0, formatted="100", **none)
    for value, agrees in ((104.0, True), (106.0, False)):
        assert (fields(claim(value=value, formatted=f"{value:.0f}", **none), one) == []) is agrees


def test_a_tsne_agrees_within_0_05_and_other_methods_do_not() -> None:
    for method, agrees in (("tsne", True), ("pca", False), (None, False)):
        stored, computed = (
            claim(method=method, value=value, formatted=f"{value}", low=value, high=value)
            for value in (0.30, 0.34)
        )
        assert (fields(stored, computed) == []) is agrees


def test_intervals_of_tables_agree_on_another_machine_if_they_overlap() -> None:
    one = Interval(value=90.0, low=85.0, high=95.0)
    near, far = Interval(value=80.0, low=75.0, high=85.5), Interval(value=80.0, low=75.0, high=84.9)
    assert fields(near, one) == fields(one, near) == []
    assert fields(near, one, SAME_MACHINE) == ["x.low", "x.high", "x.value"]
    assert fields(far, one) == ["x.low", "x.high", "x.value"], "they do not meet"
    assert fields(Interval(low=85.0, high=95.0), one) == ["x.value"]


def test_sentences_of_another_machine_agree_but_for_their_numerals() -> None:
    stored = "It accounts for 12 of the 1,030 mistakes, −3.5e-2 nats"
    assert fields(stored, "It accounts for 7 of the 98 mistakes, 4 nats") == []
    assert fields(stored, stored.replace("mistakes", "successes")) == ["x"]
    assert fields(stored, stored.replace("12", "13"), SAME_MACHINE) == ["x"]


@pytest.mark.parametrize("tolerance", [SAME_MACHINE, OTHER_MACHINE])
@pytest.mark.parametrize("place", [(0,), (1,), (0, 1, 2)])
def test_nan_agrees_with_no_number(tolerance: Any, place: tuple[int, ...]) -> None:
    """On either side, and where it would swallow the size of the largest value."""
    numbers = np.array([1.0, 2.0, 3.0])
    broken = numbers.copy()
    broken[list(place)] = NAN
    assert fields(broken, numbers, tolerance) == [f"x[{place[0]}]"]
    assert fields(numbers, broken, tolerance) != []
    assert fields(1.0, NAN, tolerance) == fields(NAN, 1.0, tolerance) == ["x"]
    assert fields(claim(value=NAN), claim(), tolerance) == ["accuracy"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_of_an_array_agree_by_the_size_of_the_largest(dtype: Any) -> None:
    computed = np.array([0.0, -200.0, 1.0], dtype)
    for gap, agrees in ((9.0, True), (11.0, False)):
        assert (fields(computed + dtype(gap), computed) == []) is agrees
    assert fields(computed + dtype(0.5), computed, SAME_MACHINE) == ["x[0]"]
    assert fields(computed + dtype(0.01), computed, SAME_MACHINE) == []


def test_whole_numbers_are_exact_and_pixels_may_be_rounded_otherwise() -> None:
    assert fields(np.array([3, 4]), np.array([3, 5])) == ["x[1]"]
    pixels = np.array([0, 7, 255], np.uint8)
    assert fields(pixels, np.array([1, 7, 254], np.uint8), SAME_MACHINE) == []
    assert fields(pixels, np.array([0, 9, 255], np.uint8)) == ["x[1]"]
    assert fields(np.array([True, False]), np.array([True, True])) == ["x[1]"]


def test_arrays_of_another_shape_or_type_differ() -> None:
    one = np.zeros(3, np.float32)
    assert fields(one, np.zeros(4, np.float32)) == ["the shape of x"]
    assert fields(one, np.zeros(3)) == ["the shape of x"]


def test_lists_of_another_length_and_missing_keys_differ() -> None:
    assert fields([1, 2], [1, 2, 3]) == ["the number of x"]
    assert fields([1, 2], [1, 3]) == ["x.1"]
    assert fields({"a": 1}, {"a": 1, "b": 2}) == ["x.b"]
    assert fields({"a": 1, "b": None}, {"a": 1}) == [], "no value is as good as none"


def panel(**changes: Any) -> ScatterPanel:
    points = np.zeros((4, 2), np.float32)
    return replace(ScatterPanel(label="pool2", points=points, note="", numbers={}), **changes)


@pytest.mark.parametrize(
    ("changes", "field", "agrees"),
    [
        ({"points": np.ones((4, 2), np.float32)}, "x.points[0, 0]", True),
        ({"note": "10-NN accuracy 99 %, or so"}, "x.note", True),
        ({"numbers": {"neighbours": 0.5}}, "x.numbers.neighbours", True),
        ({"label": "pool1"}, "x.label", False),
        ({"x_label": "component 1"}, "x.x_label", False),
    ],
)
def test_another_machine_may_place_points_elsewhere_but_not_of_another_layer(
    changes: dict[str, Any], field: str, agrees: bool
) -> None:
    assert fields(panel(**changes), panel(), SAME_MACHINE) == [field]
    assert (fields(panel(**changes), panel()) == []) is agrees
