"""The temperature of known probabilities, and what scaling by one leaves as it is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from glassnet.inference import temperature

N, CLASSES = 4000, 5


def drawn(sharpness: float, n: int = N) -> tuple[np.ndarray, np.ndarray]:
    """Logits times a sharpness as probabilities, and labels drawn from the logits themselves."""
    random = np.random.default_rng(1)
    logits = random.normal(0, 2, (n, CLASSES))
    labels = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
    return softmax(sharpness * logits), labels


def softmax(logits: np.ndarray) -> np.ndarray:
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (scaled / scaled.sum(axis=1, keepdims=True)).astype(np.float32)


def loss(probabilities: np.ndarray, labels: np.ndarray, value: float) -> float:
    outputs = temperature.scaled(torch.from_numpy(probabilities).double(), value).numpy()
    return float(-np.log(outputs[np.arange(len(labels)), labels]).mean())


@pytest.mark.parametrize("sharpness", [0.3, 1.0, 4.0])
def test_the_temperature_undoes_a_known_sharpness(sharpness: float) -> None:
    probabilities, labels = drawn(sharpness)
    fitted = temperature.fit(probabilities, labels)
    assert fitted == pytest.approx(sharpness, rel=0.05)
    best = loss(probabilities, labels, fitted)
    for other in (0.9 * fitted, 0.99 * fitted, 1.01 * fitted, 1.1 * fitted):
        assert best < loss(probabilities, labels, other)


def test_a_weight_counts_an_example_as_often() -> None:
    probabilities, labels = drawn(3.0, 600)
    counts = np.random.default_rng(0).integers(1, 4, 600)
    repeated = temperature.fit(np.repeat(probabilities, counts, 0), np.repeat(labels, counts))
    weighted = temperature.fit(probabilities, labels, counts.astype(np.float32))
    assert weighted == pytest.approx(repeated, rel=2e-3)  # the half example differs
    assert temperature.fit(probabilities, labels, np.full(600, 3.0)) == pytest.approx(
        temperature.fit(probabilities, labels), rel=1e-9
    )


def test_few_examples_get_no_temperature() -> None:
    probabilities, labels = drawn(3.0)
    fewest = temperature.MIN_EXAMPLES
    assert temperature.fit(probabilities[: fewest - 1], labels[: fewest - 1]) == 1
    assert temperature.fit(probabilities[:fewest], labels[:fewest]) > 1.5


def test_without_a_mistake_confidence_stays_below_certainty() -> None:
    """The likelihood alone would rise until the temperature is 0."""
    labels = np.zeros(1000, np.int64)
    probabilities = np.tile(np.array([[0.9, 0.1]], np.float32), (1000, 1))
    fitted = temperature.fit(probabilities, labels)
    surest = temperature.scaled(torch.from_numpy(probabilities), fitted).max().item()
    assert 1 - surest == pytest.approx(0.25 / 1000.5, rel=1e-3)


def test_probabilities_that_say_nothing_get_the_highest_temperature() -> None:
    probabilities, labels = drawn(1.0)
    assert temperature.fit(probabilities, np.roll(labels, 1)) > 10
    wrong = (probabilities.argmax(axis=1) + 1) % CLASSES
    assert temperature.fit(probabilities, wrong) == temperature.BOUNDS[1]


def test_certain_probabilities_have_a_temperature_too() -> None:
    labels = np.arange(1000) % 2
    probabilities = np.eye(2, dtype=np.float32)[labels]
    assert temperature.fit(probabilities, labels) < 50
    flipped = labels.copy()
    flipped[:100] = 1 - flipped[:100]
    fitted = temperature.fit(probabilities, flipped)
    outputs = temperature.scaled(torch.from_numpy(probabilities), fitted)
    assert outputs.max(dim=1).values.mean().item() == pytest.approx(0.9, abs=0.01)


@given(st.floats(0.05, 20), st.integers(0, 10**6))
def test_scaling_is_that_of_the_logits_and_keeps_the_order(value: float, seed: int) -> None:
    logits = torch.from_numpy(np.random.default_rng(seed).normal(0, 4, (20, 4)))
    outputs = temperature.scaled(logits.softmax(1), value)
    torch.testing.assert_close(outputs, (logits / value).softmax(1), rtol=1e-4, atol=1e-12)
    torch.testing.assert_close(outputs.sum(1), torch.ones(20).double())
    assert (outputs.argmax(1) == logits.argmax(1)).all()


def test_a_temperature_of_one_changes_no_bit() -> None:
    probabilities = torch.rand(5, 3)
    assert temperature.scaled(probabilities, 1.0) is probabilities


def test_a_probability_of_zero_stays_the_smallest() -> None:
    outputs = temperature.scaled(torch.tensor([[1.0, 0.0, 1e-30]]), 2.0)
    assert torch.isfinite(outputs).all()
    assert outputs.argsort(dim=1).tolist() == [[1, 2, 0]]
