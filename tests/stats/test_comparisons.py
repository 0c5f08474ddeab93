"""Tests behind comparisons: known values, and how often chance alone is taken for a difference."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.stats.comparisons import (
    LEVEL,
    counts_differ,
    holm,
    paired_difference,
    shares_differ,
    stands_out,
)

RNG = np.random.default_rng(0)


def masks(both: int, first: int, second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    """Two answers to each example, by how many are right in both, in one, in none."""
    one = np.repeat([True, True, False, False], [both, first, second, neither])
    other = np.repeat([True, False, True, False], [both, first, second, neither])
    return one, other


def test_a_paired_difference_has_the_p_value_of_mcnemars_exact_test() -> None:
    """10 disagreements, 9 of them one way: 2 (1 + 10) / 2^10."""
    found = paired_difference(*masks(50, 9, 1, 40))
    assert found.value == pytest.approx(0.08)
    assert found.p == pytest.approx(22 / 1024)
    assert found.low == pytest.approx(0.0784 - 0.0648, abs=2e-4)
    assert found.low < found.value < found.high


def test_a_difference_depends_on_the_pairs_and_not_on_the_shares_alone() -> None:
    """71 against 78 %: clear if the same points are wrong, and not if others are."""
    assert paired_difference(*masks(71, 7, 0, 22)).p < LEVEL
    assert paired_difference(*masks(56, 22, 15, 7)).p > LEVEL


def test_equal_answers_and_no_examples_are_no_difference() -> None:
    right = RNG.random(40) < 0.5
    assert paired_difference(right, right).p == 1.0
    empty = paired_difference(right[:0], right[:0])
    assert (empty.value, empty.low, empty.high, empty.p) == (0.0, -1.0, 1.0, 1.0)


def test_the_interval_covers_the_true_difference() -> None:
    """Of 2,000 samples of 100 pairs with a true difference of 0.1, about 95 % cover it."""
    kinds = RNG.multinomial(100, [0.6, 0.2, 0.1, 0.1], size=2000)
    found = [paired_difference(*masks(*counts)) for counts in kinds.tolist()]
    covered = np.mean([each.low <= 0.1 <= each.high for each in found])
    assert 0.935 < covered < 0.975


def test_holm_equals_its_definition() -> None:
    assert holm([0.03, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_nothing_stands_out_among_equals() -> None:
    """Ten classes that are equally hard: the worst of them is rarely called the hardest."""
    called = 0
    for hits in RNG.binomial(100, 0.9, size=(200, 10)).tolist():
        worst = min(hits)
        others = sorted(hits)[1:]
        called += stands_out([shares_differ(worst, 100, other, 100) for other in others])
    assert called / 200 < LEVEL


def test_one_among_many_stands_out_if_it_differs_from_the_next() -> None:
    assert stands_out([counts_differ(20, other) for other in [4, *[0] * 80]])
    assert not stands_out([counts_differ(20, other) for other in [15, *[0] * 80]])
    assert not stands_out([])
