"""Loading a fitted estimator from a model folder."""

from typing import Any

import numpy as np

from glassnet import config, tasks
from glassnet.contract import Signature
from glassnet.errors import RunError, UserError
from glassnet.estimators import images, texts
from glassnet.estimators.base import NetworkEstimator
from glassnet.estimators.fitted import Fitted
from glassnet.estimators.pixels import PixelScaler
from glassnet.estimators.saving import ARRAYS, ATTRIBUTES
from glassnet.runs import model_folder

CLASSES: dict[str, type[NetworkEstimator]] = {
    cls.__name__: cls for cls in (images.CNNClassifier, images.VAE, texts.LSTMClassifier)
}


def load(folder: model_folder.ModelFolder) -> NetworkEstimator:
    """Load a fitted estimator.

    Raises:
        RunError: a file is missing or damaged.
    """
    try:
        return _load(folder)
    except UserError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        path = folder.path / model_folder.CONFIG
        raise RunError(
            f"the estimator in it is damaged ({error})", model_folder.RESTORE, path
        ) from None


def _load(folder: model_folder.ModelFolder) -> NetworkEstimator:
    saved = folder.info["estimator"]
    parameters: dict[str, Any] = {
        name: _parameter(value) for name, value in saved["parameters"].items()
    }
    estimator = CLASSES[saved["class"]](**parameters)
    estimator._fitted = _load_network(folder, saved["n_iter_"])
    for key in ATTRIBUTES:
        if key in saved:
            setattr(estimator, key, saved[key])
    for key in ARRAYS:
        if key in saved:
            setattr(estimator, key, np.array(saved[key]["values"], dtype=saved[key]["type"]))
    if isinstance(estimator, images.ImageEstimator):
        pixels = saved["pixels"]
        low, high = (np.array(pixels[end], np.float64) for end in ("low", "high"))
        scaler = PixelScaler(tuple(pixels["shape"]), pixels["flat"], pixels["dtype"], low, high)
        estimator._scaler, estimator._shape = scaler, scaler.shape
    return estimator


def _parameter(value: Any) -> Any:
    """A parameter from its JSON value."""
    if isinstance(value, dict):
        return dict(map(tuple, value["items"]))
    return tuple(value) if isinstance(value, list) else value


def _load_network(folder: model_folder.ModelFolder, epochs: int) -> Fitted:
    info = folder.info
    config_type = tasks.config_type(info["task"])
    path = str(folder.path / model_folder.CONFIG)
    fitted = Fitted(
        task_name=info["task"],
        config=config_type(**config.checked(config_type, info["config"], path)),
        signature=Signature.from_description(info["data"], folder.read_vocabulary()),
        weights=folder.weights(folder.best),
        epochs=epochs,
        info=info,
    )
    _ = fitted.network  # raises if the weights do not fit
    return fitted
