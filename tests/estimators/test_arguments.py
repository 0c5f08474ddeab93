"""Arguments of estimators that are no arrays, and what else scikit-learn's classifiers have."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.exceptions import DataConversionWarning

import glassnet as gn
from glassnet.estimators.examples import Examples
from glassnet.tasks.cnn.presets import PRESETS

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 8, 8), np.uint8)
LABELS = np.arange(12) % 2
TEXTS = ["a good film", "a bad film"] * 6


class Convertible:
    """What NumPy can make an array of, without a length of its own."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype)


class Loader:
    """A data set as torch has them: items, and no array."""

    def __len__(self) -> int:
        return 12

    def __getitem__(self, k: int) -> tuple[np.ndarray, int]:
        return IMAGES[k], int(LABELS[k])


@pytest.mark.parametrize(
    ("X", "kind"),
    [
        (Loader(), "Loader"),
        (torch.utils.data.DataLoader(Loader()), "DataLoader"),
        (iter(IMAGES), "iterator"),
        ((image for image in IMAGES), "generator"),
        (map(str, TEXTS), "map"),
        ({"X": IMAGES}, "dict"),
        ({1, 2, 3}, "set"),
        (7, "int"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("kind_of_estimator", [gn.CNNClassifier, gn.LSTMClassifier, gn.VAE])
def test_what_is_no_array_is_named(X: Any, kind: str, kind_of_estimator: Callable[[], Any]) -> None:
    estimator = kind_of_estimator()
    name = type(estimator).__name__
    with pytest.raises(ValueError, match=f"^{name} takes arrays, but X is of type .*{kind}\n"):
        estimator.fit(X, LABELS)


def test_what_numpy_can_convert_is_an_array() -> None:
    options: Any = {"epochs": 1, "channels": (2, 2, 2), "random_state": 0}
    X, y = Convertible(IMAGES.reshape(12, -1)), Convertible(LABELS)
    converted = gn.CNNClassifier(**options).fit(X, y).predict_proba(X)
    given = gn.CNNClassifier(**options).fit(X.values, LABELS).predict_proba(X.values)
    np.testing.assert_array_equal(converted, given)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (IMAGES, None, "This CNNClassifier estimator requires y to be passed"),
        (None, LABELS, "CNNClassifier needs X, which is None"),
        (
            IMAGES[:0],
            LABELS[:0],
            r"0 sample\(s\) \(shape=\(0, 8, 8\)\).* required by CNNClassifier",
        ),
        ([], [], r"0 sample\(s\) .* required by CNNClassifier"),
        (
            [*IMAGES[:11], np.zeros((9, 8), np.uint8)],
            LABELS,
            r"CNNClassifier takes images of one size, but X\[0\] .*\(8, 8\) and X\[11\] \(9, 8\)",
        ),
        ([*IMAGES[:11], np.zeros((8, 8, 3))], LABELS, r"X\[11\] \(8, 8, 3\)"),
        (
            IMAGES,
            LABELS[:5],
            "CNNClassifier: X and y have inconsistent numbers of samples, 12 and 5",
        ),
        (IMAGES, np.eye(2)[LABELS], r"CNNClassifier takes one class per example: .*\(12, 2\)"),
        (IMAGES, [datetime.date(2026, 1, 1 + k % 2) for k in range(12)], "CNNClassifier .* dates"),
        (IMAGES, np.array(["2026-01-01"] * 12, "datetime64[D]"), "but y has dates"),
        (IMAGES, ["a", 1] * 6, "classes of one type, but y has number and str"),
        (IMAGES, iter(LABELS), "CNNClassifier takes arrays, but y is of type"),
    ],
)
def test_unusable_examples_are_refused_under_the_name_of_the_class(
    X: Any, y: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        gn.CNNClassifier(epochs=1).fit(X, y)
    assert len(str(caught.value).splitlines()) == 2


def test_texts_without_labels_or_without_texts() -> None:
    with pytest.raises(ValueError, match="This LSTMClassifier estimator requires y"):
        gn.LSTMClassifier().fit(TEXTS)
    with pytest.raises(ValueError, match=r"0 sample\(s\) .* LSTMClassifier"):
        gn.LSTMClassifier().fit([], [])


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    X, y = load_digits(return_X_y=True)
    return X[:400], y[:400]


def test_scores_follow_from_the_probabilities(digits: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = digits
    several = gn.CNNClassifier(epochs=1, random_state=0).fit(X, y)
    proba = several.predict_proba(X)
    np.testing.assert_allclose(several.predict_log_proba(X), np.log(proba))
    np.testing.assert_array_equal(several.decision_function(X).argmax(axis=1), proba.argmax(axis=1))
    two = gn.CNNClassifier(epochs=1, random_state=0).fit(X, y == 8)
    scores, proba = two.decision_function(X), two.predict_proba(X)
    assert scores.shape == (400,)
    np.testing.assert_allclose(scores, np.log(proba[:, 1] / proba[:, 0]), rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(scores > 0, two.predict(X))


def test_class_weights_are_sample_weights(digits: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = digits[0], digits[1] == 8
    weights = np.where(y, 4.0, 1.0)
    by_class = gn.CNNClassifier(epochs=1, random_state=0, class_weight={True: 4.0, False: 1.0})
    by_sample = gn.CNNClassifier(epochs=1, random_state=0).fit(X, y, sample_weight=weights)
    np.testing.assert_array_equal(by_class.fit(X, y).predict_proba(X), by_sample.predict_proba(X))
    balanced = gn.CNNClassifier(epochs=1, random_state=0, class_weight="balanced").fit(X, y)
    frequencies = np.where(y, len(y) / y.sum(), len(y) / (~y).sum()) / 2
    by_sample.fit(X, y, sample_weight=frequencies)
    np.testing.assert_allclose(balanced.predict_proba(X), by_sample.predict_proba(X), rtol=1e-5)


@pytest.mark.parametrize("classes", [(0, 1), ("0", "1"), (False, True)])
def test_class_weights_are_saved(classes: tuple[Any, Any], tmp_path: Path) -> None:
    given = dict(zip(classes, (4.0, 1), strict=True))
    labels = np.array(classes)[LABELS]
    fitted = gn.CNNClassifier(epochs=1, random_state=0, class_weight=given).fit(IMAGES, labels)
    loaded = gn.load(fitted.save(tmp_path / "mine"))
    assert isinstance(loaded, gn.CNNClassifier)
    assert list(loaded.class_weight.items()) == list(given.items())
    assert [type(name) for name in loaded.class_weight] == [type(name) for name in classes]
    loaded.partial_fit(IMAGES, labels)


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ("equal", "class_weight = 'equal' of CNNClassifier\ngive a dict or 'balanced'"),
        ({7: 2.0}, "class_weight of CNNClassifier names 7, which is not in y"),
        ({0: 0.0, 1: 1.0}, "class_weight of CNNClassifier has a weight of 0"),
    ],
)
def test_invalid_class_weights(class_weight: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gn.CNNClassifier(epochs=1, class_weight=class_weight).fit(IMAGES, LABELS)


def test_partial_fit_cannot_balance_classes_that_it_has_not_met() -> None:
    with pytest.raises(ValueError, match="needs all examples, and partial_fit sees a part"):
        gn.CNNClassifier(class_weight="balanced").partial_fit(IMAGES, LABELS, classes=[0, 1])


def test_a_validation_set_selects_the_epoch(digits: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = digits
    classifier = gn.CNNClassifier(epochs=2, random_state=0)
    classifier.fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:])
    accuracy = (classifier.predict(X[300:]) == y[300:]).mean()
    best = classifier.history_["valid_accuracy"][classifier.best_epoch_ - 1]
    assert accuracy == pytest.approx(best)
    with pytest.raises(ValueError, match=r"target label.* of CNNClassifier"):
        classifier.fit(X[:300], y[:300] % 3, X_val=X[300:], y_val=y[300:])
    with pytest.raises(ValueError, match="requires y to be passed"):
        classifier.fit(X[:300], y[:300], X_val=X[300:])
    vae = gn.VAE(epochs=1, latent_dim=2, random_state=0).fit(X[:300], X_val=X[300:])
    assert -vae.score(X[300:]) == pytest.approx(vae.history_["valid_negative_elbo"][0], rel=0.05)


def test_the_shift_of_colour_images_goes_with_their_smaller_side(tmp_path: Path) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (12, 9, 14, 3), np.uint8)
    estimator = gn.CNNClassifier(epochs=1, channels=(2, 2, 2), random_state=0).fit(colour, LABELS)
    config = json.loads((estimator.save(tmp_path / "model") / "config.json").read_text())["config"]
    assert config["shift"] == pytest.approx(PRESETS["default"].shift * 9 / 28)


def test_a_column_of_labels_is_taken_with_a_warning() -> None:
    classifier = gn.LSTMClassifier(epochs=1, embedding_dim=4, hidden_size=4, random_state=0)
    with pytest.warns(DataConversionWarning):
        classifier.fit(TEXTS, LABELS[:, None])


def test_examples_without_weights_count_once_beside_weighted_ones() -> None:
    weighted = Examples(IMAGES[:2], LABELS[:2], ("a", "b"), np.array([0.5, 3.0]))
    plain = Examples(IMAGES[2:4], LABELS[2:4], ("a", "b"), None)
    joined = weighted.joined(plain)
    assert joined.weights is not None
    assert joined.weights.tolist() == [0.5, 3, 1, 1]
    assert plain.joined(plain).weights is None
