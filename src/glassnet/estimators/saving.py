"""From a fitted estimator to a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import config
from glassnet.estimators.fitted import Fitted
from glassnet.estimators.pixels import Pixels
from glassnet.export import model_folder

if TYPE_CHECKING:
    from glassnet.estimators.base import NetworkEstimator

LEARNED = ("n_features_in_", "n_iter_", "best_epoch_", "history_", "_n_features_out")
"""Attributes that JSON holds as they are."""

ARRAYS = ("classes_", "feature_names_in_")
"""Attributes that are arrays of labels or names."""

PLAIN = (str, int, float, bool, type(None))

ASKED = {
    "CNNClassifier": ("model.predict(X)  # (n,) labels", "model.predict_proba(X)  # (n, classes)"),
    "LSTMClassifier": ('model.predict(["a text", "another one"])  # (n,) labels',),
    "VAE": ("model.transform(X)  # (n, latent)", "model.sample(64)"),
}
"""How each estimator is asked."""


def save(estimator: NetworkEstimator, fitted: Fitted, folder: Path) -> Path:
    """Write a fitted estimator to a model folder; see `NetworkEstimator.save`."""
    name, told = type(estimator).__name__, fitted.info
    info = {
        **{key: told[key] for key in model_folder.INFO_FIELDS if key in told},
        "config": config.as_dict(fitted.config),
        "command": told["command"],
        "data": {key: told["data"][key] for key in model_folder.DATA_FIELDS},
        "estimator": {
            "class": name,
            "parameters": _parameters(estimator),
            **{key: getattr(estimator, key) for key in LEARNED if hasattr(estimator, key)},
            **_arrays(estimator),
        },
    }
    kind = model_folder.kind_of(fitted.task, fitted.signature)
    model_folder.write(folder, info, fitted.weights, fitted.signature, kind, ASKED[name])
    return folder


def _parameters(estimator: NetworkEstimator) -> dict[str, Any]:
    """What JSON holds of the parameters: no random state, and no place of this machine."""
    held = {}
    for name, value in estimator.get_params(deep=False).items():
        plain = value.item() if isinstance(value, np.generic) else value
        whole = isinstance(plain, list | tuple) and all(isinstance(each, PLAIN) for each in plain)
        held[name] = plain if name != "runs" and (whole or isinstance(plain, PLAIN)) else None
    return held


def _arrays(estimator: NetworkEstimator) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for name in ARRAYS:
        if hasattr(estimator, name):
            values = getattr(estimator, name)
            held[name] = {"type": values.dtype.str, "values": values.tolist()}
    seen: Pixels | None = getattr(estimator, "_pixels", None)
    if seen is not None:
        ends = {"low": seen.low.tolist(), "high": seen.high.tolist()}
        held["pixels"] = {"shape": seen.shape, "rows": seen.rows, "kind": seen.kind, **ends}
    return held
