"""The base class of classifiers: labels of any type, class probabilities, layers as features."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets

from glassnet.estimators.base import Row
from glassnet.estimators.examples import Examples, apply_sample_weight
from glassnet.estimators.layers import LayerTransformer
from glassnet.stats.intervals import wilson


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkClassifier(
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    ClassifierMixin,
    LayerTransformer,
):
    """A scikit-learn classifier whose model is the network of a task."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the network from scratch.

        A stratified `valid_fraction` of the examples is held out; it selects the epoch whose
        weights are used.

        Args:
            X: the examples.
            y: (n,) their classes, of any sortable type.
            sample_weight: (n,) weight of each example; examples of weight 0 are left out.

        Returns:
            The estimator.

        Raises:
            ValueError: X, y or a parameter is invalid.
        """
        return self._fit(X, y, sample_weight)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch over X, from the current weights, at the constant `learning_rate`.

        No examples are held out. The first call, unless it follows `fit`, fits the preprocessing
        on its examples: the scale of images, the vocabulary of texts.

        Args:
            X: examples, as for `fit`.
            y: (n,) their classes.
            classes: all classes that can occur; required in the first call.
            sample_weight: as for `fit`.

        Returns:
            The estimator.

        Raises:
            ValueError: X, y or a parameter is invalid, or `classes` is missing or has changed.
        """
        return self._partial_fit(X, y, sample_weight, classes)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict class probabilities.

        Args:
            X: examples, as for `fit`.

        Returns:
            (n, classes) float32, in the order of `classes_`; each row sums to 1.

        Raises:
            NotFittedError: the estimator is not fitted.
            ValueError: X does not fit the examples of `fit`.
        """
        with self._isolated():
            inputs = self._inputs(X)  # raises if the estimator is not fitted
            return self._fitted.outputs(inputs)["probabilities"]

    def predict(self, X: Any) -> np.ndarray:
        """Predict the most probable class: (n,) labels as in `y`; raises as `predict_proba`."""
        numbers = self.predict_proba(X).argmax(axis=1)
        return self.classes_[numbers]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _check_rows_and_labels(
        self, X: Any, y: Any, *, reset: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        raise NotImplementedError

    def _check_examples(
        self, X: Any, y: Any, sample_weight: Any, classes: np.ndarray | None, *, reset: bool
    ) -> Examples:
        rows, labels = self._check_rows_and_labels(X, y, reset=reset)
        rows, labels, weights = apply_sample_weight(rows, labels, sample_weight)
        if classes is None:
            classes = _unique_classes(labels, type(self).__name__)
        elif len(unknown := np.setdiff1d(labels, classes)):
            raise ValueError(
                f"The target label(s) {unknown} in y do not exist in the initial classes {classes}"
            )
        self.classes_ = classes
        numbers = np.searchsorted(classes, labels).astype(np.int64)
        return Examples(rows, numbers, tuple(map(str, classes.tolist())), weights)

    def _check_classes(self, classes: Any, first: bool) -> np.ndarray:
        if first:
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            return _unique_classes(np.asarray(classes), type(self).__name__)
        if classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: "
                f"{self.classes_!r}"
            )
        return self.classes_

    def _activations(self, inputs: np.ndarray, layer: str | None) -> np.ndarray:
        return self._fitted.activations(inputs, layer)

    def _count_features_out(self, rows: np.ndarray) -> int:
        return self._fitted.activations(self._encode(rows[:1]), None).shape[1]

    def _validation_results(self, row: Row, count: int, weighted: bool) -> dict[str, Any]:
        accuracy = row["valid_accuracy"]
        text, note = f"{100 * accuracy:.2f} %", f"{count:,} validation examples"
        if weighted:  # Wilson's interval does not hold for weighted examples
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


def _unique_classes(labels: np.ndarray, name: str) -> np.ndarray:
    """The sorted classes of some labels.

    Raises:
        ValueError: the labels are not classes, or there is only one class.
    """
    check_classification_targets(labels)
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError(
            f"{name} needs samples of at least 2 classes in the data, but the data contains only "
            f"one class: {classes[0]!r}"
        )
    return classes
