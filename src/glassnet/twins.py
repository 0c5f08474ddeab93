"""Twins: networks of a run's build that did not learn its task, untrained or on shuffled labels.

What they show as well as the trained network does is architecture, not learning (Zhang et al. 2017,
"Understanding deep learning requires rethinking generalization"; Saxe et al. 2011, "On random
weights and unsupervised feature learning").
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from glassnet import progress, seeding
from glassnet.config import TrainingConfig
from glassnet.contract import Signature, Split, Splits, Task
from glassnet.errors import RunError
from glassnet.runs import checkpoint
from glassnet.training.hooks import Hook

if TYPE_CHECKING:
    from glassnet.training.state import TrainingState

Weights = dict[str, Tensor]

MOST = 10_000
"""Training examples of a twin. Fewer are known by heart sooner, which is all that it can learn."""

SHARE = 5
"""A twin costs at most this part of the run's own training, by examples seen."""

LEAST = 20_000
"""Examples that it may see in any case: seconds of work."""


def effort(examples: int, epochs: int) -> tuple[int, int]:
    """How many examples a twin learns from, and for how many epochs.

    Example:
        >>> effort(55_000, 8)
        (10000, 8)
        >>> effort(22_917, 6)
        (10000, 2)
        >>> effort(300, 8)
        (300, 8)
    """
    budget = max(LEAST, examples * epochs // SHARE)
    n = min(examples, MOST, budget)
    return n, max(1, min(epochs, budget // n))


def shuffled(task: Task, config: Any, splits: Splits, signature: Signature, path: Path) -> Weights:
    """The weights of a network that learned the same inputs under labels drawn from a hat.

    It is trained once, and kept; what it is trained on and for how long, `effort` says. What the
    task would have learned before (a language model) is left out: it has no labels to shuffle.

    Args:
        path: where it is kept.
    """
    try:
        return checkpoint.load(path)["network"]
    except RunError:  # not there yet, or damaged
        state = _trained(task, config, splits, signature)
    checkpoint.save(path, state)
    return state["network"]


def untrained(task: Task, config: Any, splits: Splits, signature: Signature) -> Weights:
    """The weights with which the run's training began, made again from its seed."""
    from glassnet.training.train import same_start

    with seeding.untouched():
        fabric = _fabric(config)
        network = same_start(fabric, task, config, signature)
        task.prepare(network, task.tensors(splits.train, config, signature))
    return network.state_dict()


def _trained(task: Task, config: Any, splits: Splits, signature: Signature) -> dict[str, Any]:
    from glassnet.training import memory

    n, epochs = effort(len(splits.train), config.epochs)
    random = np.random.default_rng(config.seed)
    drawn = np.sort(random.choice(len(splits.train), n, replace=False))
    blind = dataclasses.replace(
        splits,
        train=_shuffled(splits.train.take(drawn), random),
        valid=_shuffled(splits.valid.take(np.arange(1)), random),
    )
    config = dataclasses.replace(config, epochs=epochs, processes=1, patience=0)
    steps = epochs * -(-n // config.batch_size)
    with (
        seeding.untouched(),
        progress.stage("twin with shuffled labels", steps, "steps") as advance,
    ):
        last = Last(advance)
        memory.learn_from(_fabric(config), task, config, blind, signature, {}, [last])
    return {"network": last.weights, "examples": n, "epochs": epochs, "seed": config.seed}


def _shuffled(split: Split, random: np.random.Generator) -> Split:
    return dataclasses.replace(split, labels=random.permutation(split.labels))


def _fabric(config: TrainingConfig) -> Any:
    from glassnet.training.train import open_fabric

    return open_fabric(dataclasses.replace(config, processes=1))


@dataclass
class Last(Hook):
    """Keeps the weights of the last epoch: validation chooses nothing among shuffled labels."""

    advance: progress.Advance
    weights: Weights = field(default_factory=dict)

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        self.advance()

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        self.weights = {name: w.cpu().clone() for name, w in state.evaluated.state_dict().items()}
