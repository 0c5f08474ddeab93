"""Estimate of how long `explain` will take for a run, from its own times and sizes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glassnet.contract.families import Modality

if TYPE_CHECKING:
    from glassnet.contract import ExplainOptions, Task

MAP_SECONDS = 31.1 / 3 / 5_000
"""For one point of the maps of a layer: t-SNE, PCA and their quality. All of these are those of
benchmarks/results/explain-shares.csv, seconds of one thread: several cores take less."""

ANIMATION_SECONDS, ANIMATION_POINTS = 23.1 / 3, 800
"""For the animation of a layer, and the points of that many."""

PROBE_SECONDS = 27.5 / 3
"""For the probes of a layer in all saved epochs."""

LINEAR_EPOCHS = 0.5
"""Epochs of the training that linear models of texts without each fold take as long as: about 0.3
for sentences and 0.6 for reviews."""

CONVOLUTION_SECONDS = 15 / 55_000
"""For a training image of 28 x 28 pixels, and the linear models of random convolutions."""

VIEW_SECONDS = 1.0
"""For a view and its figures."""


def estimate(task: Task, info: Mapping[str, Any], options: ExplainOptions) -> float:
    """Estimate the seconds of `explain` for a run that has no findings and an empty cache.

    Other processes on the machine count.

    Args:
        task: its layers and views.
        info: the run's run.json, with the sizes of its data and the seconds of its training.
        options: the layers, the number of points, and the networks of a cross-validation.
    """
    n_test, n_train = int(info["data"]["test"]), int(info["data"]["train"])
    points, n_layers = min(options.points, n_test), len(options.layers)
    seconds = VIEW_SECONDS * len(task.views)
    seconds += n_layers * points * MAP_SECONDS * len(options.methods) / 2
    if "layer_animation" in task.views:
        seconds += n_layers * ANIMATION_SECONDS * min(1.0, points / ANIMATION_POINTS)
    if "probe_map" in task.views:
        seconds += n_layers * PROBE_SECONDS * min(1.0, n_test / 5_000)
    if "label_issues" in task.views:
        seconds += _out_of_sample(task, info, options)
    return (seconds + _control_network(info, n_train)) * _load()


def _out_of_sample(task: Task, info: Mapping[str, Any], options: ExplainOptions) -> float:
    """The models that predict the training examples which they were trained without."""
    from glassnet.insight.views.label_issues import N_FOLDS, short_epochs

    seconds, epochs = _training(info)
    if options.cross_validation:
        return seconds * (N_FOLDS - 1)  # each of these networks learns from all folds but one
    if task.modality == Modality.TEXTS:
        return seconds / epochs * LINEAR_EPOCHS
    linear = CONVOLUTION_SECONDS * int(info["data"]["train"])
    return linear + seconds / epochs * short_epochs(epochs)  # two networks, half of the images each


def _training(info: Mapping[str, Any]) -> tuple[float, int]:
    """Seconds and epochs of the training."""
    return float(info.get("seconds", {}).get("train", 0.0)), max(1, int(info.get("epochs_done", 1)))


def _load() -> float:
    """How many processes share a core, at least 1."""
    try:
        return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    except (OSError, AttributeError):  # not on every system
        return 1.0


def _control_network(info: Mapping[str, Any], n_train: int) -> float:
    """The share of the training that training a control network repeats."""
    from glassnet.training.control_networks import training_size  # imports torch

    seconds, epochs = _training(info)
    n, control_epochs = training_size(n_train, epochs, shuffled_labels=True)
    return seconds * n * control_epochs / max(1, n_train * epochs)


def in_words(seconds: float) -> str:
    """Write an estimated duration, rounded.

    Example:
        >>> in_words(38), in_words(200), in_words(4)
        ('about 40 s', 'about 3 min', 'about 10 s')
    """
    if seconds < 95:
        return f"about {max(10, 10 * round(seconds / 10))} s"
    return f"about {round(seconds / 60)} min"
