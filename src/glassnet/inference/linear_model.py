"""Linear models: one to judge a network beside, and those that find label issues of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet import progress
from glassnet.contract import Data, Modality, Split
from glassnet.data.problems.near_duplicate_texts import WORD
from glassnet.stats.folds import Fold

MAX_VALUES = 50_000_000
"""Pixel values of all training images (400 MB); larger images are averaged over squares."""

MAX_ITERATIONS = 40
"""On MNIST they predict 92.1 % correctly, 100 predict 92.6 % in nearly three times as long."""

MIN_TEXTS = 1000
"""Training texts from which on a pair of words must occur twice."""

NAIVE_BAYES_SMOOTHING = 0.3
"""Added to the weights of each class; 1 ranks label issues of sentences worse, 0.1 no better."""

METHODS = {
    Modality.IMAGES: "logistic regression on pixels",
    Modality.TEXTS: "logistic regression on TF-IDF of words and pairs of words",
}


def predict_classes(data: Data) -> np.ndarray:
    """Fit logistic regression on the training set and predict the test set; takes seconds.

    It is fitted in 64 bits, so that equal data give equal predictions on any machine.

    Returns:
        (n,) int64, the class of each test example; the most frequent one where the training set
        has one class, or texts without words.
    """
    with progress.stage("linear model", 1) as advance:
        train, test = _features(data)
        if train is None or len(np.unique(data.train.labels)) < 2:
            predicted = np.full(len(data.test), np.bincount(data.train.labels).argmax())
        else:
            predicted = _fitted(train, data.train.labels, data.modality).predict(test)
        advance()
    return np.asarray(predicted, np.int64)


def out_of_fold_probabilities(train: Split, n_classes: int, folds: Sequence[Fold]) -> np.ndarray:
    """Fit linear models without each fold of the training texts, and let them predict that fold.

    The probabilities are the means of those of logistic regression and of naive Bayes, which err on
    different texts. Both read TF-IDF weights of words and pairs of words; these know no labels, so
    they are computed once. 20 folds of 8,800 sentences take seconds.

    Args:
        train: the training texts.
        folds: of the training split, at least one.

    Returns:
        (n, classes) float32, in the order of the training split; a class without examples outside
        the fold has probability 0. No rows if no text has a word.
    """
    features, _ = _word_weights(train, train)
    if features is None:
        return np.zeros((0, n_classes), np.float32)
    probabilities = np.zeros((len(train), n_classes), np.float32)
    with progress.stage("linear models", len(folds), "folds") as advance:
        for others, held_out in folds:
            labels = train.labels[others]
            probabilities[np.ix_(held_out, np.unique(labels))] = _mean_probabilities(
                features[others], labels, features[held_out]
            )
            advance()
    return probabilities


def _mean_probabilities(features: Any, labels: np.ndarray, rows: Any) -> np.ndarray:
    """Of both models, for the classes that have examples: (n, classes) float64."""
    from sklearn.naive_bayes import MultinomialNB

    bayes = MultinomialNB(alpha=NAIVE_BAYES_SMOOTHING).fit(features, labels).predict_proba(rows)
    if bayes.shape[1] < 2:  # no logistic regression of one class
        return np.asarray(bayes)
    logistic = _fitted(features, labels, Modality.TEXTS).predict_proba(rows)
    return np.asarray((bayes + logistic) / 2)


def _fitted(features: Any, labels: np.ndarray, modality: Modality) -> Any:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    strength = 10.0 if modality == Modality.TEXTS else 1.0
    model = LogisticRegression(C=strength, max_iter=MAX_ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # more steps do not predict better
        return model.fit(features, labels)


def _features(data: Data) -> tuple[Any, Any]:
    """Features of the training and the test set; None where there are none."""
    if data.modality == Modality.IMAGES:
        factor = _averaged_side(data.train)
        return tuple(_pixels(split.inputs, factor) for split in (data.train, data.test))  # type: ignore[return-value]
    return _word_weights(data.train, data.test)


def _averaged_side(train: Split) -> int:
    """Side of the squares over which images are averaged, so that they fit into `MAX_VALUES`."""
    values = train.inputs.size
    return max(1, int(np.ceil((values / MAX_VALUES) ** 0.5)))


def _pixels(images: np.ndarray, side: int) -> np.ndarray:
    """Images (n, H, W[, C]) as (n, features) float64 in [0, 1]."""
    n, height, width = images.shape[:3]
    rows, columns = max(1, height // side), max(1, width // side)
    squares = images[:, : rows * side, : columns * side]
    squares = squares.reshape(n, rows, min(side, height), columns, min(side, width), -1)
    return squares.mean(axis=(2, 4), dtype=np.float64).reshape(n, -1) / 255


def _word_weights(train: Split, test: Split) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(
        token_pattern=WORD.pattern,
        ngram_range=(1, 2),
        sublinear_tf=True,
        min_df=2 if len(train) >= MIN_TEXTS else 1,
    )
    try:
        return weights.fit_transform(train.inputs), weights.transform(test.inputs)
    except ValueError:  # no text has a word
        return None, None
