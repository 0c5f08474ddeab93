"""Cross-validation: probabilities of the training examples by networks that did not see them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from glassnet import progress, seeding
from glassnet.contract import CLASSES, Signature, Splits, Task
from glassnet.inference import predict, temperature
from glassnet.stats.folds import Fold
from glassnet.training import in_memory
from glassnet.training.hooks import Hook
from glassnet.training.setup import open_fabric
from glassnet.training.state import TrainingState


def out_of_fold_probabilities(
    task: Task,
    config: Any,
    splits: Splits,
    signature: Signature,
    folds: Sequence[Fold],
    initial: Mapping[str, Tensor] | None = None,
) -> np.ndarray:
    """Train a network without each fold of the training split, and let it predict that fold.

    The networks are trained like the run's, and calibrated on its validation split as well.

    Args:
        folds: of the training split.
        initial: weights of the run's pretraining, which knows no labels.

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
        for others, held_out in folds:
            part = replace(splits, train=train.take(others))
            with open_fabric(config) as fabric:
                fitted = in_memory.fit(
                    fabric, task, config, part, signature, [_Steps(advance)], initial
                )
            network = predict.build_network(task, config, signature, fitted.weights, "the fold")
            inputs = task.tensors(train.take(held_out), config, signature)[0]
            with progress.silenced():
                outputs = predict.outputs(inputs, partial(task.predict, network))[CLASSES]
            scaled = temperature.scaled(torch.from_numpy(outputs), fitted.calibration.temperature)
            probabilities[held_out] = scaled.numpy()
    return probabilities


class _Steps(Hook):
    """Advances a progress line with every step."""

    def __init__(self, advance: progress.Advance) -> None:
        self.advance = advance

    def after_step(self, state: TrainingState) -> None:
        self.advance()
