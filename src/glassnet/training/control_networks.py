"""Twins: networks of a run's build that did not learn its task, untrained or on shuffled data.

A network that names classes has a twin that learned labels drawn from a hat. A generator learns no
labels; its twin learned images each of whose pixels was drawn from what that pixel is in all of
them: one by one the pixels are as they were, together they are noise.

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
from glassnet.contract import CLASSES, CONTROL_NETWORKS, Signature, Split, Splits, Task
from glassnet.errors import RunError
from glassnet.runs import checkpoint
from glassnet.training.hooks import Hook

if TYPE_CHECKING:
    from glassnet.training.state import TrainingState

Weights = dict[str, Tensor]

HEART, TIMES = 1_000, 40
"""Examples whose shuffled labels are to be known by heart, and how often each is seen at most.
Repetition teaches them: after 40 epochs of 1,000 digits the default classifier knew 65 %, after 8
epochs of 10,000, at three times the cost, 14 %."""

MOST = 5_000
"""Images of noise that a generator's twin learns from, as often as the run saw its own."""

SHARE = 5
"""A twin costs at most this part of the run's own training, by examples seen."""

LEAST = 5_000
"""Examples that it may see in any case: a second of work."""


def effort(examples: int, epochs: int, by_heart: bool) -> tuple[int, int]:
    """How many examples a twin learns from, and for how many epochs.

    Args:
        examples, epochs: those of the run.
        by_heart: whether labels are shuffled, which nothing but repetition teaches.

    Example:
        >>> effort(55_000, 8, by_heart=True)
        (1000, 40)
        >>> effort(8_798, 6, by_heart=True)
        (1000, 10)
        >>> effort(55_000, 6, by_heart=False)
        (5000, 6)
    """
    budget = max(LEAST, examples * epochs // SHARE)
    n = min(examples, HEART if by_heart else MOST)
    return n, max(1, min(TIMES if by_heart else epochs, budget // n))


def weights(
    name: str, task: Task, config: Any, splits: Splits, signature: Signature, path: Path
) -> Weights | None:
    """The weights of one of `CONTROL_NETWORKS`; None where the task has no such twin.

    Args:
        path: where those of a trained one are kept.
    """
    if name == CONTROL_NETWORKS[0]:
        return untrained(task, config, splits, signature)
    if name == shuffled_kind(task):
        return shuffled(task, config, splits, signature, path)
    return None


def shuffled_kind(task: Task) -> str | None:
    """Which of `CONTROL_NETWORKS` learned shuffled data; None for a generator of texts."""
    if CLASSES in task.outputs:
        return CONTROL_NETWORKS[1]
    return CONTROL_NETWORKS[2] if task.padding is None else None


def shuffled(task: Task, config: Any, splits: Splits, signature: Signature, path: Path) -> Weights:
    """The weights of a network that learned the same data, shuffled as `shuffled_kind` says.

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
    from glassnet.training import in_memory

    kind = shuffled_kind(task)
    n, epochs = effort(len(splits.train), config.epochs, by_heart=kind == CONTROL_NETWORKS[1])
    random = np.random.default_rng(config.seed)
    drawn = np.sort(random.choice(len(splits.train), n, replace=False))
    blind = dataclasses.replace(
        splits,
        train=_shuffled(splits.train.take(drawn), kind, random),
        valid=_shuffled(splits.valid.take(np.arange(1)), kind, random),
    )
    config = dataclasses.replace(config, epochs=epochs, processes=1, patience=0)
    steps = epochs * -(-n // config.batch_size)
    with (
        seeding.untouched(),
        progress.stage(f"twin with {kind}", steps, "steps") as advance,
    ):
        last = Last(advance)
        in_memory.learn_from(_fabric(config), task, config, blind, signature, {}, [last])
    return {"network": last.weights, "examples": n, "epochs": epochs, "seed": config.seed}


def _shuffled(split: Split, kind: str | None, random: np.random.Generator) -> Split:
    if kind == CONTROL_NETWORKS[1]:
        return dataclasses.replace(split, labels=random.permutation(split.labels))
    return dataclasses.replace(split, inputs=random.permuted(split.inputs, axis=0))


def _fabric(config: TrainingConfig) -> Any:
    from glassnet.training.train import open_fabric

    return open_fabric(dataclasses.replace(config, processes=1))


@dataclass
class Last(Hook):
    """Keeps the weights of the last epoch: validation chooses nothing among shuffled data."""

    advance: progress.Advance
    weights: Weights = field(default_factory=dict)

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        self.advance()

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        self.weights = {name: w.cpu().clone() for name, w in state.evaluated.state_dict().items()}
