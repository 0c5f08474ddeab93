"""Linear CKA: the direct formula, what leaves it unchanged, its interval, its value by chance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from glassnet.insight.measures.layer_similarity import (
    BLOCK,
    centred_gram,
    cka_interval,
    linear_cka,
    shuffled_cka,
)

RNG = np.random.default_rng(0)
ONE = RNG.normal(size=(200, 12)).astype(np.float32)
OTHER = (np.tanh(ONE @ RNG.normal(size=(12, 7))) + 0.5 * RNG.normal(size=(200, 7))).astype("f4")


def direct(x: np.ndarray, y: np.ndarray) -> float:
    """Equation by features: |Y'X|^2 / (|X'X| |Y'Y|) with Frobenius norms and centred columns."""
    x, y = (each.astype(np.float64) - each.astype(np.float64).mean(axis=0) for each in (x, y))
    norm = np.linalg.norm
    return float(norm(y.T @ x) ** 2 / (norm(x.T @ x) * norm(y.T @ y)))


def cka(x: np.ndarray, y: np.ndarray) -> float:
    return linear_cka(centred_gram(x), centred_gram(y))


def test_cka_is_that_of_the_formula_by_features() -> None:
    assert cka(ONE, OTHER) == pytest.approx(direct(ONE, OTHER), abs=1e-9)


def test_many_dimensions_are_added_up_in_blocks() -> None:
    wide = RNG.normal(size=(20, 2 * BLOCK + 3)).astype(np.float32)
    assert cka(wide, ONE[:20]) == pytest.approx(direct(wide, ONE[:20]), abs=1e-9)


def test_rotation_scale_and_shift_leave_it_at_one() -> None:
    rotation, _ = np.linalg.qr(RNG.normal(size=(12, 12)))
    assert cka(ONE, 5 * ONE @ rotation + 3) == pytest.approx(1, abs=1e-6)


def test_a_constant_layer_is_similar_to_nothing() -> None:
    assert math.isnan(cka(ONE, np.ones((200, 3), np.float32)))


def test_the_interval_covers_the_cka_of_further_examples() -> None:
    """Samples of 300 from one population; its CKA is measured on 20,000 examples."""
    mix = RNG.normal(size=(5, 5))

    def layers(n: int) -> tuple[np.ndarray, np.ndarray]:
        x = RNG.normal(size=(n, 5))
        return x, x @ mix + 2 * RNG.normal(size=(n, 5))

    expected, covered = direct(*layers(20_000)), 0
    for seed in range(50):
        one, other = map(centred_gram, layers(300))
        low, high = cka_interval(one, other, seed)
        covered += low < expected < high
    assert covered >= 40


def test_shuffled_examples_are_similar_by_chance_alone() -> None:
    same = centred_gram(ONE)
    chance = shuffled_cka(same, same)
    assert 0 < chance < 0.15
    few = centred_gram(RNG.normal(size=(10, 500)).astype(np.float32))
    assert shuffled_cka(few, few) > 0.8  # as many dimensions raise it
