"""From a model folder to the fitted estimator that was saved in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet import config, tasks
from glassnet.contract import Signature
from glassnet.errors import RunError, UserError
from glassnet.estimators import images, texts
from glassnet.estimators.base import NetworkEstimator
from glassnet.estimators.fitted import Fitted
from glassnet.estimators.pixels import Pixels
from glassnet.estimators.saving import ARRAYS, LEARNED
from glassnet.runs import model_folder

CLASSES: dict[str, type[NetworkEstimator]] = {
    kind.__name__: kind for kind in (images.CNNClassifier, images.VAE, texts.LSTMClassifier)
}


def load(folder: model_folder.ModelFolder) -> NetworkEstimator:
    """Read a fitted estimator back.

    Raises:
        RunError: a file is missing or damaged.
    """
    try:
        return _loaded(folder)
    except UserError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        where = folder.path / model_folder.CONFIG
        told = f"{where}: the estimator in it is damaged ({error})"
        raise RunError(told, model_folder.RESTORE) from None


def _loaded(folder: model_folder.ModelFolder) -> NetworkEstimator:
    info, held = folder.info, folder.info["estimator"]
    parameters: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in held["parameters"].items()
    }
    estimator = CLASSES[held["class"]](**parameters)
    kind, data = tasks.config_type(info["task"]), info["data"]
    where = str(folder.path / model_folder.CONFIG)
    estimator._fitted = Fitted(
        name=info["task"],
        config=kind(**config.checked(kind, info["config"], where)),
        signature=Signature(
            tuple(data["input_shape"]),
            tuple(data["class_names"]),
            folder.read_vocabulary(),
            data["n_words"],
        ),
        weights=folder.weights(folder.best),
        epochs=held["n_iter_"],
        info=info,
    )
    _ = estimator._fitted.network  # refuses weights that do not fit
    for key in LEARNED:
        if key in held:
            setattr(estimator, key, held[key])
    for key in ARRAYS:
        if key in held:
            setattr(estimator, key, np.array(held[key]["values"], dtype=held[key]["type"]))
    if isinstance(estimator, images.TakesImages):
        seen = held["pixels"]
        low, high = (np.array(seen[end], np.float64) for end in ("low", "high"))
        estimator._restore(Pixels(tuple(seen["shape"]), seen["rows"], seen["kind"], low, high))
    return estimator
