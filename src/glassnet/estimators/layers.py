"""Layer activations as features, in the container that `set_output` selects."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from glassnet.estimators.base import NetworkEstimator


class LayerTransformer(NetworkEstimator):
    """An estimator whose `transform` gives the activations of a layer.

    scikit-learn's `TransformerMixin` wraps the `transform` of its subclasses and names the columns
    after the estimator, but a layer that is given by name has its own column names. Therefore this
    class does not derive from the mixin, and `_Columns` names the columns.
    """

    def transform(self, X: Any, layer: str | None = None) -> Any:
        """Compute the activations of a layer.

        A VAE encodes the grey values themselves, not a random binarisation, so that the activations
        for an image depend on this image only.

        Args:
            X: examples, as for `fit`.
            layer: a layer's name, for example `pool2`. The default is the task's feature layer, for
                a VAE the latent codes: the means of q(z|x). `get_feature_names_out` has the names
                of its columns.

        Returns:
            (n, features) float32, or the data frame that `set_output` selects. The columns of a
            layer that is given by name are `pool2_0`, `pool2_1` and so on.

        Raises:
            NotFittedError: the estimator is not fitted.
            ValueError: X does not fit the examples of `fit`, or there is no such layer; the error
                suggests the nearest name.
        """
        with self._isolated():
            values = self._activations(self._inputs(X), layer)
        if layer is None:
            names = self.get_feature_names_out()
        else:
            names = np.array([f"{layer}_{index}" for index in range(values.shape[1])], object)
        container = getattr(self, "_sklearn_output_config", {}).get("transform")
        return _Columns(values, names).set_output(transform=container).transform(X)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of `transform`'s columns for the default layer: (features,)."""
        raise NotImplementedError

    def _activations(self, inputs: np.ndarray, layer: str | None) -> np.ndarray:
        """The activations of a layer: (n, features) float32."""
        raise NotImplementedError


class _Columns(TransformerMixin, BaseEstimator):
    """Values with given column names, for scikit-learn to put into a container."""

    def __init__(self, values: np.ndarray, names: np.ndarray) -> None:
        self.values = values
        self.names = names

    def transform(self, X: Any) -> np.ndarray:
        return self.values

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        return self.names
