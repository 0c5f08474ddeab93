"""Ridge regression on random convolutions, on images whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from glassnet.contract import Split
from glassnet.inference.random_convolutions import out_of_fold_probabilities, out_of_fold_scores
from glassnet.stats.folds import stratified_folds


def bars(shape: tuple[int, ...], n: int = 60) -> Split:
    """Noisy images of three classes: a horizontal bar anywhere, a vertical one, or none."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 3
    pixels = rng.integers(0, 40, (n, *shape)).astype(np.uint8)
    starts = rng.integers(0, (shape[0] - 1, shape[1] - 1), (n, 2))
    for image, label, (row, column) in zip(pixels, labels, starts, strict=True):
        if label == 0:
            image[row : row + 2] += 200
        elif label == 1:
            image[:, column : column + 2] += 200
    return Split(pixels, labels, np.arange(n))


def predicted(split: Split, n_folds: int = 5) -> np.ndarray:
    folds = stratified_folds(split.labels, 0, n_folds)
    probabilities = out_of_fold_probabilities(split, 3, folds)
    assert probabilities.shape == (len(split), 3)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    return probabilities


@pytest.mark.parametrize("shape", [(12, 12), (9, 14), (12, 12, 3), (64, 50), (40, 40, 4)])
def test_bars_are_told_apart_by_models_trained_without_them(shape: tuple[int, ...]) -> None:
    split = bars(shape, 240)
    assert (predicted(split).argmax(axis=1) == split.labels).mean() > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (4, 4, 3)])
def test_the_smallest_images_are_predicted_too(shape: tuple[int, ...]) -> None:
    pixels = np.arange(60).repeat(np.prod(shape)).reshape(60, *shape).astype(np.uint8)
    probabilities = predicted(Split(pixels, np.arange(60) % 3, np.arange(60)))
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


def test_equal_images_are_predicted_alike() -> None:
    split = Split(np.full((60, 8, 8), 7, np.uint8), np.arange(60) % 3, np.arange(60))
    np.testing.assert_allclose(predicted(split), 1 / 3, atol=1e-4)


def test_no_image_is_predicted_by_a_model_that_learned_its_label() -> None:
    """Labels at random, on images that a model with more weights than images can memorise."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (200, 10, 10)).astype(np.uint8)
    split = Split(pixels, rng.integers(0, 3, 200), np.arange(200))
    assert (predicted(split).argmax(axis=1) == split.labels).mean() < 0.45


@pytest.mark.parametrize("n", [40, 400])
def test_the_scores_are_those_of_ridge_regression_without_each_fold(n: int) -> None:
    """With fewer and with more rows than features."""
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    features = rng.standard_normal((n, 90)).astype(np.float32)
    targets = features[:, :2].astype(np.float64) + rng.standard_normal((n, 2)) + [3, -2]
    folds = stratified_folds(np.arange(n) % 2, 0, 4)
    scores = out_of_fold_scores(torch.from_numpy(features), torch.from_numpy(targets), folds)
    for others, held_out in folds:
        ridge = Ridge(alpha=0.1 * 90).fit(features[others].astype(np.float64), targets[others])
        expected = ridge.predict(features[held_out])
        np.testing.assert_allclose(scores[held_out], expected, atol=1e-4)
