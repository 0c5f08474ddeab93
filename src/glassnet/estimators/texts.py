"""The estimator of texts."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import Tags, column_or_1d
from sklearn.utils.validation import check_consistent_length

from glassnet.data.texts.strings import string_array
from glassnet.errors import ArgumentError
from glassnet.estimators.classifier import NetworkClassifier
from glassnet.estimators.parameters import with_parameters


@with_parameters("lstm")
class LSTMClassifier(NetworkClassifier):
    """A reader of texts that names their classes, as a scikit-learn classifier.

    X is a list, an array or a column (pandas, polars) of strings, or a data frame or an array with
    one such column. The words to know are learned in fit, from the part that is trained on.

    Attributes:
        classes_: (classes,) the labels, sorted.
        history_: loss, metrics and learning rate of every epoch, as lists.
        n_iter_: epochs done.
        best_epoch_: the epoch, counted from 1, whose weights were kept.

    Example:
        >>> texts = ["a good film", "a bad film", "good", "bad", "so good", "so bad"] * 4
        >>> reader = LSTMClassifier(epochs=10, embedding_dim=8, hidden_size=8, random_state=0)
        >>> reader.fit(texts, ["+", "-"] * 12).predict(["good", "bad"]).tolist()
        ['+', '-']

    Args:
        preset: a named configuration, `default`, `quick`, `plain` or `pretrained`.
        random_state: an int gives equal results every time; a RandomState, or NumPy's own for
            None, is asked for one number.
        verbose: 1 shows a line per epoch on stderr.
        runs: a folder that gets a run folder with log and checkpoints; None leaves nothing.
    """

    _task: ClassVar[str] = "lstm"

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _read(self, X: Any, y: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray]:
        if y is None:
            raise ValueError(
                f"This {type(self).__name__} estimator requires y to be passed, but the target y "
                "is None."
            )
        texts, labels = self._rows(X), column_or_1d(y, warn=True)
        check_consistent_length(texts, labels)
        return texts, labels

    def _rows(self, X: Any) -> np.ndarray:
        return column(X)


def column(X: Any) -> np.ndarray:
    """Texts of whatever holds them, as (n,) strings of NumPy's StringDType.

    Raises:
        TypeError: X is sparse.
        ArgumentError: it is one text, has several columns, none at all, or something else in it.
    """
    if issparse(X):
        raise TypeError("Sparse data was passed for X, but texts are required.")
    if isinstance(X, str | bytes):
        raise ArgumentError(
            "Iterable over raw text documents expected, string object received.",
            "give a list of texts",
        )
    given = X if isinstance(X, list | tuple) else np.asarray(X, dtype=object)
    if isinstance(given, np.ndarray):
        if given.ndim == 2 and given.shape[1] == 1:
            given = given[:, 0]
        if given.ndim != 1:
            raise ArgumentError(
                f"X has the shape {given.shape}, where one column of texts is wanted",
                "choose a column, as X['text']",
            )
        given = given.tolist()
    for place, text in enumerate(given):
        if not isinstance(text, str):
            raise ArgumentError(
                f"X[{place}] is {text!r} of type {type(text).__name__}, no text",
                "give strings; leave rows without a text out, or fill them with ''",
            )
    if not given:
        raise ArgumentError("Found array with 0 sample(s) in X", "give one or more texts")
    return string_array(given)
