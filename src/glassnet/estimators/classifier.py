"""The base class of classifiers: labels of any type, class probabilities, layers as features."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets

from glassnet.errors import ArgumentError
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

    class_weight: Any = None

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Fit the network from scratch.

        A stratified `valid_fraction` of the examples is held out; it selects the epoch whose
        weights are used.

        Args:
            X: the examples.
            y: (n,) their classes, of any sortable type.
            sample_weight: (n,) weight of each example; examples of weight 0 are left out.
            X_val: examples that select the epoch; then none of X are held out.
            y_val: (m,) their classes, which must be among those of y.
            sample_weight_val: (m,) their weights.

        Returns:
            The estimator.

        Raises:
            ValueError: X, y or a parameter is invalid.
        """
        given = X_val is not None or y_val is not None
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val) if given else None)

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
        if isinstance(self.class_weight, str):
            raise ArgumentError(
                f"class_weight = {self.class_weight!r} needs all examples, and partial_fit sees a "
                "part of them",
                "pass a dict of weights, or sample_weight",
            )
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

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Predict the logarithms of class probabilities; arguments and errors as `predict_proba`.

        Returns:
            (n, classes) float32; -inf for a probability of 0.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def decision_function(self, X: Any) -> np.ndarray:
        """Compute confidence scores; arguments and errors as `predict_proba`.

        Returns:
            Log probabilities (n, classes); for two classes the log odds (n,) of `classes_[1]`,
            which are above 0 where that class is predicted.
        """
        proba = self.predict_proba(X)
        logs = np.log(np.maximum(proba, np.finfo(np.float32).tiny))
        return logs[:, 1] - logs[:, 0] if len(self.classes_) == 2 else logs

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

    def _usable(self, rows: np.ndarray) -> np.ndarray:
        """Which of the checked rows the network can learn from: (n,) bool."""
        return np.ones(len(rows), bool)

    def _check_examples(
        self, X: Any, y: Any, sample_weight: Any, classes: np.ndarray | None, *, reset: bool
    ) -> Examples:
        rows, labels = self._check_rows_and_labels(X, y, reset=reset)
        rows, labels, weights = apply_sample_weight(rows, labels, sample_weight)
        usable = self._usable(rows)
        rows, labels = rows[usable], labels[usable]
        weights = None if weights is None else weights[usable]
        if classes is None:
            classes = _unique_classes(labels, type(self).__name__)
        elif len(unknown := np.setdiff1d(labels, classes)):
            raise ValueError(
                f"The target label(s) {unknown} in y do not exist in the initial classes {classes} "
                f"of {type(self).__name__}"
            )
        self.classes_ = classes
        numbers = np.searchsorted(classes, labels).astype(np.int64)
        if self.class_weight is not None:
            if reset or not hasattr(self, "_weights_of_classes"):  # loaded from a folder
                self._weights_of_classes = self._check_class_weight(labels)
            of_classes = self._weights_of_classes[numbers]
            weights = of_classes if weights is None else weights * of_classes
        return Examples(rows, numbers, tuple(map(str, classes.tolist())), weights)

    def _check_class_weight(self, labels: np.ndarray) -> np.ndarray:
        """The weight of each class: (classes,) float64 above 0."""
        given = self.class_weight
        known = self.classes_.tolist()
        if isinstance(given, dict):
            if unknown := [label for label in given if label not in known]:
                raise ArgumentError(
                    f"class_weight of {type(self).__name__} names {unknown[0]!r}, which is not in "
                    "y",
                    f"the classes are {', '.join(map(repr, known[:10]))}",
                )
        elif given != "balanced":
            raise ArgumentError(
                f"class_weight = {given!r} of {type(self).__name__}", "give a dict or 'balanced'"
            )
        if isinstance(given, dict):  # scikit-learn takes the class "1" of a dict for the class 1
            weights = np.array([given.get(label, 1.0) for label in known], np.float64)
        else:
            weights = compute_class_weight(given, classes=self.classes_, y=labels)
        if not (weights > 0).all():
            raise ArgumentError(
                f"class_weight of {type(self).__name__} has a weight of {weights.min():g}",
                "give weights above 0, or leave out the examples of the class",
            )
        return weights

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
