"""Layers as features: an array, or the data frame that `set_output` asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from glassnet.estimators.base import NetworkEstimator


class LayerTransformer(NetworkEstimator):
    """A network whose layers can be had as features.

    scikit-learn puts an estimator's own column names on all that its `transform` gives, while a
    layer asked for by name has columns of its own. It does so in classes below its mixin for
    transformers; this one is not, and lets `_Columns` name them.
    """

    def transform(self, X: Any, layer: str | None = None) -> Any:
        """What a layer of the network makes of examples.

        A generator of images is shown the grey itself, not a draw of black and white, so that what
        it makes of an image depends on that image alone.

        Args:
            X: examples, as for `fit`.
            layer: a module's name, as `pool2`. By default the one that examples are compared by, a
                VAE's codes: the means of q(z|x). Its columns `get_feature_names_out` names.

        Returns:
            (n, features) float32; after `set_output`, a data frame of the kind that was set. The
            columns of a layer asked for by name are `pool2_0`, `pool2_1` and so on.

        Raises:
            NotFittedError: nothing has been learned yet.
            ValueError: X does not fit, or there is no such layer; the nearest is suggested.
        """
        with self._at_work():
            values = self._features(self._asked(X), layer)
        if layer is None:
            names = self.get_feature_names_out()
        else:
            names = np.array([f"{layer}_{place}" for place in range(values.shape[1])], object)
        container = getattr(self, "_sklearn_output_config", {}).get("transform")
        return _Columns(values, names).set_output(transform=container).transform(X)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """(features,) the names of the columns that `transform` gives without a layer's name."""
        raise NotImplementedError

    def _features(self, examples: np.ndarray, layer: str | None) -> np.ndarray:
        """(n, features) float32 of a layer."""
        raise NotImplementedError


class _Columns(TransformerMixin, BaseEstimator):
    """Values under names of their own, in the container that is set."""

    def __init__(self, values: np.ndarray, names: np.ndarray) -> None:
        self.values = values
        self.names = names

    def transform(self, X: Any) -> np.ndarray:
        return self.values

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        return self.names
