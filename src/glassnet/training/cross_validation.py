"""Cross-validation: probabilities of the training examples by networks that did not see them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from glassnet import progress, seeding
from glassnet.contract import CLASSES, Signature, Splits, Task
from glassnet.errors import RunError
from glassnet.inference import predict, temperature
from glassnet.runs import checkpoint
from glassnet.stats.folds import Fold
from glassnet.training import in_memory
from glassnet.training.hooks import Hook, StepProgress
from glassnet.training.setup import open_fabric


def out_of_fold_probabilities(
    task: Task,
    config: Any,
    splits: Splits,
    signature: Signature,
    folds: Sequence[Fold],
    initial: Mapping[str, Tensor] | None = None,
    paths: Sequence[Path] = (),
) -> np.ndarray:
    """Train a network without each fold of the training split, and let it predict that fold.

    The networks are trained like the run's, and calibrated on its validation split as well.

    Args:
        folds: of the training split.
        initial: weights of the run's pretraining, which knows no labels.
        paths: where the network of each fold is stored, or was; without them none is.

    Returns:
        (n, classes) float32, in the order of the training split.

    Raises:
        TrainingError: a training diverged.
    """
    train = splits.train
    config = replace(config, processes=1)
    steps = sum(-(-len(others) // config.batch_size) for others, _ in folds)
    probabilities = np.empty((len(train), len(splits.class_names)), np.float32)
    with (
        seeding.fork_rng(),
        progress.stage("cross-validation", config.epochs * steps, "steps") as advance,
    ):
        for (others, held_out), path in zip_longest(folds, paths):
            part = replace(splits, train=train.take(others))
            state = _stored(path)
            if state is None:
                state = _fit(task, config, part, signature, initial, [StepProgress(advance)])
                if path is not None:
                    checkpoint.save(path, state)
            network = predict.build_network(
                task, config, signature, state["network"], path or "the fold"
            )
            inputs = task.tensors(train.take(held_out), config, signature)[0]
            with progress.silenced():
                outputs = predict.outputs(inputs, partial(task.predict, network))[CLASSES]
            scaled = temperature.scaled(torch.from_numpy(outputs), state["temperature"])
            probabilities[held_out] = scaled.numpy()
    return probabilities


def _stored(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        return checkpoint.load(path)
    except RunError:  # missing or damaged
        return None


def _fit(
    task: Task,
    config: Any,
    splits: Splits,
    signature: Signature,
    initial: Mapping[str, Tensor] | None,
    hooks: Sequence[Hook],
) -> dict[str, Any]:
    """A network in half precision and its temperature, which `checkpoint` can store."""
    with open_fabric(config) as fabric:
        fitted = in_memory.fit(fabric, task, config, splits, signature, hooks, initial)
    weights = checkpoint.in_half_precision(fitted.weights)
    return {"network": weights, "temperature": fitted.calibration.temperature}
