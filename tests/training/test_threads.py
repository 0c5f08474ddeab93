"""Threads of a training: one where steps are small, whatever the machine does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import glassnet as gn
from glassnet import parallel, tasks
from glassnet.config import TrainingConfig
from glassnet.contract import Learner, Signature, Split, Splits, StepResult
from glassnet.data.texts.strings import string_array
from glassnet.training.hooks import Hook
from glassnet.training.state import TrainingState
from glassnet.training.threads import MIN_PARALLEL_OPERATIONS, operations_per_step, threads_for


class Layers(nn.Module):
    """Every kind of layer whose operations are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.transposed = nn.ConvTranspose2d(4, 1, 2, stride=2)
        self.lstm = nn.LSTM(6, 5, batch_first=True)
        self.linear = nn.Linear(5, 3)

    def forward(self, images: Tensor) -> Tensor:
        return self.linear(self.lstm(self.transposed(self.norm(self.conv(images)))[:, 0])[0])


class Learned(Learner):
    metrics = ()

    def build(self, config: Any, signature: Signature) -> nn.Module:
        return Layers()

    def tensors(self, split: Split, config: Any, signature: Signature) -> tuple[Tensor, ...]:
        return (torch.from_numpy(split.inputs),)

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Any, epoch: float
    ) -> StepResult:
        return StepResult(network(batch[0]).mean(), {}, len(batch[0]))


def splits_of(inputs: np.ndarray) -> Splits:
    n = len(inputs)
    split = Split(inputs, np.arange(n) % 2, np.arange(n))
    return Splits("made", split, split, split, ("a", "b"), "")


@pytest.mark.parametrize(("n", "is_small"), [(3, False), (30, False), (30, True)])
def test_operations_are_those_of_every_layer_times_the_batch(
    n: int, is_small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Less those of recurrent layers with small time steps, which one thread computes faster."""
    in_a_time_step = 7 * 4 * 5 * 5
    monkeypatch.setattr(parallel, "MIN_RECURRENT_OPERATIONS", in_a_time_step + is_small)
    splits = splits_of(np.zeros((n, 2, 6, 6), np.float32))
    convolution = 4 * 3 * 3 * (2 * 3 * 3)  # every output value is a sum over 2 x 3 x 3 inputs
    transposed = 4 * 3 * 3 * (2 * 2)  # every input value goes into 2 x 2 outputs
    lstm = 6 * 4 * 5 * (6 + 5)  # six words, four gates
    linear = 6 * 5 * 3
    config = TrainingConfig(batch_size=7)
    found = operations_per_step(Learned(), config, splits, Signature((2, 6, 6), ()))
    assert found == 7 * (convolution + transposed + (0 if is_small else lstm) + linear)


def images(side: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (20, side, side), np.uint8)


TEXTS = string_array(["a good film with words " * 4, "a bad film without any " * 4] * 10)


@pytest.mark.parametrize(
    ("task", "preset", "inputs", "is_parallel"),
    [
        *(("cnn", preset, images(28), True) for preset in ("default", "paper")),
        *(("vae", preset, images(28), True) for preset in ("default", "perceptron")),
        *(("lstm", preset, TEXTS, False) for preset in ("default", "plain", "pretrained")),
        *(("cnn", "default", images(8), False), ("vae", "default", images(8), False)),
    ],
)
def test_presets_train_in_parallel_unless_images_or_lstms_are_small(
    task: str, preset: str, inputs: np.ndarray, is_parallel: bool
) -> None:
    family, config, splits = tasks.load(task), tasks.preset(task, preset), splits_of(inputs)
    signature = family.signature(splits, config)
    before = torch.get_rng_state()
    operations = operations_per_step(family, config, splits, signature)
    assert torch.equal(torch.get_rng_state(), before)
    assert (operations >= MIN_PARALLEL_OPERATIONS) is is_parallel
    for threads in (0, 3):
        chosen = threads_for(family, replace(config, threads=threads), splits, signature)
        assert chosen == (threads or (parallel.n_threads() if is_parallel else 1))


def test_a_run_trains_in_the_threads_that_run_json_names(digits: str, tmp_path: Path) -> None:
    class Threads(Hook):
        used: ClassVar[set[int]] = set()

        def after_step(self, state: TrainingState) -> None:
            self.used.add(torch.get_num_threads())

    before = torch.get_num_threads()
    options: dict[str, Any] = {"epochs": 1, "channels": (4, 8, 8), "device": "cpu"}
    run = gn.train("cnn", data=digits, runs=tmp_path, evaluate=False, hooks=[Threads()], **options)
    assert Threads.used == {run.run.info["hardware"]["threads"]} == {1}
    assert torch.get_num_threads() == before
    assert run.model.config.threads == 0, "another machine may have more"
