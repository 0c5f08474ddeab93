"""Temperature scaling: one number, fitted on the validation split, that calibrates probabilities.

Source: Guo et al. 2017, "On calibration of modern neural networks".
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor, nn

from glassnet.contract import CLASSES, Calibration, Signature, Split, Task
from glassnet.inference import predict

MIN_EXAMPLES = 200
"""Smallest validation split that a temperature is fitted on; below it, the temperature is 1.

From here on, networks that are not calibrated gain in at least 95 of 100 redraws, and those that
are lose little (`benchmarks/temperature.py`)."""

PRIOR_WEIGHT = 0.5
"""Weight of an average example whose label may be any class, beside the validation examples."""

BOUNDS = (0.02, 50.0)
"""The lowest and the highest temperature."""

TINY = float(np.finfo(np.float32).tiny)
"""Smaller probabilities are replaced by this one, the smallest normal 32-bit float."""


def calibrate(
    task: Task, network: nn.Module, config: Any, signature: Signature, valid: Split
) -> Calibration:
    """Fit the temperature of a classifier on its validation split."""
    inputs = task.tensors(valid, config, signature)[0]
    probabilities = predict.outputs(inputs, partial(task.predict, network))[CLASSES]
    return Calibration(fit(probabilities, valid.labels, valid.weights), len(valid))


def calibrated(outputs: Mapping[str, Tensor], calibration: Calibration) -> Mapping[str, Tensor]:
    """A network's outputs by name, with calibrated probabilities if it is a classifier."""
    if CLASSES not in outputs:
        return outputs
    return {**outputs, CLASSES: scaled(outputs[CLASSES], calibration.temperature)}


def fit(
    probabilities: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray | None = None,
    min_examples: int = MIN_EXAMPLES,
) -> float:
    """Fit the temperature that minimises the negative log-likelihood of the labels.

    Half an example that may be of any class counts as well, as half an event does in Jeffreys'
    prior of a share. Without a mistake among the examples, the likelihood would grow until the
    temperature is 0; and a few of them do not show that the network makes none.

    Args:
        probabilities: (n, classes), uncalibrated.
        labels: (n,) int64.
        weights: (n,) of the examples.
        min_examples: how many examples it takes.

    Returns:
        The temperature, within `BOUNDS`; 1 if there are fewer than `min_examples` examples.

    Example:
        >>> right, wrong = [0.99, 0.01], [0.01, 0.99]  # right four times in five: overconfident
        >>> probabilities = np.array([right, right, right, right, wrong] * 100)
        >>> round(fit(probabilities, np.zeros(500, np.int64)), 2)
        3.32
    """
    from scipy.optimize import brentq

    if len(labels) < min_examples:
        return 1.0
    logs = np.log(np.maximum(probabilities.astype(np.float64), TINY))  # (n, classes)
    weights = np.ones(len(labels)) if weights is None else weights.astype(np.float64)
    weights = weights / weights.mean()
    own = weights @ logs[np.arange(len(labels)), labels] + PRIOR_WEIGHT * logs.mean()

    def slope(inverse: float) -> float:
        """The derivative of the negative log-likelihood by the inverse temperature; it rises."""
        scaled = np.exp(inverse * (logs - logs.max(axis=1, keepdims=True)))
        means = (scaled * logs).sum(axis=1) / scaled.sum(axis=1)
        return float(weights @ means + PRIOR_WEIGHT * means.mean() - own)

    coldest, hottest = BOUNDS
    if slope(1 / coldest) <= 0:
        return coldest
    if slope(1 / hottest) >= 0:
        return hottest
    return float(1 / brentq(slope, 1 / hottest, 1 / coldest, xtol=1e-12))


def scaled(probabilities: Tensor, temperature: float) -> Tensor:
    """Divide the logits of probabilities (B, classes) by a temperature: calibrated probabilities.

    A temperature of 1 returns the probabilities as they are, to the bit.

    Example:
        >>> scaled(Tensor([[0.8, 0.2]]), 2.0)
        tensor([[0.6667, 0.3333]])
    """
    if temperature == 1:
        return probabilities
    return (probabilities.clamp(min=TINY).log() / temperature).softmax(dim=1)
