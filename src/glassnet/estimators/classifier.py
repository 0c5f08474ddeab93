"""What classifiers share: labels of any kind, probabilities, and layers as features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets

from glassnet.estimators.base import Examples, Row, weighed
from glassnet.estimators.layers import LayerTransformer
from glassnet.stats.intervals import wilson


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkClassifier(
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    ClassifierMixin,
    LayerTransformer,
):
    """A network that names classes."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from scratch.

        `valid_fraction` of the examples, of each class in proportion, is held out and chooses the
        epoch whose weights are kept.

        Args:
            X: the examples.
            y: (n,) their classes, of any kind that can be sorted.
            sample_weight: (n,) how much each example counts; one of weight 0 is left out.

        Returns:
            The estimator.

        Raises:
            ValueError: X, y or a parameter does not hold.
        """
        seed = self._seed()
        self._forget()
        with self._at_work():
            rows, labels, weights = weighed(*self._read(X, y, reset=True), sample_weight)
            self.classes_ = _classes(labels, type(self).__name__)
            self._learn(self._numbered(rows, labels, weights), seed)
            self._n_features_out = self._width(rows)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Go on from the weights that there are: one epoch over X at the rate `learning_rate`.

        Nothing is held out. The first call, unless `fit` came before, learns from its examples
        alone what has to be known beforehand: the scale of images, the words of texts.

        Args:
            X: examples, as for `fit`.
            y: (n,) their classes.
            classes: all classes that will ever come; wanted at the first call.
            sample_weight: as for `fit`.

        Returns:
            The estimator.

        Raises:
            ValueError: X, y or a parameter does not hold, or `classes` is missing or another.
        """
        first = not hasattr(self, "_fitted")
        seed = self._seed() if first else 0
        with self._at_work():
            known = self._all_classes(classes, first)
            rows, labels, weights = weighed(*self._read(X, y, reset=first), sample_weight)
            if len(unknown := np.setdiff1d(labels, known)):
                raise ValueError(
                    f"The target label(s) {unknown} in y do not exist in the initial classes "
                    f"{known}"
                )
            self.classes_ = known
            self._go_on(self._numbered(rows, labels, weights), seed)
            self._n_features_out = self._width(rows)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities of the classes.

        Args:
            X: examples, as for `fit`.

        Returns:
            (n, classes) float32, in the order of `classes_`; each row sums to 1.

        Raises:
            NotFittedError: nothing has been learned yet.
            ValueError: X does not fit what was learned from.
        """
        with self._at_work():
            examples = self._asked(X)
            return self._fitted.outputs(examples)["probabilities"]

    def predict(self, X: Any) -> np.ndarray:
        """(n,) the most probable class of each example, as y had it; raises as `predict_proba`."""
        places = self.predict_proba(X).argmax(axis=1)
        return self.classes_[places]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _read(self, X: Any, y: Any, *, reset: bool) -> tuple[np.ndarray, np.ndarray]:
        """Checked rows, and labels for each."""
        raise NotImplementedError

    def _all_classes(self, classes: Any, first: bool) -> np.ndarray:
        if first:
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            return _classes(np.asarray(classes), type(self).__name__)
        if classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        return self.classes_

    def _numbered(
        self, rows: np.ndarray, labels: np.ndarray, weights: np.ndarray | None
    ) -> Examples:
        numbers = np.searchsorted(self.classes_, labels).astype(np.int64)
        return Examples(rows, numbers, tuple(map(str, self.classes_.tolist())), weights)

    def _features(self, examples: np.ndarray, layer: str | None) -> np.ndarray:
        return self._fitted.activations(examples, layer)

    def _width(self, rows: np.ndarray) -> int:
        return self._fitted.activations(self._inputs(rows[:1]), None).shape[1]

    def _results(self, row: Row, count: int, weighted: bool) -> dict[str, Any]:
        accuracy = row["valid_accuracy"]
        text, note = f"{100 * accuracy:.2f} %", f"{count:,} validation examples"
        if weighted:  # of which the interval knows nothing
            note += ", by their weights"
        else:
            low, high = (100 * end for end in wilson(round(accuracy * count), count))
            note = f"95 % interval {low:.2f} to {high:.2f} %; {note}"
        return {
            "n": count,
            "headline": "accuracy",
            "accuracy": accuracy,
            "sentence": f"{text} of {count:,} validation examples right",
            "numbers": [["Validation accuracy", text, note]],
        }


def _classes(labels: np.ndarray, name: str) -> np.ndarray:
    """The classes among some labels, sorted.

    Raises:
        ValueError: they are no classes, or there is but one.
    """
    check_classification_targets(labels)
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError(
            f"{name} needs samples of at least 2 classes in the data, but the data contains only "
            f"one class: {classes[0]!r}"
        )
    return classes
