"""The text classifier as a scikit-learn estimator."""

import warnings
from typing import Any, ClassVar

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import Tags, column_or_1d

from glassnet.data.texts.strings import string_array
from glassnet.data.texts.vocabulary import has_word
from glassnet.errors import ArgumentError
from glassnet.estimators import arguments
from glassnet.estimators.classifier import NetworkClassifier
from glassnet.estimators.parameters import with_parameters


@with_parameters("lstm")
class LSTMClassifier(NetworkClassifier):
    """An LSTM that classifies texts, as a scikit-learn classifier.

    X is a list, an array or a column (pandas, polars) of strings, or a data frame or an array with
    one such column. `fit` builds the vocabulary from the training examples. It leaves out texts
    without a word, as training from a file does; `predict` has a row for every input, and with
    a warning reads them as an empty text.

    Attributes:
        classes_: (classes,) sorted labels.
        history_: loss, metrics and learning rate of every epoch, as lists.
        n_iter_: number of epochs trained.
        best_epoch_: the selected epoch, counted from 1.

    Example:
        >>> texts = ["a good film", "a bad film", "good", "bad", "so good", "so bad"] * 4
        >>> classifier = LSTMClassifier(epochs=10, embedding_dim=8, hidden_size=8, random_state=0)
        >>> classifier.fit(texts, ["+", "-"] * 12).predict(["good", "bad"]).tolist()
        ['+', '-']

    Args:
        preset: a named configuration, `default`, `quick`, `plain`, `pretrained`, `adversarial` or
            `unlabelled`.
        random_state: an int gives the same result in every call; a seed is drawn from a
            RandomState, or for None from NumPy's global one.
        verbose: 1 prints one line per epoch to stderr.
        runs: a folder for a new run folder with log and checkpoints; None writes nothing.
        class_weight: class -> weight, or `balanced` for weights that make up for their frequencies.
    """

    _task_name: ClassVar[str] = "lstm"

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _check_rows_and_labels(
        self, X: Any, y: Any, *, reset: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        texts = self._check_rows(X)
        arguments.check_labels(y, len(texts), type(self).__name__)
        return texts, column_or_1d(y, warn=True)

    def _usable(self, rows: np.ndarray) -> np.ndarray:
        usable = np.array([has_word(text) for text in rows.tolist()])
        if not usable.any():
            raise ArgumentError("no text of X has a word", "give texts with words")
        return usable

    def _inputs(self, X: Any) -> np.ndarray:
        texts = super()._inputs(X)
        if n := sum(not has_word(text) for text in texts.tolist()):
            has_none = (
                "1 text has no word: it is" if n == 1 else f"{n:,} texts have no word: they are"
            )
            warnings.warn(f"{has_none} read as an empty text", stacklevel=3)
        return texts

    def _check_rows(self, X: Any) -> np.ndarray:
        arguments.check_container(X, type(self).__name__)
        return check_texts(X, type(self).__name__)


def check_texts(X: Any, estimator: str) -> np.ndarray:
    """Convert a list, an array, a column or a data frame of texts: (n,) NumPy StringDType.

    Args:
        X: the texts.
        estimator: the class that the user wrote.

    Raises:
        TypeError: X is sparse.
        ArgumentError: X is a single text, has several columns or no rows, or contains other values.
    """
    if issparse(X):
        raise TypeError("Sparse data was passed for X, but texts are required.")
    if isinstance(X, str | bytes):
        raise ArgumentError(
            "Iterable over raw text documents expected, string object received.",
            "give a list of texts",
        )
    texts = X if isinstance(X, list | tuple) else np.asarray(X, dtype=object)
    if isinstance(texts, np.ndarray):
        if texts.ndim == 2 and texts.shape[1] == 1:
            texts = texts[:, 0]
        if texts.ndim != 1:
            raise ArgumentError(
                f"X has shape {texts.shape}, but must be one column of texts",
                "select a column, for example X['text']",
            )
        texts = texts.tolist()
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise ArgumentError(
                f"X[{index}] is {text!r} of type {type(text).__name__}, not a text",
                "give strings; remove rows without a text, or fill them with ''",
            )
    if not texts:
        raise ArgumentError(
            f"Found array with 0 sample(s) while a minimum of 1 is required by {estimator}.",
            "give one or more texts",
        )
    return string_array(texts)
