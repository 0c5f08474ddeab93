"""The OOD score is a Mahalanobis distance, and its threshold has the promised error rate."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from toy_parts import ToyCache

import glassnet as gn
from glassnet.contract import Modality, Split
from glassnet.inference import ood
from glassnet.inference.ood import (
    OODDetector,
    class_balanced,
    conformal_threshold,
    fit,
    thresholds_by_class,
)
from glassnet.inference.pixel_statistics import pixel_statistics
from glassnet.runs.folder import Run

CENTRES = np.array([[4.0] * 8, [-4.0] * 8])


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of two classes whose spread is wide along the first axis: (n, 8), (n,)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    return CENTRES[labels] + rng.normal(size=(n, 8)) * [6, 3, 1, 1, 1, 1, 1, 1], labels


def made(arrays: dict[str, np.ndarray], threshold: float = 1.0) -> OODDetector:
    more = {"thresholds": [threshold] * 2, "false_positive_rate": [0.01], "examples": [9]}
    return OODDetector(**arrays, **{name: np.array(value) for name, value in more.items()})


def distances(measure: OODDetector, points: np.ndarray) -> np.ndarray:
    features = torch.from_numpy(points.astype(np.float32))
    return measure(features, features).numpy()


def test_the_score_is_the_mahalanobis_distance_from_the_nearest_mean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ood, "RANK", 3)
    points, labels = drawn(500, 0)
    found = fit(points, labels)
    directions, variances, rest = found["directions"], found["variances"], float(found["rest"][0])
    assert directions.shape == (3, 8)
    covariance = rest * np.eye(8) + directions.T @ np.diag(variances - rest) @ directions
    means = [points[labels == label].mean(axis=0) for label in (0, 1)]
    new, _ = drawn(50, 1)
    inverse = np.linalg.inv(covariance)
    expected = [min(np.sqrt((p - m) @ inverse @ (p - m)) for m in means) for p in new]
    np.testing.assert_allclose(distances(made(found), new), expected, rtol=1e-4)
    np.testing.assert_allclose(distances(made(found, 2.0), new), np.array(expected) / 2, rtol=1e-4)


def test_false_positives_are_as_rare_as_promised_and_outliers_are_found() -> None:
    points, labels = drawn(2000, 0)
    threshold, false_positive_rate = conformal_threshold(
        distances(made(fit(points, labels)), drawn(4999, 1)[0])
    )
    assert false_positive_rate == 0.01
    measure = made(fit(points, labels), threshold)
    assert (distances(measure, drawn(20_000, 2)[0]) > 1).mean() == pytest.approx(0.01, abs=0.004)
    between = np.zeros((1, 8))
    beside = CENTRES[:1] + np.array([0, 0, 9, 0, 0, 0, 0, 0])
    along = CENTRES[:1] + np.array([9, 0, 0, 0, 0, 0, 0, 0])
    assert distances(measure, np.concatenate([between, beside])).min() > 1
    assert distances(measure, along)[0] < 1, "that is where the classes spread"


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=400), st.floats(0.001, 0.5))
def test_the_promised_share_exceeds_the_threshold(
    values: list[float], false_positive_rate: float
) -> None:
    """All orders of n distances and a new one are equally likely."""
    threshold, share = conformal_threshold(np.array(values), false_positive_rate)
    n = len(values)
    assert share <= max(false_positive_rate, 1 / (n + 1)) + 1e-9
    assert sum(value > threshold for value in values) <= share * (n + 1) - 1 + 1e-9


def test_too_few_examples_give_no_detector() -> None:
    assert fit(np.ones((1, 4)), np.zeros(1)) == {}
    assert fit(np.ones((9, 1)), np.zeros(9)) == {}
    alike = made(fit(np.ones((9, 4), np.float32), np.arange(9) % 2))
    assert distances(alike, np.ones((1, 4)))[0] == 0
    assert distances(alike, np.zeros((1, 4)))[0] > 1000


class WideData:
    """As much of `contract.Data` as the detector uses; validation spreads thrice as wide."""

    modality = Modality.TEXTS

    def __init__(self) -> None:
        self.train, self.valid = (
            Split(scale * points + CENTRES[labels], labels, np.arange(len(labels)))
            for scale, (points, labels) in ((1, noise(300, 0)), (3, noise(199, 1)))
        )

    def inputs(self, split: Split) -> torch.Tensor:
        return torch.from_numpy(split.inputs)


class Pixels:
    """As much of `contract.TrainedNetwork` as the detector uses: its layer is the input."""

    feature_layer = "pixels"

    def activations(self, inputs: torch.Tensor, layers: list[str]) -> dict[str, np.ndarray]:
        return {layer: inputs.numpy().astype(np.float32) for layer in layers}


def noise(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(size=(n, 8)), random.integers(0, 2, n)


def test_the_threshold_is_that_of_the_validation_data() -> None:
    data: Any = WideData()
    model: Any = Pixels()
    detector = ood.detector_of(data, model, ToyCache())
    assert detector is not None
    assert detector.examples == 199
    assert detector.false_positive_rate == pytest.approx(0.01, abs=0.002)
    scores = {part: distances(detector, getattr(data, part).inputs) for part in ("train", "valid")}
    assert np.sort(scores["valid"])[-3:].min() == pytest.approx(1, rel=0.1)
    assert scores["train"].max() < 0.5, "a threshold of training images would be 1"


def test_each_class_has_its_rate_and_small_classes_share_a_threshold() -> None:
    """One class spreads four times as wide as another; one threshold would mark it alone."""
    rng = np.random.default_rng(0)
    counts, scales = np.array([4000, 4000, 60, 70]), np.array([1.0, 4.0, 2.0, 2.0])

    def sample() -> tuple[np.ndarray, np.ndarray]:
        labels = np.repeat(np.arange(4), counts)
        least = np.abs(rng.normal(size=len(labels))) * scales[labels]
        return np.where(labels[:, np.newaxis] == np.arange(4), 0, 50) + least[:, np.newaxis], labels

    near, labels = sample()
    thresholds, rate = thresholds_by_class(near)
    assert rate == pytest.approx(0.01, abs=1e-3)
    assert thresholds[2] == thresholds[3] != thresholds[0]
    again, _ = sample()
    is_marked = again.min(axis=1) > thresholds[again.argmin(axis=1)]
    for label in (0, 1):
        assert is_marked[labels == label].mean() == pytest.approx(0.01, abs=0.006)
    few, _ = thresholds_by_class(near[-130:-60])
    assert len(set(few)) == 1, "fewer than 100 in all: one threshold"


def test_rounding_of_nearly_constant_features_is_not_a_distance() -> None:
    """A small network's features differ in the seventh digit; 32 bits lose that difference."""
    rng = np.random.default_rng(0)
    exact = 100 + 1e-9 * rng.normal(size=(400, 8))
    detector = made(fit(exact, np.arange(400) % 2))
    rounded = distances(detector, exact * (1 + 1e-7 * rng.normal(size=exact.shape)))
    assert rounded.max() < 1


@pytest.mark.parametrize("colour", [0, 255, 128])
def test_an_image_of_one_colour_is_out_of_distribution_for_any_network(colour: int) -> None:
    """Here the features are the same for all images, so that only the pixels can tell."""
    rng = np.random.default_rng(0)
    digits = np.zeros((800, 1, 8, 8), np.uint8)
    digits[:, :, 2:6, 3:6] = rng.integers(100, 256, (800, 1, 4, 3))
    data: Any = SimpleNamespace(
        train=Split(digits[:600], np.arange(600) % 2, np.arange(600)),
        valid=Split(digits[600:], np.arange(200) % 2, np.arange(200)),
        modality=Modality.IMAGES,
        inputs=lambda split: torch.from_numpy(split.inputs),
    )
    features = np.ones((800, 4), np.float32)
    model: Any = SimpleNamespace(
        feature_layer="all", activations=lambda inputs, layers: {"all": features[: len(inputs)]}
    )
    detector = ood.detector_of(data, model, ToyCache())
    assert detector is not None
    same = torch.ones(200, 4)
    scores = detector(same, torch.from_numpy(digits[600:]))
    assert (scores > 1).float().mean() < 0.01
    one_colour = torch.full((1, 1, 8, 8), colour, dtype=torch.uint8)
    noise = torch.from_numpy(rng.integers(0, 256, (1, 1, 8, 8), np.uint8))
    assert detector(same[:1], one_colour) > 1
    assert detector(same[:1], noise) > 1


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 3, 1, 5), (2, 1, 5, 1)])
def test_pixel_statistics_of_narrow_images_are_finite(shape: tuple[int, ...]) -> None:
    assert pixel_statistics(torch.rand(shape)).isfinite().all()


def test_features_of_any_shape_are_flattened() -> None:
    points, labels = drawn(100, 0)
    measure = made(fit(points, labels))
    flat = torch.from_numpy(points.astype(np.float32))
    torch.testing.assert_close(measure(flat.reshape(-1, 2, 2, 2), flat), measure(flat, flat))


def test_rare_classes_are_drawn_as_often_as_others() -> None:
    labels = np.repeat([0, 1, 2], [1000, 7, 100])
    drawn = class_balanced(labels, 60)
    assert np.bincount(labels[drawn]).tolist() == [27, 7, 26]
    assert (np.diff(drawn) > 0).all()


def test_a_run_separates_digits_from_noise(trained: Run) -> None:
    run = gn.load(trained.path)
    test = run.data.test.inputs
    noise = np.random.default_rng(0).integers(0, 256, (200, 28, 28), np.uint8)
    assert run.false_positive_rate == pytest.approx(0.01, abs=0.005)
    like, different = (
        run.outputs(images, ood_scores=True)["ood_score"] for images in (test, noise)
    )
    assert (like > 1).mean() < 0.06, "300 images; the threshold is of 100"
    assert (different > 1).mean() > 0.95
    outputs = run.outputs(test[:9], ood_scores=True)
    np.testing.assert_array_equal(outputs["probabilities"], run.predict_proba(test[:9]))
    assert set(run.outputs(test[:9])) == {"probabilities"}


def test_the_detector_is_cached_and_then_needs_no_data(
    trained: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    images = gn.load(trained.path).data.test.inputs[:5]
    known = gn.load(trained.path).outputs(images, ood_scores=True)
    (stored,) = trained.path.glob("cache/*/ood_detector.npz")
    info = trained.info["data"] | {"name": str(trained.path / "gone")}
    trained.update(data=info)
    again = gn.load(trained.path).outputs(images, ood_scores=True)
    np.testing.assert_array_equal(again["ood_score"], known["ood_score"])
    stored.unlink()
    capsys.readouterr()
    run = gn.load(trained.path)
    assert run.false_positive_rate is None
    assert set(run.outputs(images, ood_scores=True)) == {"probabilities"}
    (note,) = capsys.readouterr().err.splitlines()
    assert note.startswith("no out-of-distribution detection: ")
    assert "gone" in note
