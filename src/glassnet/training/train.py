"""From a configuration and data to a trained run: what stands around the loop."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from glassnet import parallel, seeding
from glassnet.config import TrainingConfig
from glassnet.contract import Learner, Signature, Splits
from glassnet.data.batches import Batches
from glassnet.errors import ConfigError, GlassnetError, Interrupted, RunError
from glassnet.runs import checkpoint, metrics_log, training_dynamics
from glassnet.runs.folder import Run
from glassnet.training.hooks import Hook, StopOnInterrupt, Stopped
from glassnet.training.loop import fit
from glassnet.training.optim import make_average, make_optimizer, make_schedule
from glassnet.training.progress_display import Display
from glassnet.training.state import TrainingState


def open_fabric(config: TrainingConfig) -> Fabric:
    """Set up device, precision and processes; with several, each goes on from here.

    Raises:
        ConfigError: there is no such device here.
    """
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # our lines say it all
    torch.set_num_threads(config.threads or max(1, parallel.n_threads() // config.processes))
    try:
        fabric = Fabric(
            accelerator=config.device,
            devices=config.processes,
            strategy="ddp" if config.processes > 1 else "auto",
            precision="bf16-mixed" if precision(config) == "bf16" else "32-true",
        )
        fabric.launch()
    except (ValueError, RuntimeError, ImportError) as error:
        reason = str(error).splitlines()[0].split(". ")[0]
        raise ConfigError(
            f"device {config.device!r} with {config.processes} processes: {reason}",
            "try --device cpu, or auto",
        ) from error
    return fabric


def precision(config: TrainingConfig) -> str:
    """`32` or `bf16`: what `auto` comes to on this machine."""
    if config.precision != "auto":
        return config.precision
    if config.device == "cpu" or not torch.accelerator.is_available():
        return "bf16" if torch.cpu.get_capabilities().get("avx512_bf16") else "32"
    return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported(False) else "32"


def train(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    splits: Splits,
    signature: Signature,
    run: Run,
    more_hooks: Sequence[Hook] = (),
    start: Path | None = None,
) -> None:
    """Train from the run's last checkpoint, or from the start where there is none.

    Writes metrics.csv and checkpoints/ as it goes, and the outcome to run.json.

    Args:
        more_hooks: what else is to happen after steps and epochs.
        start: a checkpoint whose weights the network begins with, where names and shapes are equal.

    Raises:
        Interrupted: Ctrl-C; everything is saved, and the hint says how to go on.
        TrainingError: the loss is not a number.
        RunError: a checkpoint is damaged.
    """
    first = fabric.is_global_zero
    train_set, valid_set = batches(fabric, learner, config, splits, signature)
    network = same_start(fabric, learner, config, signature)
    fresh = not run.last.exists()
    if fresh:
        learner.prepare(network, train_set.tensors)
    if fresh and start is not None:
        take_over(network, checkpoint.load(start)["network"])
    wrapped, state = assemble(fabric, config, network, len(train_set))
    if not fresh:
        _restore(state, run)
        if fabric.world_size > 1:
            state.outcomes = []  # it is the first process's
    stopper = StopOnInterrupt()
    hooks: list[Hook] = [Recorder(run, snapshot_epochs(config))] if first else []
    hooks += [*more_hooks, stopper]
    hooks += [Display(learner, config, len(train_set), train_set.n_examples)] if first else []
    timer = _Timer(run)
    if first:
        run.update(status="training")
    try:
        for hook in hooks:
            hook.before_training(state)
        fit(fabric, learner, config, wrapped, train_set, valid_set, state, hooks)
    except Stopped:
        if not first:
            raise SystemExit(130) from None
        checkpoint.save(run.last, state.save())
        run.update(status="interrupted", seconds=timer.spent())
        raise Interrupted(
            f"stopped in epoch {state.epoch + 1}, after {state.step} steps; all of it is saved",
            f"go on with: glassnet train --resume {run.resume_path}",
        ) from None
    except (GlassnetError, KeyboardInterrupt):
        if first:
            run.update(status="failed", seconds=timer.spent())
        raise
    finally:
        for hook in hooks:
            hook.after_training(state)
    if first:
        run.update(status="trained", seconds=timer.spent())


def take_over(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Set the weights that have a name and shape of the network's own, and leave the others.

    Example:
        >>> network = nn.Linear(2, 1)
        >>> take_over(network, {"weight": torch.ones(1, 2), "bias": torch.ones(7)})
        >>> network.weight.tolist()
        [[1.0, 1.0]]
    """
    own = network.state_dict()
    fit = {name: w for name, w in weights.items() if name in own and own[name].shape == w.shape}
    network.load_state_dict(fit, strict=False)


def _restore(state: TrainingState, run: Run) -> None:
    saved = checkpoint.load(run.last)
    try:
        state.restore(saved)
    except (RuntimeError, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise RunError(
            f"{run.last}: does not fit the network of run.json ({reason})",
            "restore both from the same run",
        ) from None


class Recorder(Hook):
    """Writes the epoch's row and its checkpoints; first of the hooks, so that a stop finds them."""

    def __init__(self, run: Run, snapshots: frozenset[int]) -> None:
        self.run, self.snapshots = run, snapshots

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        metrics_log.keep(self.run.metrics, state.epoch)
        if not state.step:
            self._snapshot(state)

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        metrics_log.append(self.run.metrics, row)
        if state.best_epoch == state.epoch:
            weights = {"network": state.evaluated.state_dict(), "epoch": state.epoch}
            checkpoint.save(self.run.best, weights | {"value": state.best_value})
        self._snapshot(state)
        if state.epoch_outcomes is not None:
            training_dynamics.keep(
                self.run.training_dynamics_file(state.epoch), state.epoch_outcomes
            )
        checkpoint.save(self.run.last, state.save())
        self.run.update(
            epochs_done=state.epoch,
            best={"epoch": state.best_epoch, "value": state.best_value},
        )

    def _snapshot(self, state: TrainingState) -> None:
        if state.epoch in self.snapshots:
            weights = {"network": state.evaluated.state_dict(), "epoch": state.epoch}
            checkpoint.save(self.run.snapshot(state.epoch), weights)


def snapshot_epochs(config: TrainingConfig) -> frozenset[int]:
    """The epochs whose weights are kept: `config.snapshots` of them, dense early, evenly in ratio.

    Example:
        >>> sorted(snapshot_epochs(TrainingConfig(epochs=100, snapshots=8)))
        [0, 1, 3, 6, 13, 26, 51, 100]
    """
    count, epochs = config.snapshots, config.epochs
    if count > epochs:
        return frozenset(range(epochs + 1))
    chosen = {0} if count else set()
    for place in range(1, count):
        even = (epochs + 1) ** (place / (count - 1)) - 1
        chosen.add(max(round(even), max(chosen) + 1))
    return frozenset(chosen)


@dataclass
class _Timer:
    """Seconds of training, over all of the run's sittings."""

    run: Run

    def __post_init__(self) -> None:
        self.began = time.perf_counter()
        self.before = dict(self.run.info.get("seconds", {}))

    def spent(self) -> dict[str, float]:
        total = self.before.get("train", 0.0) + time.perf_counter() - self.began
        return self.before | {"train": round(total, 2)}


def batches(
    fabric: Fabric,
    learner: Learner,
    config: TrainingConfig,
    splits: Splits,
    signature: Signature,
) -> tuple[Batches, Batches]:
    """The training and the validation part, cut into batches."""
    place: dict[str, Any] = {
        "padding": learner.padding,
        "device": fabric.device,
        "rank": fabric.global_rank,
        "world_size": fabric.world_size,
    }
    size = config.batch_size
    if size < fabric.world_size or len(splits.train) < 2 * fabric.world_size:
        raise ConfigError(
            f"{len(splits.train)} examples in batches of {size} cannot be shared by "
            f"{fabric.world_size} processes",
            "give a larger --batch-size or fewer --processes",
        )
    return (
        Batches(learner.tensors(splits.train, config, signature), size, config.seed, **place),
        Batches(learner.tensors(splits.valid, config, signature), max(size, 500), None, **place),
    )


def same_start(
    fabric: Fabric, learner: Learner, config: TrainingConfig, signature: Signature
) -> nn.Module:
    """The same initial weights in every process, then random states of their own."""
    seeding.seed_everything(config.seed)
    network = learner.build(config, signature)
    seeding.seed_everything(config.seed + fabric.global_rank)
    return network


def assemble(
    fabric: Fabric, config: TrainingConfig, network: nn.Module, batches: int
) -> tuple[nn.Module, TrainingState]:
    """The network as Fabric runs it, and the state around the bare one."""
    network = network.to(fabric.device)
    optimizer = make_optimizer(config, network)
    wrapped, _ = fabric.setup(network, optimizer)
    schedule = make_schedule(config, optimizer, config.epochs * batches)
    average = make_average(config, network)
    return wrapped, TrainingState(network, optimizer, schedule, average)
