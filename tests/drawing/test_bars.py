"""Bars: which way they lie, their axis, and what is written at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import synthetic

from glassnet.drawing.layout import bars
from glassnet.drawing.screen import view as screen
from glassnet.findings import Bars


def of(values: Sequence[float], **changes: Any) -> Bars:
    names = tuple(map(str, range(len(values))))
    plain = {"low": None, "high": None, "muted": None}
    return synthetic.bars(names, values=np.array(values, float), **plain | changes)


def test_no_reference_line_crosses_a_value() -> None:
    finding = replace(
        synthetic.bars(),
        names=("a", "b", "c"),
        values=np.array([8.3, 4.0, 12.0]),
        low=None,
        high=None,
        muted=None,
        reference=10.0,
    )
    line, height = float(bars.axis_fraction(finding, 10.0)), 0.2
    starts = [bars.value_position(finding, index, height) for index in range(3)]
    assert starts[0] == line
    assert starts[1] == float(bars.axis_fraction(finding, 4.0))
    assert starts[2] == float(bars.axis_fraction(finding, 12.0))


def test_bars_are_horizontal_beside_long_names_and_vertical_over_short_ones() -> None:
    assert not bars.is_horizontal(synthetic.bars())
    assert bars.is_horizontal(synthetic.shares())
    many = tuple(f"a long name, number {number}" for number in range(60))
    assert not bars.is_horizontal(synthetic.bars(many))


@pytest.mark.parametrize(
    ("values", "changes", "reached"),
    [
        ([1, 3], {}, (0, 3)),
        ([-2, 3], {}, (-2, 3)),
        ([-2, -1], {}, (-2, 0)),
        ([1, 2], {"low": np.array([0.5, 1.0]), "high": np.array([2.0, 6.0])}, (0, 6)),
        ([1, 2], {"reference": 9.0}, (0, 9)),
        ([0, 0], {}, (0, 0)),
    ],
)
def test_the_axis_includes_all_values_and_zero(
    values: list[float], changes: dict[str, Any], reached: tuple[float, float]
) -> None:
    low, high = bars.axis_range(of(values, **changes))
    assert low <= reached[0]
    assert high >= reached[1]
    assert low < high
    assert low == 0 or reached[0] < 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([3.21, 0.5], ("3.21", "0.50")),
        ([140.2, 91.94], ("140.2", "91.9")),
        ([0.0123, 0.0], ("0.0123", "0.0000")),
        ([1234.5], ("1,234",)),
        ([-1.5], ("−1.50",)),
        ([0.0], ("0.00",)),
    ],
)
def test_values_have_the_digits_that_suit_the_largest(
    values: list[float], words: tuple[str, ...]
) -> None:
    assert bars.format_values(of(values)) == words


def test_many_values_are_not_written() -> None:
    assert bars.format_values(of(range(13))) == ()
    assert bars.format_values(of([])) == ()


def test_every_bar_starts_at_zero_and_ends_at_its_value() -> None:
    finding = of([2.0, -1.0])
    view = screen.view(finding)
    zero = view["zero"]
    up, down = (bar["rect"] for bar in view["bars"])
    assert up[1] + up[3] == pytest.approx(zero)
    assert down[1] == pytest.approx(zero)
    assert up[3] == pytest.approx(2 * down[3], abs=0.02)
    assert view["has_negative_values"]
    assert [bar["is_negative"] for bar in view["bars"]] == [False, True]


def test_horizontal_bars_have_swapped_axes() -> None:
    view = screen.view(synthetic.shares())
    assert view["horizontal"]
    for bar, value in zip(view["bars"], synthetic.shares().values, strict=True):
        left, top, width, height = bar["rect"]
        assert left == view["zero"] == 0
        assert 0 <= top <= 100 - height
        assert width == pytest.approx(100 * bars.axis_fraction(synthetic.shares(), value), abs=0.01)
    assert not any(name["wide_only"] for name in view["names"])


def test_a_tooltip_has_a_bars_name_value_interval_and_whether_it_is_muted() -> None:
    finding = synthetic.bars()
    assert finding.low is not None
    assert finding.high is not None
    view = screen.view(finding)
    name, value, interval = view["bars"][0]["tooltip"]
    assert name == f"latent dimension {finding.names[0]}"
    assert value == f"KL (nats): {finding.values[0]:.6g}"
    assert interval == f"{finding.low[0]:.6g} to {finding.high[0]:.6g}"
    assert view["bars"][-1]["tooltip"][-1] == finding.muted_label
    assert screen.view(of([1.5], x_label="", y_label=""))["bars"][0]["tooltip"] == ["0", "1.5"]


def test_muted_bars_have_a_legend() -> None:
    finding = synthetic.bars()
    assert screen.view(finding)["muted_label"] == finding.muted_label
    none = replace(finding, muted=np.zeros(32, bool))
    assert screen.view(none)["muted_label"] == ""


def test_a_phone_shows_fewer_names_and_values() -> None:
    view = screen.view(synthetic.bars())
    assert len(view["names"]) == 32
    assert 4 <= sum(not name["wide_only"] for name in view["names"]) < 32
    assert screen.view(synthetic.bars(count=12))["values_wide_only"]
    assert not screen.view(synthetic.bars(count=3))["values_wide_only"]


def test_the_line_is_where_its_value_is() -> None:
    view = screen.view(of([1.0, 2.0], reference=1.0))
    assert view["reference"] == pytest.approx(view["bars"][0]["end"])
    assert screen.view(of([1.0]))["reference"] is None
