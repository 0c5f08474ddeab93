"""Which differences between a stored and a computed finding count, here and on another machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import synthetic

from glassnet.explain.verify import OTHER_MACHINE, SAME_MACHINE
from glassnet.findings import Claim, Interval, QualityScore, ScatterPanel, Table
from glassnet.findings.compare import differences

NAN = float("nan")


def claim(**changes: Any) -> Claim:
    usual = Claim(name="accuracy", value=0.9, formatted="90.0 %", n=100, low=0.83, high=0.94)
    return replace(usual, **changes)


def fields(stored: Any, computed: Any, tolerance: Any = OTHER_MACHINE) -> list[str]:
    return [each.field for each in differences(stored, computed, "x", tolerance)]


@pytest.mark.parametrize("tolerance", [SAME_MACHINE, OTHER_MACHINE])
@pytest.mark.parametrize(
    "changes",
    [
        {"value": 0.91, "formatted": "91.0 %"},
        {"value": 0.9, "low": 0.84},
        {"low": None},
        {"n": 101},
        {"n": 0},
        {"name": "precision"},
        {"layer": "pool1"},
        {"epoch": 3},
        {"method": "tsne"},
        {"network": "untrained"},
        {"further_maps": True},
        {"formatted": "99.0 %"},
        {"formatted": "90.0 % or more"},
        {"value": 0.9 + 1e-9, "formatted": "99.0 %"},
    ],
)
def test_a_claim_agrees_on_no_machine(changes: dict[str, Any], tolerance: Any) -> None:
    """One example more, another number of examples, or other digits for nearly the same value."""
    assert fields(claim(), claim(), tolerance) == []
    assert len(fields(claim(**changes), claim(), tolerance)) == 1


@pytest.mark.parametrize(("shift", "agrees"), [(5e-5, True), (2e-4, False)])
def test_another_machine_computes_other_last_digits(shift: float, agrees: bool) -> None:
    """Which may round the other way, in claims and in the sentences that state them."""
    one = claim(value=0.9725, formatted="97.3 %")
    other = claim(value=0.9725 * (1 - shift), formatted="97.2 %")
    assert fields(one, other, SAME_MACHINE) == ["accuracy"]
    assert (fields(one, other) == []) is agrees
    said = replace(table(), claims=(one,), title="97.3 % are correct, 12 are not")
    computed = replace(said, claims=(other,), title="97.2 % are correct, 12 are not")
    assert (fields(said, computed) == []) is agrees


def test_a_numeral_of_a_sentence_differs_only_as_a_claim_does() -> None:
    one, other = claim(value=0.9725, formatted="97.3 %"), claim(value=0.97249, formatted="97.2 %")
    computed = replace(table(), claims=(other,), title="97.2 % are correct, 12 are not")
    for title in ("97.3 % are correct, 13 are not", "98.3 % are correct, 12 are not"):
        assert fields(replace(computed, claims=(one,), title=title), computed) == ["x.title"]
    in_other_words = "97.3 % are correct, 12 are wrong"
    assert fields(replace(computed, claims=(one,), title=in_other_words), computed) == ["x.title"]


def test_what_is_measured_on_further_maps_agrees_within_20_points() -> None:
    for value, agrees in ((0.49, True), (0.51, False)):
        stored, computed = (
            claim(value=each, formatted=f"{100 * each:.1f} %", low=each, high=each)
            for each in (0.30, value)
        )
        assert fields(stored, computed) == ["accuracy"]
        loose = [replace(each, further_maps=True) for each in (stored, computed)]
        assert (fields(loose[0], loose[1]) == []) is agrees
        assert fields(loose[0], loose[1], SAME_MACHINE) == ["accuracy"]
    stored = replace(claim(value=0.3, formatted="30.0 %", low=0.3, high=0.3), further_maps=True)
    for formatted, agrees in (("33.0 %", True), ("73.0 %", False)):
        computed = replace(stored, value=0.31, formatted=formatted)
        assert (fields(stored, computed) == []) is agrees, "a value, and what is said of it"


def table(**changes: Any) -> Table:
    return replace(synthetic.table(), rows=(("pool1", 12, 83.4), ("pool2", 12, None)), **changes)


def test_columns_of_further_maps_agree_within_20_points() -> None:
    one = table(further_maps=(2,))
    for value, agrees in ((103.0, True), (104.0, False)):
        other = replace(one, rows=(("pool1", 12, value), one.rows[1]))
        assert fields(other, one) == ([] if agrees else ["x.rows.0.2"])
        assert fields(other, one, SAME_MACHINE) == ["x.rows.0.2"]
        assert fields(replace(other, further_maps=()), replace(one, further_maps=())) == [
            "x.rows.0.2"
        ]
    for rows in ((("pool1", 13, 83.4), one.rows[1]), (("pool1", 12, None), one.rows[1])):
        assert len(fields(replace(one, rows=rows), one)) == 1
    assert fields(replace(one, rows=one.rows[:1]), one) == ["the number of x.rows"]
    assert fields(one, replace(one, rows=one.rows[:1])) == ["the number of x.rows"]


def test_intervals_of_tables_agree_as_numbers_do() -> None:
    one = Interval(value=90.0, low=85.0, high=95.0)
    near, far = Interval(value=90.0, low=85.001, high=95.0), Interval(value=90.0, low=85.1, high=95)
    assert fields(near, one) == []
    assert fields(near, one, SAME_MACHINE) == ["x.low"]
    assert fields(far, one) == ["x.low"]
    assert fields(Interval(low=85.0, high=95.0), one) == ["x.value"]


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
    for gap, agrees in ((0.19, True), (0.21, False)):
        assert (fields(computed + dtype(gap), computed) == []) is agrees
    assert fields(computed + dtype(0.05), computed, SAME_MACHINE) == ["x[0]"]
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


@pytest.mark.parametrize(
    ("changes", "place", "on_other_machines"),
    [
        ({"points": np.ones((400, 2), np.float32)}, "points[0, 0]", False),
        ({"note": "10-NN accuracy 99 %"}, "note", False),
        ({"numbers": {"stability": 0.57, "kept": 0.7}}, "numbers.kept", False),
        ({"numbers": {"stability": 0.55, "kept": 0.6}}, "numbers.stability", True),
        ({"numbers": {"stability": 0.3, "kept": 0.6}}, "numbers.stability", False),
        ({"label": "pool1"}, "label", False),
        ({"x_label": "component 1"}, "x_label", False),
    ],
)
def test_panels_agree_in_all_but_further_maps(
    changes: dict[str, Any], place: str, on_other_machines: bool
) -> None:
    points, numbers = np.zeros((400, 2), np.float32), {"stability": 0.57, "kept": 0.6}
    panel = ScatterPanel(label="pool2", points=points, note="", numbers=numbers)
    assert fields(replace(panel, **changes), panel, SAME_MACHINE) == [f"x.{place}"]
    assert (fields(replace(panel, **changes), panel) == []) is on_other_machines


@pytest.mark.parametrize(("name", "agrees"), [("stability", True), ("trustworthiness", False)])
def test_a_score_on_further_maps_agrees_within_20_points(name: str, agrees: bool) -> None:
    one, other = (
        QualityScore(
            name=name, value=v, low=v - 0.1, high=v + 0.1, formatted="57 %", n=900, n_neighbors=3
        )
        for v in (0.57, 0.53)
    )
    assert (fields(one, other) == []) is agrees
    assert fields(one, other, SAME_MACHINE) == ["x.value", "x.low", "x.high"]


def test_a_few_neighbours_may_be_others_on_another_machine() -> None:
    """Where two are equally near, the last bits decide."""
    kept = np.full(500, 0.5, np.float32)
    some, many = kept.copy(), kept.copy()
    some[:4], many[:40] = 0.4, 0.4
    panel = ScatterPanel(
        label="pool2",
        points=np.zeros((500, 2), np.float32),
        note="",
        numbers={"trustworthiness": 0.98},
        neighbours_kept=kept,
        distorted=np.array([7, 9]),
    )
    one, other = (
        claim(name="neighbours kept", method="pca", n=500, value=value, formatted=f"{value:.3f}")
        for value in (0.5, 0.501)
    )
    slightly = replace(
        panel,
        neighbours_kept=some,
        distorted=np.array([7, 9, 11]),
        numbers={"trustworthiness": 0.979},
    )
    assert fields(slightly, panel) == fields(other, one) == []
    assert fields(slightly, panel, SAME_MACHINE) == [
        *("x.numbers.trustworthiness", "x.neighbours_kept[0]", "the shape of x.distorted"),
    ]
    assert len(fields(replace(panel, neighbours_kept=many), panel)) == 1
    assert len(fields(replace(panel, distorted=np.arange(9)), panel)) == 1
    assert len(fields(replace(panel, numbers={"trustworthiness": 0.97}), panel)) == 1
    assert len(fields(replace(one, value=0.51, formatted="0.510"), one)) == 1
    assert len(fields(replace(one, n=501), one)) == 1


def test_columns_on_projections_differ_by_a_few_examples() -> None:
    one = table(on_projections=(1, 2))
    within = replace(one, rows=(("pool1", 13, 83.401), one.rows[1]))
    beyond = replace(one, rows=(("pool1", 16, 83.7), one.rows[1]))
    assert one.provenance.n == 10_000
    assert fields(within, one) == []
    assert fields(within, one, SAME_MACHINE) == ["x.rows.0.1", "x.rows.0.2"]
    assert fields(beyond, one) == ["x.rows.0.1", "x.rows.0.2"]
