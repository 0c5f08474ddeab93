"""Saving a fitted estimator to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import config
from glassnet.estimators.fitted import Fitted
from glassnet.estimators.pixels import PixelScaler
from glassnet.export import model_folder

if TYPE_CHECKING:
    from glassnet.estimators.base import NetworkEstimator

ATTRIBUTES = ("n_features_in_", "n_iter_", "best_epoch_", "history_", "_n_features_out")
"""Fitted attributes that are saved as JSON values."""

ARRAYS = ("classes_", "feature_names_in_")
"""Fitted attributes that are arrays of labels or names."""

JSON_TYPES = (str, int, float, bool, type(None))

USAGE = {
    "CNNClassifier": ("model.predict(X)  # (n,) labels", "model.predict_proba(X)  # (n, classes)"),
    "LSTMClassifier": ('model.predict(["a text", "another one"])  # (n,) labels',),
    "VAE": ("model.transform(X)  # (n, latent_dim)", "model.sample(64)"),
}
"""Usage examples for the model card of each estimator."""


def save(estimator: NetworkEstimator, fitted: Fitted, folder: Path) -> Path:
    """Save a fitted estimator to a model folder; see `NetworkEstimator.save`."""
    name, info = type(estimator).__name__, fitted.info
    content = {
        **{key: info[key] for key in model_folder.INFO_FIELDS if key in info},
        "config": config.as_dict(fitted.config),
        "command": info["command"],
        "data": {key: info["data"][key] for key in model_folder.DATA_FIELDS},
        "estimator": {
            "class": name,
            "parameters": {  # random states and paths of this machine become None
                name: _json_value(value) if name != "runs" else None
                for name, value in estimator.get_params(deep=False).items()
            },
            **{key: getattr(estimator, key) for key in ATTRIBUTES if hasattr(estimator, key)},
            **_arrays(estimator),
        },
    }
    kind = model_folder.kind_of(fitted.task)
    model_folder.write(folder, content, fitted.weights, fitted.signature, kind, USAGE[name])
    return folder


def _json_value(value: Any) -> Any:
    """A parameter as a JSON value; None if JSON cannot represent it.

    A dict becomes the list of its items, as the keys of JSON objects are texts.
    """
    if isinstance(value, dict):
        items = [(_json_value(key), _json_value(each)) for key, each in value.items()]
        return {"items": items} if all(None not in item for item in items) else None
    plain = value.item() if isinstance(value, np.generic) else value
    values = plain if isinstance(plain, list | tuple) else [plain]
    return plain if all(isinstance(item, JSON_TYPES) for item in values) else None


def _arrays(estimator: NetworkEstimator) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for name in ARRAYS:
        if hasattr(estimator, name):
            values = getattr(estimator, name)
            arrays[name] = {"type": values.dtype.str, "values": values.tolist()}
    scaler: PixelScaler | None = getattr(estimator, "_scaler", None)
    if scaler is not None:
        arrays["pixels"] = {
            "shape": scaler.shape,
            "flat": scaler.flat,
            "dtype": scaler.dtype,
            "low": scaler.low.tolist(),
            "high": scaler.high.tolist(),
        }
    return arrays
