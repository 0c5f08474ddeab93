"""Everything that training changes, in one place that can be saved and put back."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel

from glassnet import seeding
from glassnet.contract import StepResult
from glassnet.training.metrics import RunningMeans

COUNTERS = ("epoch", "batch", "step", "best_value", "best_epoch", "finished")


@dataclass(eq=False)
class TrainingState:
    """Network, optimizer, schedule, average, random states, and the position in the epoch.

    Attributes:
        network: the bare module, without what runs it on a device.
        epoch: number of whole epochs done.
        batch: number of batches done in the epoch under way.
        step: number of optimizer steps done.
        best_value, best_epoch: the validation value that leads, and the epoch it came from
            (counted from 1; 0 while there is none).
        finished: training has come to its end and is not to be resumed.
        running: the training means of the epoch under way.
        outcomes: `StepResult.outcomes` of its steps.
        epoch_outcomes: (n, 2) or (n, 1), the same of the last complete epoch, by position in the
            training split; None if steps have no outcomes.
    """

    network: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: LambdaLR
    average: AveragedModel | None
    epoch: int = 0
    batch: int = 0
    step: int = 0
    best_value: float | None = None
    best_epoch: int = 0
    finished: bool = False
    running: RunningMeans = field(default_factory=RunningMeans)
    outcomes: list[torch.Tensor] = field(default_factory=list)
    epoch_outcomes: torch.Tensor | None = None

    @property
    def evaluated(self) -> nn.Module:
        """The network that validation sees and `best` keeps: the average where there is one."""
        return self.network if self.average is None else self.average.module

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return float(self.optimizer.param_groups[0]["lr"])

    def step_done(self, result: StepResult) -> None:
        """Count one optimizer step, and note what it gave."""
        self.running.add(result)
        if result.outcomes is not None:
            self.outcomes.append(result.outcomes)
        self.step += 1
        self.batch += 1

    def epoch_done(self, value: float, maximise: bool) -> None:
        """Count one epoch, and remember it if its validation value leads (NaN never does)."""
        self.epoch += 1
        self.batch = 0
        self.running = RunningMeans()
        self.outcomes = []
        best = self.best_value
        if not math.isnan(value) and (best is None or (value > best if maximise else value < best)):
            self.best_value, self.best_epoch = value, self.epoch

    def save(self) -> dict[str, Any]:
        """The whole state as nested plain values and tensors."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "random": seeding.random_state(),
            "running": self.running.state(),
            "outcomes": torch.cat(self.outcomes) if self.outcomes else None,
            "counters": {name: getattr(self, name) for name in COUNTERS},
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Put a saved state back, random states included."""
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(saved["optimizer"])
        lay_out_as_weights(self.optimizer)
        self.schedule.load_state_dict(saved["schedule"])
        if self.average is not None:
            self.average.load_state_dict(saved["average"])
        self.running.restore(saved["running"])
        outcomes, device = saved["outcomes"], next(self.network.parameters()).device
        self.outcomes = [] if outcomes is None else [outcomes.to(device)]
        for name in COUNTERS:
            setattr(self, name, saved["counters"][name])
        seeding.restore(saved["random"])


def lay_out_as_weights(optimizer: torch.optim.Optimizer) -> None:
    """Give loaded moments the memory format of their weights.

    The fused optimizers walk through both in memory order: with channels-last weights, contiguous
    moments would be paired with the wrong ones.
    """
    for weight, moments in optimizer.state.items():
        for name, moment in moments.items():
            if isinstance(moment, torch.Tensor) and moment.shape == weight.shape:
                moments[name] = torch.empty_like(weight).copy_(moment)
