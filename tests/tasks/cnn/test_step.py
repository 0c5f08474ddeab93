from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st
from torch import Tensor, nn
from toy_parts import ToyCache

from glassnet.contract import Calibration, EvaluateOptions, Modality, Split
from glassnet.errors import UsageError
from glassnet.stats.intervals import wilson
from glassnet.tasks.cnn.presets import PRESETS, Config
from glassnet.tasks.cnn.task import TASK, binary_cross_entropy, to_unit_range

PLAIN = Config(network="paper", channels=(2, 3))


def keras(logits: np.ndarray, labels: np.ndarray) -> float:
    """keras.losses.binary_crossentropy on a softmax output, mean over the batch, in NumPy."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = np.clip(powers / powers.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    t = np.eye(logits.shape[1])[labels]
    return float(-(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(axis=1).mean())


@settings(max_examples=40)
@given(st.integers(1, 6), st.integers(2, 12), st.sampled_from([0.1, 1.0, 5.0]), st.integers(0, 99))
def test_binary_cross_entropy_is_kerass(n: int, classes: int, size: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, labels = size * rng.normal(size=(n, classes)), rng.integers(0, classes, n)
    ours = binary_cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels))
    assert ours.item() == pytest.approx(keras(logits, labels), rel=1e-9)


def test_binary_cross_entropy_is_bounded_and_has_gradients() -> None:
    """Keras keeps probabilities 1e-7 away from 0 and 1: no loss is more than 16.12."""
    logits = torch.tensor([[100.0, -100.0]], requires_grad=True)
    assert binary_cross_entropy(logits, torch.tensor([1])).item() == pytest.approx(16.1, abs=0.2)
    assert binary_cross_entropy(logits, torch.tensor([0])).item() == pytest.approx(1e-7, abs=1e-7)
    near = torch.tensor([[1.0, 0.0]], requires_grad=True)
    binary_cross_entropy(near, torch.tensor([1])).backward()
    assert near.grad is not None
    assert near.grad[0, 0] > 0 > near.grad[0, 1]


def test_a_network_gone_mad_gives_a_loss_that_is_no_number() -> None:
    """Not an exception: the loop says which batch it was."""
    loss = binary_cross_entropy(torch.full((2, 3), float("nan")), torch.tensor([0, 1]))
    assert torch.isnan(loss)


class Fixed(nn.Module):
    """Gives the logits it was made with, and keeps what it saw."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, images: Tensor) -> Tensor:
        self.observed = images
        return self.logits


def batch(n: int = 4) -> tuple[Tensor, Tensor]:
    pixels = torch.randint(0, 256, (n, 1, 6, 6), dtype=torch.uint8)
    return pixels, torch.tensor([0, 1, 2, 0][:n])


LOGITS = torch.tensor([[2.0, 0, 0], [0, 1, 3], [0, 0, 5], [1, 1, 0.5]])


@pytest.mark.parametrize("loss", ["cross-entropy", "bce"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_that_of_the_configuration(loss: Any, smoothing: float) -> None:
    pixels, labels = batch()
    config = replace(PLAIN, loss=loss, label_smoothing=smoothing)
    result = TASK.step(Fixed(LOGITS), (pixels, labels), config, 0.0)
    expected = keras(LOGITS.numpy(), labels.numpy())
    assert result.metrics["bce"].item() == pytest.approx(expected, rel=1e-5)
    if loss == "cross-entropy":
        expected = F.cross_entropy(LOGITS, labels, label_smoothing=smoothing).item()
    assert result.loss.item() == pytest.approx(expected, rel=1e-5)
    assert result.metrics["accuracy"].item() == 0.75
    assert result.count == 4
    assert not any(value.requires_grad for value in result.metrics.values())


def test_pixels_come_to_the_network_between_zero_and_one() -> None:
    assert to_unit_range(torch.tensor([0, 51, 255], dtype=torch.uint8)).tolist() == pytest.approx(
        [0, 0.2, 1]
    )


def test_augmentation_is_for_training_alone() -> None:
    config = replace(PRESETS["default"], shift=2.0)
    pixels, labels = batch()
    network = Fixed(LOGITS)
    TASK.step(network.eval(), (pixels, labels), config, 0.0)
    assert torch.equal(network.observed, to_unit_range(pixels))
    TASK.step(network.train(), (pixels, labels), config, 0.0)
    assert not torch.equal(network.observed, to_unit_range(pixels))
    TASK.step(network.train(), (pixels, labels), PLAIN, 0.0)
    assert torch.equal(network.observed, to_unit_range(pixels))


def test_results_of_a_known_case() -> None:
    labels = np.array([0, 1, 1, 0])
    probabilities = np.array([[0.8, 0.2], [0.4, 0.6], [0.9, 0.1], [1.0, 0.0]], np.float32)
    split = Split(np.zeros((4, 2, 2), np.uint8), labels, np.arange(4))
    data: Any = SimpleNamespace(train=split, test=split, modality=Modality.IMAGES)
    model: Any = SimpleNamespace(
        predictions={"probabilities": probabilities}, calibration=Calibration()
    )
    results = TASK.results(data, model, ToyCache(), EvaluateOptions())
    assert (results["n"], results["accuracy"], results["errors"]) == (4, 0.75, 1)
    assert results["interval"] == list(wilson(3, 4))
    assert results["sentence"] == "75.00 % accuracy on 4 test examples"
    assert results["numbers"][0][:2] == ["Test accuracy", "75.00 %"]
    assert results["linear_model"]["accuracy"] == results["linear_model"]["majority"] == 0.5
    assert results["numbers"][1][:2] == ["Linear model", "50.00 %"]
    assert "50.0 % are of the most frequent class" in results["numbers"][1][2]
    with pytest.raises(UsageError, match="without samples"):
        TASK.results(data, model, ToyCache(), EvaluateOptions(samples=10))
