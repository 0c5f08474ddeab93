"""The linear model beside which networks are judged, on data whose answer is known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from glassnet.contract import Modality, Split
from glassnet.inference import linear_model
from glassnet.inference.linear_model import out_of_fold_probabilities, predict_classes
from glassnet.stats.folds import stratified_folds


def data(modality: Modality, inputs: Any, labels: Any, n_train: int) -> Any:
    inputs, labels = np.asarray(inputs), np.asarray(labels)
    whole = Split(inputs, labels, np.arange(len(labels)))
    parts = np.arange(n_train), np.arange(n_train, len(labels))
    train, test = (whole.take(part) for part in parts)
    return SimpleNamespace(train=train, test=test, modality=modality)


def images(shape: tuple[int, ...], n: int = 60) -> Any:
    """Images of two classes: bright in the upper or in the lower half."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 2
    pixels = rng.integers(0, 120, (n, *shape)).astype(np.uint8)
    half = shape[0] // 2
    pixels[labels == 0, :half] += 100
    pixels[labels == 1, half:] += 100
    return data(Modality.IMAGES, pixels, labels, 40)


@pytest.mark.parametrize("shape", [(8, 8), (9, 7), (2, 1), (16, 12, 3), (31, 40, 4)])
@pytest.mark.parametrize("values", [50_000_000, 3_000])
def test_what_is_linear_is_found(
    shape: tuple[int, ...], values: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where images are averaged to fewer pixels."""
    monkeypatch.setattr(linear_model, "MAX_VALUES", values)
    case = images(shape)
    assert (predict_classes(case) == case.test.labels).all()


@pytest.mark.parametrize(
    ("good", "bad"), [("a good film", "a bad film"), ("这部电影很好", "这部电影很差")]
)
def test_words_are_found_with_and_without_spaces(good: str, bad: str) -> None:
    texts = [good if k % 2 else bad for k in range(60)]
    case = data(Modality.TEXTS, texts, np.arange(60) % 2, 40)
    assert (predict_classes(case) == case.test.labels).all()


def test_a_pair_of_words_is_more_than_its_words() -> None:
    texts = ["not good but bad", "not bad but good"] * 30
    case = data(Modality.TEXTS, texts, [0, 1] * 30, 40)
    assert (predict_classes(case) == case.test.labels).all()


@pytest.mark.parametrize("labels", [[2] * 6, [0, 0, 2, 2, 2, 0]])
def test_without_words_or_another_class_the_most_frequent_class_is_named(
    labels: list[int],
) -> None:
    texts = ["?!", "...", "!", "?", ".", ","]
    case = data(Modality.TEXTS, texts, labels, 5)
    assert predict_classes(case).tolist() == [2]
    one_class = data(Modality.IMAGES, np.zeros((6, 2, 2), np.uint8), [1] * 6, 4)
    assert predict_classes(one_class).tolist() == [1, 1]


def out_of_fold(texts: list[str], labels: np.ndarray, n_classes: int = 2) -> np.ndarray:
    split = Split(np.array(texts), labels, np.arange(len(labels)))
    return out_of_fold_probabilities(split, n_classes, stratified_folds(labels, 0, 10))


def test_no_text_is_predicted_by_a_model_that_learned_its_label() -> None:
    """Each text has a word of its own, from which nothing follows for another text."""
    labels = np.random.default_rng(0).integers(0, 2, 200)
    probabilities = out_of_fold([f"film w{k}" for k in range(200)], labels)
    assert probabilities.std(axis=0).max() < 0.01
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_wrong_labels_have_the_lowest_probability_out_of_sample() -> None:
    words = [("dull", "lifeless"), ("witty", "moving"), ("fast", "loud")]
    true = np.arange(300) % 3
    texts = [f"a {words[k][n % 2]} film about w{n % 40}" for n, k in enumerate(true)]
    labels = true.copy()
    labels[:9] = (labels[:9] + 1) % 3
    probabilities = out_of_fold(texts, labels, n_classes=3)
    own = probabilities[np.arange(300), labels]
    assert set(np.argsort(own)[:9]) == set(range(9))
    assert (probabilities.argmax(axis=1) == true).all()


def test_a_class_that_no_model_learned_has_no_probability() -> None:
    labels = np.array([0, 1] * 10 + [2])
    probabilities = out_of_fold(["good film", "bad film"] * 10 + ["film"], labels, n_classes=3)
    assert probabilities[-1, 2] == 0
    one = Split(np.array(["good", "bad", "fine"]), np.array([0, 0, 1]), np.arange(3))
    folds = [(np.array([0, 1]), np.array([2])), (np.array([1, 2]), np.array([0]))]
    assert out_of_fold_probabilities(one, 2, folds)[2].tolist() == [1, 0]


def test_texts_without_words_have_no_probabilities() -> None:
    assert out_of_fold(["?!"] * 20, np.arange(20) % 2).shape == (0, 2)
