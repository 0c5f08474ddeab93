"""State of a training: all that changes, which a checkpoint saves and restores."""

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
        network: the plain module, without Fabric's wrapper.
        epoch: number of complete epochs.
        batch: number of batches done in the current epoch.
        step: number of optimizer steps done.
        best_value, best_epoch: the best validation metric, and its epoch (counted from 1; 0 while
            there is none).
        finished: whether training has ended and must not be resumed.
        running: training means of the current epoch.
        outcomes: `StepResult.outcomes` of the current epoch's steps.
        epoch_outcomes: (n, 2) or (n, 1), those of the last complete epoch, by position in the
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
        """The network that is validated and saved: the average of the weights if there is one."""
        return self.network if self.average is None else self.average.module

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        return float(self.optimizer.param_groups[0]["lr"])

    def record_step(self, result: StepResult) -> None:
        """Count an optimizer step: update the average of the weights and the epoch's means."""
        if self.average is not None:
            self.average.update_parameters(self.network)
        self.running.add(result)
        if result.outcomes is not None:
            self.outcomes.append(result.outcomes)
        self.step += 1
        self.batch += 1

    def record_epoch(self, value: float, maximise: bool) -> None:
        """Count an epoch, and store its validation metric if it is the best; NaN never is."""
        self.epoch += 1
        self.batch = 0
        self.running = RunningMeans()
        self.outcomes = []
        best = self.best_value
        if not math.isnan(value) and (best is None or (value > best if maximise else value < best)):
            self.best_value, self.best_epoch = value, self.epoch

    def part(self) -> dict[str, Any]:
        """What each process of a training has of its own, as nested plain values and tensors."""
        return {
            "random_state": seeding.get_random_state(),
            "running_means": self.running.state_dict(),
            "outcomes": torch.cat(self.outcomes).cpu() if self.outcomes else None,
        }

    def state_dict(self, parts: list[dict[str, Any]]) -> dict[str, Any]:
        """The whole state as nested plain values and tensors, with the parts of all processes."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "processes": parts,
            "counters": {name: getattr(self, name) for name in COUNTERS},
        }

    def load_state_dict(self, saved: dict[str, Any], rank: int = 0, world_size: int = 1) -> None:
        """Restore a saved state, including the random state of the process with this rank."""
        if len(saved["processes"]) != world_size:
            raise ValueError(f"{len(saved['processes'])} processes saved it, not {world_size}")
        part = saved["processes"][rank]
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(saved["optimizer"])
        match_memory_format(self.optimizer)
        self.schedule.load_state_dict(saved["schedule"])
        if self.average is not None:
            self.average.load_state_dict(saved["average"])
        self.running.load_state_dict(part["running_means"])
        outcomes, device = part["outcomes"], next(self.network.parameters()).device
        self.outcomes = [] if outcomes is None else [outcomes.to(device)]
        for name in COUNTERS:
            setattr(self, name, saved["counters"][name])
        seeding.set_random_state(part["random_state"])


def match_memory_format(optimizer: torch.optim.Optimizer) -> None:
    """Give loaded moments the memory format of their weights.

    Fused optimizers iterate over both in memory order: with channels-last weights, contiguous
    moments would be paired with the wrong weights.
    """
    for weight, moments in optimizer.state.items():
        for name, moment in moments.items():
            if isinstance(moment, torch.Tensor) and moment.shape == weight.shape:
                moments[name] = torch.empty_like(weight).copy_(moment)
