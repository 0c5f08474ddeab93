"""Control networks: a run's network untrained, or trained on shuffled labels or pixels.

A classifier's control learns labels that are shuffled among the images. A generator learns no
labels; its control learns images in which each pixel is permuted across images: the marginals stay,
the structure goes.

What they show as well as the trained network is due to the architecture, not to learning (Zhang et
al. 2017, "Understanding deep learning requires rethinking generalization"; Saxe et al. 2011, "On
random weights and unsupervised feature learning").
"""

from __future__ import annotations

import dataclasses
import math
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from glassnet import progress, seeding
from glassnet.contract import CONTROL_NETWORKS, Family, Modality, Signature, Split, Splits, Task
from glassnet.errors import RunError, TrainingError
from glassnet.runs import checkpoint
from glassnet.training.hooks import StepProgress
from glassnet.training.loop import Trainer, check_processes
from glassnet.training.setup import build_initialised, open_fabric
from glassnet.training.threads import threads_for

if TYPE_CHECKING:
    from lightning_fabric import Fabric


Weights = dict[str, Tensor]

UNTRAINED, SHUFFLED_LABELS, SHUFFLED_PIXELS = CONTROL_NETWORKS

LABELS_MAX_EXAMPLES, LABELS_MAX_EPOCHS = 1_000, 40
"""Examples with shuffled labels, and epochs on them. Shuffled labels are memorised by repetition
alone: the default classifier memorised 65 % of 1,000 digits in 40 epochs, but 14 % of 10,000 in 8
epochs, at three times the cost."""

PIXELS_MAX_EXAMPLES = 5_000
"""Images with shuffled pixels, for as many epochs as the run."""

COST_DIVISOR = 5
"""A control network sees at most a fifth of the examples that the run saw."""

MIN_EXAMPLES_SEEN = 5_000
"""Examples that it may see in any case, about a second of training."""


def training_size(n_examples: int, epochs: int, shuffled_labels: bool) -> tuple[int, int]:
    """Number of examples and of epochs for a control network.

    Args:
        n_examples, epochs: those of the run.
        shuffled_labels: whether it learns shuffled labels, else shuffled pixels.

    Example:
        >>> training_size(55_000, 8, shuffled_labels=True)
        (1000, 40)
        >>> training_size(8_798, 6, shuffled_labels=True)
        (1000, 10)
        >>> training_size(55_000, 6, shuffled_labels=False)
        (5000, 6)
    """
    budget = max(MIN_EXAMPLES_SEEN, n_examples * epochs // COST_DIVISOR)
    n = min(n_examples, LABELS_MAX_EXAMPLES if shuffled_labels else PIXELS_MAX_EXAMPLES)
    return n, max(1, min(LABELS_MAX_EPOCHS if shuffled_labels else epochs, budget // n))


def load_or_train(
    name: str, task: Task, config: Any, splits: Splits, signature: Signature, path: Path
) -> Weights | None:
    """Weights of one of `CONTROL_NETWORKS`; None if the task has no such control.

    A shuffled one is trained once, and saved. Pretraining is left out: it has no labels to shuffle.

    Args:
        path: the checkpoint of a trained one.

    Raises:
        TrainingError: its training diverged.
    """
    if name == UNTRAINED:
        return untrained(task, config, splits, signature)
    if name != shuffled_control(task):
        return None
    try:
        return checkpoint.load(path)["network"]
    except RunError:  # missing or damaged
        state = _fit_shuffled(task, config, splits, signature)
    checkpoint.save(path, state)
    return state["network"]


def shuffled_control(task: Task) -> str | None:
    """Which of `CONTROL_NETWORKS` the task trains on shuffled data; None for text generators."""
    if task.family == Family.CLASSIFIER:
        return SHUFFLED_LABELS
    return SHUFFLED_PIXELS if task.modality == Modality.IMAGES else None


def untrained(task: Task, config: Any, splits: Splits, signature: Signature) -> Weights:
    """The run's initial weights, recomputed from its seed."""
    with seeding.fork_rng(), _open_fabric(task, config, splits, signature) as fabric:
        network = build_initialised(fabric, task, config, signature)
        others = splits.unlabelled
        unlabelled = () if others is None else task.tensors(others, config, signature)
        task.prepare(network, task.tensors(splits.train, config, signature), unlabelled)
    return network.state_dict()


def _fit_shuffled(task: Task, config: Any, splits: Splits, signature: Signature) -> dict[str, Any]:
    name = shuffled_control(task)
    n, epochs = training_size(len(splits.train), config.epochs, name == SHUFFLED_LABELS)
    rng = np.random.default_rng(config.seed)
    positions = np.sort(rng.choice(len(splits.train), n, replace=False))
    data = dataclasses.replace(
        splits,
        train=shuffled(splits.train.take(positions), name, rng),
        valid=shuffled(splits.valid.take(np.arange(1)), name, rng),
        unlabelled=None,
    )
    config = dataclasses.replace(config, epochs=epochs, processes=1, patience=0)
    steps = epochs * -(-n // config.batch_size)
    with (
        seeding.fork_rng(),
        progress.stage(f"control network with {name}", steps, "steps") as advance,
        _open_fabric(task, config, data, signature) as fabric,
    ):
        check_processes(fabric, config, data)
        trainer = Trainer(fabric, task, config, data, signature)
        trainer.hooks = [StepProgress(advance)]
        trainer.start()
        weights = _last_weights(trainer)
    if not all(values.isfinite().all() for values in weights.values()):
        raise TrainingError(
            f"the weights of the network trained on {name} are not finite",
            "lower --learning-rate",
        )
    return {"network": weights, "examples": n, "epochs": epochs, "seed": config.seed}


def _last_weights(trainer: Trainer) -> Weights:
    """Train all epochs without validation, which cannot select any weights among shuffled data."""
    state = trainer.state
    while not state.finished:
        trainer.train_epoch()
        state.finished = state.epoch + 1 == trainer.config.epochs
        if state.finished:
            trainer.settle()
        state.record_epoch(math.nan, maximise=True)
    return {name: values.cpu().clone() for name, values in state.evaluated.state_dict().items()}


def shuffled(split: Split, name: str | None, rng: np.random.Generator) -> Split:
    """Permute the labels among the examples, or each pixel across the images.

    Example:
        >>> split = Split(np.arange(6).reshape(3, 2), np.array([0, 1, 1]), np.arange(3))
        >>> pixels = shuffled(split, SHUFFLED_PIXELS, np.random.default_rng(0)).inputs
        >>> np.sort(pixels, axis=0).tolist()
        [[0, 1], [2, 3], [4, 5]]
    """
    if name == SHUFFLED_LABELS:
        return dataclasses.replace(split, labels=rng.permutation(split.labels))
    return dataclasses.replace(split, inputs=rng.permuted(split.inputs, axis=0))


def _open_fabric(
    task: Task, config: Any, splits: Splits, signature: Signature
) -> AbstractContextManager[Fabric]:
    alone = dataclasses.replace(config, processes=1)
    n_threads = threads_for(task, alone, splits, signature)
    return open_fabric(dataclasses.replace(alone, threads=n_threads))
